import * as pulumi from "@pulumi/pulumi";
import { renderTemplate } from "../hosts/templates";
import {
    type Arguments,
    type Form,
    filledList,
    fitting,
    inner,
    input,
    list,
    oneOf,
    plain,
    type Rule,
    required,
    text,
    trueOrFalse,
} from "./arguments";
import { authority, chainOf, present } from "./certificates";
import * as rules from "./rules";
import { Authentication } from "./settings";

/** Who may log in to HRM's pages. */
export interface SignInArgs {
    /** How users log in, the first being the default; HRM's `authenticateAgainst`. @default ["integrated"]: with accounts that HRM keeps itself @example ["ldap", "integrated"] */
    methods: Authentication[];
    /** The directory that "ldap" asks. @default none; required with that method */
    ldap?: LdapArgs;
    /** The domain that "active_dir" asks. @default none; required with that method */
    activeDirectory?: ActiveDirectoryArgs;
    /** PEM: the authority of the directory's certificate, where the host does not trust that by itself. @default none @example readFileSync("directory-ca.pem", "utf8") */
    ca?: string;
    /** A user whom the directory has to know, in an authorised group where there are such, so that `up` proves it. Nothing is done with that account. @default none @example "alice" */
    testUser?: string;
}

/** A directory: the variables of HRM's `ldap_config.inc` (config/samples of HRM 3.10). */
export interface LdapArgs {
    /** Its name, as its certificate has it. @example "ldap.example.org" */
    host: string;
    /** Its port. @default 636 with `useSsl`, else 389 @example 1636 */
    port?: number;
    /** LDAPS: over TLS from the begin. @default true, without `useTls` */
    useSsl?: boolean;
    /** STARTTLS. Where that fails, HRM 3.10 writes it into its log and sends passwords in plain (LDAPProxy.php), so `useSsl` is better. @default false */
    useTls?: boolean;
    /** Its root. @example "dc=example,dc=org" */
    root: string;
    /** Where users are, without the root. @example "ou=people" */
    userSearchDn: string;
    /** Who asks for users: the name alone, without `managerBaseDn` and the rest of its DN. @example "hrm" */
    manager: string;
    /** The manager's password, a secret: a text without control characters. @example config.requireSecret("ldapPassword") */
    password: pulumi.Input<string>;
    /** "cn" or "uid": what the manager's name is in its DN. @default "cn" */
    managerBaseDn?: string;
    /** In front of `userSearchDn` in the manager's DN, where that is not among the users. @default "" @example "ou=services" */
    managerOu?: string;
    /** The groups that become users' groups in HRM. @default those of `authorizedGroups` @example ["imaging", "guests"] */
    validGroups?: string[];
    /** The groups whose members may log in. @default all users may @example ["imaging"] */
    authorizedGroups?: string[];
}

/** A domain: the variables of HRM's `active_directory_config.inc` (config/samples of HRM 3.10; its manual has wrong names for some). */
export interface ActiveDirectoryArgs {
    /** What follows a user's name, in a domain that is no forest; not with `usernameSuffix`. @default "" @example "@example.org" */
    accountSuffix?: string;
    /** Where users are. @example "DC=example,DC=org" */
    baseDn: string;
    /** Names of the domain controllers, as their certificates have them. @example ["dc1.example.org", "dc2.example.org"] */
    domainControllers: string[];
    /** Of each domain controller; 3268 or 3269 is the global catalogue of a forest. @default 636 with `useSsl`, else 389 @example 3269 */
    port?: number;
    /** In a forest: what follows a name that users type with a short domain (`foo@saturn`). @default "" @example ".ads.example.org" */
    usernameSuffix?: string;
    /** A regular expression of PCRE, without `/`, that is looked for in name and suffix; with `usernameSuffixReplace`. @default "" @example "@saturn.ads.example.org" */
    usernameSuffixPattern?: string;
    /** What takes its place. @default "" @example "@ads.example.org" */
    usernameSuffixReplace?: string;
    /** Who asks for users, without `accountSuffix`. @example "hrm" */
    username: string;
    /** That user's password, a secret: a text without control characters. @example config.requireSecret("domainPassword") */
    password: pulumi.Input<string>;
    /** Whether a user's primary group alone counts. @default true, as in HRM's sample */
    realPrimaryGroup?: boolean;
    /** LDAPS: over TLS from the begin. @default true, without `useTls` */
    useSsl?: boolean;
    /** STARTTLS. @default false */
    useTls?: boolean;
    /** Whether groups in groups count. @default true */
    recursiveGroups?: boolean;
    /** The groups that become users' groups in HRM. @default those of `authorizedGroups` @example ["imaging", "guests"] */
    validGroups?: string[];
    /** The groups whose members may log in. @default all users may @example ["imaging"] */
    authorizedGroups?: string[];
}

