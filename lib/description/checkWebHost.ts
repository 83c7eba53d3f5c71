import { checkDriftMode, driftForm } from "../hosts/drift/policy";
import { Arguments, type Form, inner, input, list, plain, required, trueOrFalse, wholeNumber } from "./arguments";
import { authority, present } from "./certificates";
import { checkConnection, connectionForm } from "./checkConnection";
import { checkSettings, settingsForm, unknownSetting } from "./checkSettings";
import { checkUnclaimed, type Host } from "./claims";
import { checkHuygensCore, huygensCoreForm } from "./huygensCore";
import { checkMail, mailForm } from "./mail";
import { Problems } from "./problems";
import { applicationForm, checkRelease } from "./release";
import * as rules from "./rules";
import { checkSignIn, signInForm } from "./signIn";
import { checkSite, webServerForm } from "./site";
import { ownAccount, ownDatabase, ownDatabaseUser, ownFolder, ownGroup, programFolder, webServerAccount } from "./systemNames";
import {
    type AuthorizedKeysArgs,
    type DatabaseArgs,
    type DatabaseTlsArgs,
    defaults,
    type PackagesArgs,
    type StorageArgs,
    type WebHostArgs,
    type WebQueueHostArgs,
} from "./webHost";

const folderRules = { hrmPath: programFolder, logFolder: ownFolder, imageFolder: ownFolder };

export const webHostForm: Form<WebHostArgs> = {
    host: required("it is the DNS name of the web host", plain(rules.hostName)),
    connection: required("it is how the administrator logs in", inner(connectionForm)),
    user: plain(rules.accountName, ownAccount),
    group: plain(rules.accountName, ownGroup),
    webServerUser: plain(rules.accountName, webServerAccount),
    hrmPath: plain(rules.absolutePath, folderRules.hrmPath),
    imageFolder: plain(rules.absolutePath, folderRules.imageFolder),
    logFolder: plain(rules.absolutePath, folderRules.logFolder),
    hucore: plain(rules.absolutePath),
    application: inner(applicationForm),
    packages: inner<PackagesArgs>({ install: plain(trueOrFalse) }),
    database: inner<DatabaseArgs>({
        host: plain(rules.hostName),
        name: plain(rules.databaseName, ownDatabase),
        user: plain(rules.databaseName, ownDatabaseUser),
        password: input(rules.password),
        tls: inner<DatabaseTlsArgs>({ ca: plain(authority, present) }),
    }),
    webServer: inner(webServerForm),
    authorizedKeys: inner<AuthorizedKeysArgs>({ from: plain(trueOrFalse) }),
    postQuantumSsh: plain(trueOrFalse),
    adminPassword: input(rules.adminPassword),
    keySeed: input(rules.keySeed),
    huygensCore: inner(huygensCoreForm),
    mail: inner(mailForm),
    signIn: inner(signInForm),
};

/** The arguments that stand beside the web host in the description of a cluster. */
export const configurationForm: Form<Pick<WebQueueHostArgs, "settings" | "keyVersion" | "storage" | "drift">> = {
    settings: { ...inner(settingsForm), want: "an object such as { logVerbosity: 2 }", unknown: unknownSetting },
    keyVersion: plain(wholeNumber(1, 1_000_000)),
    storage: inner<StorageArgs>({
        shared: plain(trueOrFalse),
        takeOver: list("a list of absolute paths", rules.absolutePath),
        minFreeGb: plain(wholeNumber(0, 1_000_000)),
    }),
    drift: inner(driftForm),
};

const webQueueHostForm: Form<WebQueueHostArgs> = {
    ...webHostForm,
    ...configurationForm,
    imageProcessingIsOnQueueManager: plain(trueOrFalse),
};

/** @throws RunError with every problem of the arguments */
export function checkWebQueueHost(name: string, args: unknown): void {
    const problems = new Problems();
    const web = Arguments.of(problems, "", args, webQueueHostForm);
    if (web) {
        checkWebHost(web, web);
        checkUnclaimed(problems, name, {
            path: "",
            name: web.get("host"),
            connection: web.get("connection"),
            database: web.get("database"),
        } as Host);
    }
    problems.throwIfAny(`WebQueueHost ${name}`);
}

/** A path that is neither would be one that is misspelt. */
function checkTakeOver(args: Arguments, web: Arguments): void {
    const storage = args.get("storage") as StorageArgs | undefined;
    const folders = (["imageFolder", "logFolder"] as const).map(name => web.known(name) ?? defaults[name]);
    for (const [index, path] of (Array.isArray(storage?.takeOver) ? storage.takeOver : []).entries()) {
        if (rules.absolutePath.fits(path) && !folders.includes(path))
            args.add(`storage.takeOver[${index}]`, `'${path}' is neither the image folder nor the log folder: ${folders.join(", ")}`);
    }
}

/**
 * What the forms cannot say of a web host.
 * @param beside the arguments beside which its configuration stands
 */
export function checkWebHost(beside: Arguments, web: Arguments): void {
    checkSettings(beside);
    checkDriftMode(beside);
    checkTakeOver(beside, web);
    checkMail(beside, web);
    checkSignIn(beside, web);
    checkConnection(web, web.get("host"));
    checkFolders(web);
    const user = web.get("user") ?? defaults.user;
    if (user === (web.get("webServerUser") ?? defaults.webServerUser) && ownAccount.fits(user))
        web.add(
            web.get("user") === undefined ? "webServerUser" : "user",
            "is the web server's user and HRM's account in one; HRM needs an account of its own, such as hrm",
        );
    checkHuygensCore(web);
    checkRelease(web);
    checkSite(web);
    const database = web.inner("database");
    const host = database?.get("host") ?? "localhost";
    if (typeof host !== "string") return;
    if (!rules.isLocalhost(host)) database?.require("password", `the database on ${host} has one already`);
    else if (database?.get("tls") !== undefined)
        database.add(
            "tls",
            "is for a database on another host, and this one is reached by its socket; leave it out, or name the other host with database.host",
        );
}

/** Else images would be shown to the web, or HRM's program could be changed by its users. The home of the account is refused as a folder of the system. */
function checkFolders(web: Arguments): void {
    const seen: [name: string, folder: string][] = [];
    for (const name of ["hrmPath", "logFolder", "imageFolder"] as const) {
        const folder = web.known(name) ?? defaults[name];
        if (!rules.absolutePath.fits(folder) || !folderRules[name].fits(folder)) continue;
        const owner = /^\/home\/([^/]+)\//.exec(folder as string)?.[1];
        const user = web.known("user") ?? defaults.user;
        if (owner !== undefined && owner !== user)
            web.add(name, `'${folder}' lies in the home of ${owner}, want it outside, or in that of ${user}`);
        for (const [earlier, other] of seen) {
            const how = overlap(folder as string, other);
            if (how) web.add(name, `'${folder}' ${how} ${earlier}, ${other}; each needs a folder of its own`);
        }
        seen.push([name, folder as string]);
        if (name === "hrmPath" && web.get("application") !== undefined) seen.push(["the releases of hrmPath", `${folder}.d`]);
    }
}

function overlap(folder: string, other: string): string | undefined {
    if (folder === other) return "is";
    if (folder.startsWith(`${other}/`)) return "lies in";
    return other.startsWith(`${folder}/`) ? "holds" : undefined;
}
