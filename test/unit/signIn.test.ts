import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { HrmCluster } from "../../lib";
import { certificateFor } from "../lab/support/certificate";
import { commandsOf, declare } from "./support/declare";
import { example } from "./support/descriptions";
import { readPartText, readStepText } from "./support/literals";
import { changed, clusterProblems, withoutAgent } from "./support/refused";

const ldap = { host: "ldap.example.org", root: "dc=example,dc=org", userSearchDn: "ou=people", manager: "hrm", password: "it's hush" };
const activeDirectory = {
    baseDn: "DC=example,DC=org",
    domainControllers: ["dc1.example.org", "dc2.example.org"],
    username: "hrm",
    password: "hush",
};

describe("who may log in", () => {
    withoutAgent();

    it("refuses a method that HRM has not", async () =>
        expect(await clusterProblems(changed(example(), "web.signIn", { methods: ["integrated", "kerberos"] }))).to.deep.equal([
            'web.signIn.methods[1]: \'kerberos\', want "integrated", "active_dir", "ldap"',
        ]));

    it("takes certificates alone into what the host trusts, each whole", async () => {
        const [one, other] = [certificateFor(["ldap.example.org"]), certificateFor(["other.example.org"])];
        const caOf = async (ca: string) => (await stepsWith({ methods: ["ldap"], ldap, ca })).steps.signIn!.ca;
        const { certificate, key, authority } = one;
        const plain = (pem: string) => pem.replaceAll("\r", "").trim();
        expect(await caOf(`${key}\n${certificate}\r\n${authority}`)).to.equal(`${plain(certificate)}\n${plain(authority)}\n`);
        const lines = other.certificate.trim().split("\n");
        const lacksOne = [...lines.slice(0, 3), ...lines.slice(4)].join("\n");
        for (const ca of [lacksOne, `${certificate}\n${lacksOne}`, key])
            expect((await clusterProblems(changed(example(), "web.signIn", { methods: ["ldap"], ldap, ca }))).join()).to.match(
                /^web\.signIn\.ca: .*want certificates, PEM, each whole/,
            );
    });

    it("takes an authority as long as one of its certificates has not expired", async () => {
        const old = certificateFor(["ldap.example.org"], -1);
        const problems = (ca: string) => clusterProblems(changed(example(), "web.signIn", { methods: ["ldap"], ldap, ca }));
        const database = { host: "db.example.org", password: "x", tls: { ca: old.certificate } };
        const expired = /^web\.(signIn|database\.tls)\.ca: .*, want certificates of which one at least has not expired;/;
        expect((await problems(old.certificate)).join()).to.match(expired);
        expect((await clusterProblems(changed(example(), "web.database", database))).join()).to.match(expired);
        const { steps } = await stepsWith({ methods: ["ldap"], ldap, ca: `${old.certificate}${old.authority}` });
        expect(steps.signIn!.ca.match(/BEGIN/g)).to.have.length(2);
    });

    for (const [path, value, problem] of [
        ["", "ldap", "a text, want an object with methods, ldap, activeDirectory, ca, testUser"],
        ["methods", undefined, "is missing; it is how users log in: a list of integrated, active_dir, ldap"],
        ["methods", [], "an empty list, want a list of integrated, active_dir, ldap, at least one"],
        ["ldap", undefined, 'is missing; the method "ldap" asks it'],
        ["activeDirectory", undefined, 'is missing; the method "active_dir" asks it'],
        ["ldap.host", "ldap://x", "'ldap://x', want a host name"],
        ["ldap.port", 70000, "70000, want a whole number"],
        ["ldap.useTls", "yes", "'yes', want true or false"],
        ["ldap.root", "example.org", "'example.org', want a DN, such as dc=example,dc=org"],
        ["ldap.userSearchDn", `ou=people,${ldap.root.toUpperCase()}`, "ends in the root, which HRM adds to it; leave ',"],
        ["ldap.managerOu", `ou=services,${ldap.root}`, "ends in the root"],
        ["ldap.manager", "cn=hrm,ou=services,dc=example,dc=org", "'cn=hrm,ou=services,dc=example,dc=org', want a name alone"],
        ["activeDirectory.baseDn", "example.org", "'example.org', want a DN, such as dc=example,dc=org"],
        ["ca", "-----BEGIN PRIVATE KEY-----\nhush", "a private key, want certificates, PEM"],
        ["ldap.root", undefined, "is missing; it is the directory's root"],
        ["ldap.userSearchDn", undefined, "is missing; it is where users are"],
        ["ldap.manager", undefined, "is missing; it is who asks for users"],
        ["ldap.managerOu", "services", "'services', want a part of a DN"],
        ["ldap.password", undefined, "is missing; HRM asks for users with it"],
        ["ldap.password", "hush\n", "what is given does not fit, want a text without newlines"],
        ["ldap.authorizedGroups", "imaging", "'imaging', want a list of names of groups"],
        ["ldap.ldap_host", "x", "there is no such argument, only host, port"],
        ["activeDirectory.domainControllers", [], "an empty list, want a list of host names, at least one"],
        ["activeDirectory.domainControllers", "dc1", "'dc1', want a list of host names"],
        ["activeDirectory.baseDn", undefined, "is missing; it is where users are, such as DC=example,DC=org"],
        ["activeDirectory.username", undefined, "is missing; it is who asks for users"],
        ["activeDirectory.usernameSuffixPattern", "a/e", "'a/e', want a regular expression without '/'"],
        ["activeDirectory.realPrimaryGroup", 1, "1, want true or false"],
        ["ca", "/etc/ssl/ca.pem", "'/etc/ssl/ca.pem', want certificates, PEM"],
        ["testUser", "a)(uid=*", "'a)(uid=*', want a user's name"],
    ] as const)
        it(`refuses ${path || "signIn"}: ${problem}`, async () => {
            const good = { methods: ["ldap", "active_dir"], ldap, activeDirectory };
            const found = await clusterProblems(changed(example(), "web.signIn", path === "" ? value : changed(good, path, value)));
            const at = path === "" ? "web.signIn" : `web.signIn.${path}`;
            expect(
                found.some(line => line.startsWith(`${at}: ${problem}`)),
                found.join("\n"),
            ).to.equal(true);
            expect(found.join()).not.to.contain("hush");
        });

    it("tells of a method that there is not, and does not take the part of another for one too many", async () => {
        const found = await clusterProblems(changed(example(), "web.signIn", { methods: ["LDAP"], ldap }));
        expect(found.map(line => line.split(": ")[0])).to.deep.equal(["web.signIn.methods[0]"]);
    });

    for (const [title, signIn, problem] of [
        [
            "a directory that no method asks",
            { methods: ["integrated"], ldap },
            'ldap: is asked by the method "ldap", which is not among methods',
        ],
        [
            "LDAPS and STARTTLS",
            { methods: ["ldap"], ldap: { ...ldap, useSsl: true, useTls: true } },
            "ldap.useTls: is STARTTLS, and useSsl is LDAPS",
        ],
        [
            "two suffixes",
            { methods: ["active_dir"], activeDirectory: { ...activeDirectory, accountSuffix: "@a", usernameSuffix: ".b" } },
            "activeDirectory.usernameSuffix: is for a forest, accountSuffix for a domain without one",
        ],
        [
            "half a pair",
            { methods: ["active_dir"], activeDirectory: { ...activeDirectory, usernameSuffix: ".b", usernameSuffixPattern: "@a" } },
            "activeDirectory.usernameSuffixReplace: is missing; pattern and replacement are a pair",
        ],
        [
            "a pair without a suffix",
            { methods: ["active_dir"], activeDirectory: { ...activeDirectory, usernameSuffixReplace: "@b", usernameSuffixPattern: "@a" } },
            "activeDirectory.usernameSuffix: is missing; the pattern is looked for in a name with it",
        ],
    ] as const)
        it(`refuses ${title}`, async () => {
            const [found, ...more] = await clusterProblems(changed(example(), "web.signIn", signIn));
            expect(found)
                .to.match(/^web\.signIn\./)
                .and.to.contain(problem);
            expect(more).to.deep.equal([]);
        });

    it("refuses methods that settings have as well", async () => {
        const description = {
            ...changed(example(), "web.signIn", { methods: ["ldap"], ldap }),
            settings: { authenticateAgainst: ["ldap"] },
        };
        expect(await clusterProblems(description)).to.deep.equal([
            "web.signIn.methods: is the same as settings.authenticateAgainst, which is given, too; leave that out",
        ]);
    });

    const stepsWith = async (signIn: object) => {
        const { resources } = await declare(() => new HrmCluster("hrm", changed(example(), "web.signIn", signIn) as never));
        const part = commandsOf(resources).find(({ name }) => name === "hrm-web")!;
        const texts = readPartText(part.inputs.stdin).steps.map(({ step, text }) => [step, readStepText(text).values] as const);
        return { part, steps: Object.fromEntries(texts) };
    };

    it("has every variable of HRM's files, LDAPS unless something else is said, and the password as a secret", async () => {
        const { part, steps } = await stepsWith({
            methods: ["ldap", "active_dir"],
            ldap: { ...ldap, password: pulumi.output("it's hush") },
            activeDirectory,
        });
        expect(part.secrets).to.include("stdin");
        const variables = (text: string) => [...text.matchAll(/^\$(\w+) = /gm)].map(([, name]) => name).join(" ");
        expect(variables(steps.signIn!.ldap_config!)).to.equal(
            "ldap_host ldap_port ldap_use_ssl ldap_use_tls ldap_root ldap_manager_base_DN ldap_manager ldap_password ldap_manager_ou ldap_user_search_DN ldap_valid_groups ldap_authorized_groups",
        );
        expect(variables(steps.signIn!.active_directory_config!)).to.equal(
            "ACCOUNT_SUFFIX BASE_DN DOMAIN_CONTROLLERS AD_PORT AD_USERNAME_SUFFIX AD_USERNAME_SUFFIX_PATTERN AD_USERNAME_SUFFIX_REPLACE AD_USERNAME AD_PASSWORD REAL_PRIMARY_GROUP USE_SSL USE_TLS RECURSIVE_GROUPS VALID_GROUPS AUTHORIZED_GROUPS",
        );
        expect(steps.signIn!.ldap_config)
            .to.contain("$ldap_port = 636;\n$ldap_use_ssl = true;\n")
            .and.to.contain("$ldap_password = 'it\\'s hush';");
        expect(steps.config!.hrm_config).to.contain("$authenticateAgainst = ['ldap', 'active_dir'];");
        expect(steps.config!.directory_files).to.equal("");
    });

    it("may be by STARTTLS, or in plain where somebody says so", async () => {
        const of = async (more: object) =>
            (await stepsWith({ methods: ["ldap"], ldap: { ...ldap, ...more } })).steps.signIn!.ldap_config!.match(
                /^\$ldap_(port|use_).*$/gm,
            );
        expect(await of({ useTls: true })).to.deep.equal(["$ldap_port = 389;", "$ldap_use_ssl = false;", "$ldap_use_tls = true;"]);
        expect(await of({ useSsl: false })).to.deep.equal(["$ldap_port = 389;", "$ldap_use_ssl = false;", "$ldap_use_tls = false;"]);
        const { ldap_config } = (await stepsWith({ methods: ["ldap"], ldap: { ...ldap, port: 1636 } })).steps.signIn!;
        expect(ldap_config).to.contain(`$ldap_host = '${ldap.host}:1636';`);
        expect(await of({ port: 1636 })).to.deep.equal(["$ldap_port = 1636;", "$ldap_use_ssl = true;", "$ldap_use_tls = false;"]);
    });

    it("has files of somebody else where it is not described", async () => {
        const { resources } = await declare(
            () => new HrmCluster("hrm", { ...example(), settings: { authenticateAgainst: ["ldap"] } } as never),
        );
        const part = commandsOf(resources).find(({ name }) => name === "hrm-web")!;
        const steps = readPartText(part.inputs.stdin).steps;
        expect(steps.map(({ step }) => step)).not.to.include("signIn");
        expect(readStepText(steps.find(({ step }) => step === "config")!.text).values.directory_files).to.equal("ldap_config.inc");
    });
});