/** No control character, in a form that every reader of the schema for editors understands. */
const letter = "[^\\x00-\\x1f\\x7f-\\x9f]";
const line = text(new RegExp(`^${letter}+$`), "a text without control characters");
const lineOrNone = text(new RegExp(`^${letter}*$`), "a text without control characters");
const dn = text(new RegExp(`^[A-Za-z][A-Za-z0-9-]*=${letter}+$`), "a part of a DN, such as ou=people");
const rootDn: Rule = { ...dn, want: "a DN, such as dc=example,dc=org" };
const nameAlone = text(
    new RegExp(`^(?!.*=)${letter}+$`),
    "a name alone, without '=': HRM makes the DN managerBaseDn=manager,managerOu,userSearchDn,root of it",
);
const dnOrNone = text(new RegExp(`^([A-Za-z][A-Za-z0-9-]*=${letter}+)?$`), dn.want);
const pattern = text(new RegExp(`^(?!.*/)${letter}*$`), "a regular expression without '/', which HRM puts around it");
const groups = list("a list of names of groups", line);
/** It becomes a part of a filter (uid=NAME). */
const userName = text(/^[A-Za-z0-9._@+-]+$/, "a user's name: letters, digits and ._@+-");

const parts = { ldap: "ldap", active_dir: "activeDirectory" } as const;

const ways: readonly string[] = Object.values(Authentication);

const directory = {
    port: plain(rules.port),
    useSsl: plain(trueOrFalse),
    useTls: plain(trueOrFalse),
    password: required("HRM asks for users with it", input(rules.password)),
    validGroups: groups,
    authorizedGroups: groups,
};

const ldapForm: Form<LdapArgs> = {
    host: required("it is the directory's name", plain(rules.hostName)),
    ...directory,
    root: required("it is the directory's root, such as dc=example,dc=org", plain(rootDn)),
    userSearchDn: required("it is where users are, without the root, such as ou=people", plain(dn)),
    manager: required("it is who asks for users: the name alone", plain(nameAlone)),
    managerBaseDn: plain(text(/^[A-Za-z][A-Za-z0-9-]*$/, "cn or uid")),
    managerOu: plain(dnOrNone),
};

const activeDirectoryForm: Form<ActiveDirectoryArgs> = {
    accountSuffix: plain(lineOrNone),
    baseDn: required("it is where users are, such as DC=example,DC=org", plain(rootDn)),
    domainControllers: required("they are the names of the domain controllers", filledList("a list of host names", rules.hostName)),
    usernameSuffix: plain(lineOrNone),
    usernameSuffixPattern: plain(pattern),
    usernameSuffixReplace: plain(lineOrNone),
    username: required("it is who asks for users", plain(line)),
    realPrimaryGroup: plain(trueOrFalse),
    recursiveGroups: plain(trueOrFalse),
    ...directory,
};

export const signInForm: Form<SignInArgs> = {
    methods: required(`it is how users log in: a list of ${ways.join(", ")}`, filledList(`a list of ${ways.join(", ")}`, oneOf(ways))),
    ldap: inner(ldapForm),
    activeDirectory: inner(activeDirectoryForm),
    ca: plain(authority, present),
    testUser: plain(userName),
};

/** What the form cannot say of the argument `signIn` of a web host. @param beside the arguments beside which `settings` stands */
export function checkSignIn(beside: Arguments, web: Arguments): void {
    const signIn = web.inner("signIn");
    if (!signIn) return;
    const methods = signIn.get("methods");
    if (beside.inner("settings")?.get("authenticateAgainst") !== undefined)
        signIn.add("methods", "is the same as settings.authenticateAgainst, which is given, too; leave that out");
    for (const [method, part] of Object.entries(parts)) {
        const isMethod = Array.isArray(methods) && methods.includes(method);
        if (isMethod) signIn.require(part, `the method "${method}" asks it`);
        else if (signIn.get(part) !== undefined && Array.isArray(methods) && methods.every(each => ways.includes(each)))
            signIn.add(part, `is asked by the method "${method}", which is not among methods; add it there, or leave this out`);
    }
    checkDns(signIn.inner("ldap"));
    checkTls(signIn.inner("ldap"));
    checkTls(signIn.inner("activeDirectory"));
    checkActiveDirectory(signIn.inner("activeDirectory"));
}

