import type { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { Arguments, fitting, trueOrFalse, wholeNumber } from "./arguments";
import { checkConnection } from "./checkConnection";
import { checkSettings } from "./checkSettings";
import type { ConnectionArgs } from "./connection";
import { checkDrift, type DriftArgs, driftPolicy } from "./drift/policy";
import { openSshKeyPair } from "./openSshKey";
import { pace } from "./pace";
import { Problems } from "./problems";
import type { PhpValue } from "./quote";
import * as rules from "./rules";
import { type HrmSettings, settingVariables } from "./settings";
import { StepChain, type StepHost } from "./step";
import { renderTemplate } from "./templates";

/** HRM's database. Without arguments: MariaDB on the web host, with a generated password. */
export interface DatabaseArgs {
    /** Where it runs. On another host than "localhost" it must exist, with the user and the privileges. @default "localhost" */
    host?: string;
    /** Its name. @default "hrm" */
    name?: string;
    /** HRM's user in the database. @default "hrm" */
    user?: string;
    /** Any text without control characters. @default a generated one */
    password?: pulumi.Input<string>;
}

/** The web host, as it stands in the description of a cluster. */
export interface WebHostArgs {
    /** Its DNS name, for people and links. @example "hrm.example.org" */
    host: string;
    /** How the administrator logs in. */
    connection: ConnectionArgs;
    /** HRM's account: the queue manager runs as it here, and hucore on the nodes. @default "hrm" */
    user?: string;
    /** Its group, which the web server's user joins. @default "hrm" */
    group?: string;
    /** User of the web server. @default "www-data" */
    webServerUser?: string;
    /** Where HRM is. Absolute; the nodes get `scripts/hucore.tcl` at the same path. @default "/var/www/html/hrm" */
    hrmPath?: string;
    /** The users' images, here and on the nodes. Absolute. @default "/data/hrm_data" */
    imageFolder?: string;
    /** HRM's log files. Absolute. @default "/var/log/hrm" */
    logFolder?: string;
    /** Huygens Core on this host, for previews; the free reader licence will do. @default "/usr/local/bin/hucore" */
    hucore?: string;
    /** HRM's database. @default MariaDB on this host, with a generated password */
    database?: DatabaseArgs;
    /**
     * Secret text of at least 32 characters, none of them a blank, from which the queue manager's ssh keys are computed. Kept outside of Pulumi's
     * state, it brings back the same keys should the state be lost. @default a generated one, in the state
     */
    keySeed?: pulumi.Input<string>;
}

/** Where the images of users are. */
export interface StorageArgs {
    /**
     * Whether the image folder is on storage that all hosts share (NFS): nothing is copied then. Without it HRM copies images to the nodes, each
     * of which has an image folder of its own. @default false
     */
    shared?: boolean;
}

export interface WebQueueHostArgs extends WebHostArgs {
    /** HRM's configuration, where it differs from HRM's sample. */
    settings?: HrmSettings;
    /** Version of the queue manager's ssh key, from 1. The next number rotates the key. @default 1 */
    keyVersion?: number;
    /** Where the images of users are. @default a folder on each host */
    storage?: StorageArgs;
    /** Whether this host is its own and only node, which is named `localhost` then. @default false */
    imageProcessingIsOnQueueManager?: boolean;
    /** How this host and its nodes are looked at for changes that somebody made by hand. */
    drift?: DriftArgs;
}

/** What the other components need to know of a web host. It is no property of the class, since each of those is an output in the schema. */
export interface WebQueueHostFacts {
    name: string;
    host: StepHost;
    user: string;
    group: string;
    hrmPath: string;
    imageFolder: string;
    logFolder: string;
    logFile: string;
    pingCommand: string;
    pingParameter: string;
    shared: boolean;
    imageProcessingIsOnQueueManager: boolean;
    publicKey: pulumi.Output<string>;
    oldPublicKeys: pulumi.Output<string[]>;
    keyVersion: number;
    /** The account has the cluster's key and the folder for the nodes' ssh configuration. */
    identity: remote.Command;
    queueManager: remote.Command;
}

const facts = new WeakMap<WebQueueHost, WebQueueHostFacts>();

export function isWebQueueHost(value: unknown): boolean {
    return facts.has(value as WebQueueHost);
}

export function factsOf(web: WebQueueHost): WebQueueHostFacts {
    return facts.get(web)!;
}

/**
 * The machine with HRM's web pages, database and queue manager. Afterwards the account, folders, database, configuration, schema, ssh key and
 * service are there; the service starts with the first row of the registry (see `ServerRegistry`).
 */
export class WebQueueHost extends pulumi.ComponentResource {
    /** Address of HRM's pages. */
    public readonly url: pulumi.Output<string>;
    /** The queue manager's public key: `ssh-ed25519 AAAA… hrm-cluster`. */
    public readonly publicKey: pulumi.Output<string>;

    /** @throws RunError with every problem of the arguments, before any host is touched */
    constructor(name: string, args: WebQueueHostArgs, opts?: pulumi.ComponentResourceOptions) {
        checkWebQueueHost(name, args);
        super("hrm:index:WebQueueHost", name, {}, opts);

        const { host: label, connection, user = "hrm", group = "hrm", webServerUser = "www-data", keyVersion = 1 } = args;
        const { hrmPath = "/var/www/html/hrm", imageFolder = "/data/hrm_data", logFolder = "/var/log/hrm" } = args;
        const database = databaseOf(name, args.database, this);
        const keys = keyPairOf(name, keyVersion, args.keySeed, this);
        const variables: Record<string, PhpValue> = {
            ...settingVariables(args.settings ?? {}, label),
            ...derivedVariables(args),
            db_type: "mysqli",
        };
        const { host: db_host, name: db_name, user: db_user } = database;
        const logFile = String(variables.logfile);
        const [pingCommand, pingParameter] = [String(variables.ping_command), String(variables.ping_parameter)];

        const hrm = { user, hrm_path: hrmPath };
        const host = { label, connection, drift: driftPolicy(args.drift) };
        const steps = new StepChain(name, host, this);
        steps.add("account", { about: `user ${user} in group ${group}`, values: { user, group, web_user: webServerUser } });
        steps.add("folders", {
            about: `${imageFolder} and ${logFolder}`,
            values: { user, group, folders: [`6770 ${imageFolder}`, `6770 ${logFolder}`] },
        });
        steps.add("application", { about: `HRM at ${hrmPath}`, values: { ...hrm, ping_command: pingCommand } });
        steps.add("database", {
            about: `database ${db_name} for ${db_user} on ${db_host}`,
            values: { user, db_host, db_name, db_user, db_password: database.password },
        });
        steps.add("config", {
            about: "hrm_config.inc and /etc/hrm.conf",
            values: {
                ...hrm,
                group,
                hrm_config: database.password.apply(db_password =>
                    renderTemplate("hrm_config.inc", { ...variables, db_host, db_name, db_user, db_password }),
                ),
                hrm_conf: renderTemplate("hrm.conf", variables),
            },
        });
        steps.add("schema", { about: `HRM's tables in ${db_name}`, values: { ...hrm, db_host, db_name } });
        const identity = steps.add("identity", {
            about: `ssh key ${keyVersion} of ${user}`,
            values: { ...hrm, key_version: keyVersion, private_key: keys.privateKey },
            undo: true,
        });
        const queueManager = steps.add("queueManager", {
            about: "hrmd.service",
            values: {
                ...{ user, group, log_folder: logFolder, log_file: logFile },
                start_script: renderTemplate("queue-manager-start.php", { look: pace.look }),
                unit: renderTemplate("hrmd.service", { ...variables, restart: pace.restart, database_is_here: db_host === "localhost" }),
            },
            undo: true,
        });

        facts.set(this, {
            ...{ name, host, user, group, hrmPath, imageFolder, logFolder, logFile, pingCommand, pingParameter, keyVersion },
            shared: args.storage?.shared ?? false,
            imageProcessingIsOnQueueManager: args.imageProcessingIsOnQueueManager ?? false,
            ...{ publicKey: keys.publicKey, oldPublicKeys: keys.oldPublicKeys, identity, queueManager },
        });
        this.url = pulumi.output(String(variables.hrm_url));
        this.publicKey = keys.publicKey;
        this.registerOutputs({ url: this.url, publicKey: this.publicKey });
    }
}

/** HRM's variables that follow from the arguments, but for the database's. */
function derivedVariables(args: WebQueueHostArgs) {
    const { user = "hrm", group = "hrm", imageFolder = "/data/hrm_data" } = args;
    return {
        huygens_user: user,
        huygens_group: group,
        image_user: user,
        image_group: group,
        image_folder: imageFolder,
        // HRM looks for the marker of a finished job on the node under the web host's path, so both are the same.
        huygens_server_image_folder: imageFolder,
        local_huygens_core: args.hucore ?? "/usr/local/bin/hucore",
        hrm_path: args.hrmPath ?? "/var/www/html/hrm",
        logdir: args.logFolder ?? "/var/log/hrm",
        imageProcessingIsOnQueueManager: args.imageProcessingIsOnQueueManager ?? false,
        copy_images_to_huygens_server: !args.imageProcessingIsOnQueueManager && !args.storage?.shared,
    };
}

function databaseOf(name: string, args: DatabaseArgs = {}, parent: pulumi.Resource) {
    const { host = "localhost", name: database = "hrm", user = "hrm" } = args;
    // Letters and digits only: the password is strong by its length, and somebody will have to type it into a client one day.
    const password =
        args.password ?? new random.RandomPassword(`${name}-database-password`, { length: 32, special: false }, { parent }).result;
    return { host, name: database, user, password: fitting(`${name}: database.password`, pulumi.secret(password), rules.password) };
}

function keyPairOf(name: string, version: number, given: pulumi.Input<string> | undefined, parent: pulumi.Resource) {
    // Not RandomBytes, whose base64 text is also its id, which Pulumi keeps in plain text.
    const text = given ?? new random.RandomPassword(`${name}-key-seed`, { length: 64, special: false }, { parent }).result;
    const seed = fitting(`${name}: keySeed`, pulumi.secret(text), rules.keySeed);
    const pair = seed.apply(known => openSshKeyPair(known, version, "hrm-cluster"));
    // Earlier ones may still be authorised on a node: the last of them where a web host has moved, more where runs were skipped.
    const versions = Array.from({ length: version - 1 }, (_, index) => index + 1).slice(-5);
    const old = seed.apply(known => versions.map(each => openSshKeyPair(known, each, "hrm-cluster").publicKey));
    return { publicKey: pulumi.unsecret(pair.publicKey), privateKey: pair.privateKey, oldPublicKeys: pulumi.unsecret(old) };
}

const webHostNames = [
    ...["host", "connection", "user", "group", "webServerUser", "hrmPath", "imageFolder", "logFolder", "hucore", "database", "keySeed"],
];

function checkWebQueueHost(name: string, args: unknown): void {
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
        web.plain("imageProcessingIsOnQueueManager", trueOrFalse);
    }
    problems.throwIfAny(`WebQueueHost ${name}`);
}

