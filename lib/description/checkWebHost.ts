import { checkDrift } from "../hosts/drift/policy";
import { Arguments, trueOrFalse, wholeNumber } from "./arguments";
import { checkConnection } from "./checkConnection";
import { checkSettings } from "./checkSettings";
import { checkUnclaimed, type Host } from "./claims";
import { checkHuygensCore } from "./huygensCore";
import { checkMail } from "./mail";
import { Problems } from "./problems";
import { checkRelease } from "./release";
import * as rules from "./rules";
import { checkSignIn } from "./signIn";
import { checkSite } from "./site";
import { ownAccount, ownDatabase, ownDatabaseUser, ownFolder, ownGroup, programFolder, webServerAccount } from "./systemNames";
import { defaults, type StorageArgs, type WebHostArgs } from "./webHost";

const webHostNames = Object.keys({
    ...{
        host: true,
        connection: true,
        user: true,
        group: true,
        webServerUser: true,
        hrmPath: true,
        imageFolder: true,
        logFolder: true,
        hucore: true,
    },
    ...{
        application: true,
        packages: true,
        database: true,
        webServer: true,
        authorizedKeys: true,
        postQuantumSsh: true,
        adminPassword: true,
        keySeed: true,
        huygensCore: true,
        mail: true,
        signIn: true,
    },
} satisfies Record<keyof WebHostArgs, true>);

/** @throws RunError with every problem of the arguments */
export function checkWebQueueHost(name: string, args: unknown): void {
    const problems = new Problems();
    const web = Arguments.of(problems, "", args, [
        ...webHostNames,
        "settings",
        "keyVersion",
        "drift",
        "storage",
        "imageProcessingIsOnQueueManager",
    ]);
    if (web) {
        checkWebHost(web);
        checkConfiguration(web);
        checkBeside(web, web);
        checkUnclaimed(problems, name, {
            path: "",
            name: web.get("host"),
            connection: web.get("connection"),
            database: web.get("database"),
        } as Host);
        web.plain("imageProcessingIsOnQueueManager", trueOrFalse);
    }
    problems.throwIfAny(`WebQueueHost ${name}`);
}

/** The arguments that stand beside the web host in the description of a cluster. */
export function checkConfiguration(args: Arguments): void {
    checkSettings(args.problems, args.at("settings"), args.get("settings"));
    args.plain("keyVersion", wholeNumber(1, 1_000_000));
    const storage = args.inner("storage", ["shared", "takeOver", "minFreeGb"]);
    storage?.plain("shared", trueOrFalse);
    storage?.plain("minFreeGb", wholeNumber(0, 1_000_000));
    storage?.plain("takeOver", {
        fits: value => Array.isArray(value) && value.every(rules.absolutePath.fits),
        want: "a list of absolute paths",
    });
    checkDrift(args);
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

/** @param cluster of which it is the web host */
export function checkWebHostAt(cluster: Arguments, name: string): void {
    const web = Arguments.of(cluster.problems, cluster.at(name), cluster.get(name), webHostNames);
    if (web) checkWebHost(web);
    if (web) checkBeside(cluster, web);
}

/** What belongs to arguments that stand beside the web host in the description of a cluster. */
function checkBeside(args: Arguments, web: Arguments): void {
    checkTakeOver(args, web);
    checkMail(args, web);
    checkSignIn(args, web);
}

function checkWebHost(web: Arguments): void {
    if (web.require("host", "it is the DNS name of the web host")) web.plain("host", rules.hostName);
    checkConnection(web.problems, web.at("connection"), web.get("connection"), web.get("host"));
    web.plain("user", rules.accountName, ownAccount);
    web.plain("group", rules.accountName, ownGroup);
    web.plain("webServerUser", rules.accountName, webServerAccount);
    checkFolders(web);
    web.plain("hucore", rules.absolutePath);
    const user = web.get("user") ?? defaults.user;
    if (user === (web.get("webServerUser") ?? defaults.webServerUser) && ownAccount.fits(user))
        web.add(
            web.get("user") === undefined ? "webServerUser" : "user",
            "is the web server's user and HRM's account in one; HRM needs an account of its own, such as hrm",
        );
    web.input("keySeed", rules.keySeed);
    web.input("adminPassword", rules.adminPassword);
    checkHuygensCore(web);
    checkRelease(web);
    web.inner("packages", ["install"])?.plain("install", trueOrFalse);
    checkSite(web);
    web.plain("postQuantumSsh", trueOrFalse);
    web.inner("authorizedKeys", ["from"])?.plain("from", trueOrFalse);
    const database = web.inner("database", ["host", "name", "user", "password"]);
    if (!database) return;
    database.plain("host", rules.hostName);
    database.plain("name", rules.databaseName, ownDatabase);
    database.plain("user", rules.databaseName, ownDatabaseUser);
    const host = database.get("host") ?? "localhost";
    if (host !== "localhost") database.require("password", `the database on ${host} has one already`);
    database.input("password", rules.password);
}

const folderRules = { hrmPath: programFolder, logFolder: ownFolder, imageFolder: ownFolder };

/** Else images would be shown to the web, or HRM's program could be changed by its users. The home of the account is refused as a folder of the system. */
function checkFolders(web: Arguments): void {
    const seen: [name: string, folder: string][] = [];
    for (const name of ["hrmPath", "logFolder", "imageFolder"] as const) {
        web.plain(name, rules.absolutePath, folderRules[name]);
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