/** As an administrator hands them out, they are whole. */
function checkDns(ldap: Arguments | undefined): void {
    const root = ldap?.get("root");
    for (const name of ["userSearchDn", "managerOu"]) {
        const given = ldap?.get(name);
        if (typeof root === "string" && typeof given === "string" && given.toLowerCase().endsWith(`,${root.toLowerCase()}`))
            ldap?.add(name, `ends in the root, which HRM adds to it; leave ',${root}' out`);
    }
}

function checkActiveDirectory(domain: Arguments | undefined): void {
    if (!domain) return;
    const has = (name: string) => !["", undefined].includes(domain.get(name) as string | undefined);
    if (has("accountSuffix") && has("usernameSuffix"))
        domain.add("usernameSuffix", "is for a forest, accountSuffix for a domain without one; leave one of them out");
    if (has("usernameSuffixPattern") !== has("usernameSuffixReplace"))
        domain.add(
            has("usernameSuffixPattern") ? "usernameSuffixReplace" : "usernameSuffixPattern",
            "is missing; pattern and replacement are a pair",
        );
    if (has("usernameSuffixPattern") && !has("usernameSuffix"))
        domain.add("usernameSuffix", "is missing; the pattern is looked for in a name with it");
}

function checkTls(given: Arguments | undefined): void {
    if (given?.get("useSsl") === true && given.get("useTls") === true)
        given.add("useTls", "is STARTTLS, and useSsl is LDAPS: HRM takes one of them; leave one out");
}

/** What the step `signIn` gets. */
export interface SignIn {
    ldap_config: pulumi.Output<string>;
    active_directory_config: pulumi.Output<string>;
    ca: string;
    test_user: string;
}

/** @returns nothing where somebody else looks after it */
export function signInOf(label: string, args: SignInArgs | undefined): SignIn | undefined {
    if (!args) return undefined;
    const { ldap, activeDirectory, ca = "", testUser = "" } = args;
    const asked = ldap && { ...ldapDefaults, ...withPort(ldap) };
    return {
        ldap_config: fileOf("ldap_config.inc", `${label}: signIn.ldap.password`, asked && { ...asked, host: hostOf(asked) }),
        active_directory_config: fileOf(
            "active_directory_config.inc",
            `${label}: signIn.activeDirectory.password`,
            activeDirectory && { ...domainDefaults, ...withPort(activeDirectory) },
        ),
        ca: ca === "" ? "" : `${chainOf(ca)}\n`,
        test_user: testUser,
    };
}

const ldapDefaults = { managerBaseDn: "cn", managerOu: "", validGroups: [], authorizedGroups: [] };
const domainDefaults = {
    ...{ accountSuffix: "", usernameSuffix: "", usernameSuffixPattern: "", usernameSuffixReplace: "" },
    ...{ realPrimaryGroup: true, recursiveGroups: true, validGroups: [], authorizedGroups: [] },
};

function withPort<T extends { port?: number; useSsl?: boolean; useTls?: boolean }>(args: T) {
    const { useTls = false, useSsl = !useTls, port = useSsl ? 636 : 389 } = args;
    return { ...args, useTls, useSsl, port };
}

/** HRM asks `ldaps://HOST`, beside which PHP takes no port (ldap_connect). */
function hostOf({ host, useSsl, port }: { host: string; useSsl: boolean; port: number }): string {
    return useSsl && port !== 636 ? `${host}:${port}` : host;
}

function fileOf(
    template: "ldap_config.inc" | "active_directory_config.inc",
    what: string,
    values: (Record<string, unknown> & { password: pulumi.Input<string> }) | undefined,
): pulumi.Output<string> {
    if (!values) return pulumi.output("");
    const known = fitting(what, pulumi.secret(values.password), rules.password);
    return known.apply(password => renderTemplate(template, { ...values, password }));
}