/** The arguments that stand beside the web host in the description of a cluster. */
export function checkConfiguration(args: Arguments): void {
    checkSettings(args.problems, args.at("settings"), args.get("settings"));
    args.plain("keyVersion", wholeNumber(1, 1_000_000));
    args.inner("storage", ["shared"])?.plain("shared", trueOrFalse);
    checkDrift(args);
}

export function checkWebHostAt(problems: Problems, path: string, value: unknown): void {
    const web = Arguments.of(problems, path, value, webHostNames);
    if (web) checkWebHost(web);
}

function checkWebHost(web: Arguments): void {
    if (web.require("host", "it is the DNS name of the web host")) web.plain("host", rules.hostName);
    checkConnection(web.problems, web.at("connection"), web.get("connection"), web.get("host"));
    for (const name of ["user", "group", "webServerUser"]) web.plain(name, rules.accountName);
    for (const name of ["hrmPath", "imageFolder", "logFolder", "hucore"]) web.plain(name, rules.absolutePath);
    web.input("keySeed", rules.keySeed);
    const database = web.inner("database", ["host", "name", "user", "password"]);
    if (!database) return;
    database.plain("host", rules.hostName);
    database.plain("name", rules.databaseName);
    database.plain("user", rules.databaseName);
    const host = database.get("host") ?? "localhost";
    if (host !== "localhost") database.require("password", `the database on ${host} has one already`);
    database.input("password", rules.password);
}
