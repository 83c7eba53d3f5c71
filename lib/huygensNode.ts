import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { Arguments, describe, type Form, inner, list, plain, type Rule, required, trueOrFalse } from "./description/arguments";
import { checkConnection, connectionForm } from "./description/checkConnection";
import { checkUnclaimed, claim, type Host } from "./description/claims";
import { factsOf, type HuygensNodeFacts, isWebQueueHost, type Proof, tellOfNode } from "./description/facts";
import { withoutComment } from "./description/hostKey";
import { checkHuygensCore, type HuygensCoreArgs, huygensCoreForm, packageOf } from "./description/huygensCore";
import { Problems } from "./description/problems";
import * as rules from "./description/rules";
import { foldersOfOthers, powers } from "./description/webHost";
import type { ConnectionArgs } from "./hosts/connection";
import { drainPace, drainSeconds, pace } from "./hosts/pace";
import { declarePart } from "./hosts/part";
import type { StepValue } from "./hosts/stepText";
import { renderTemplate } from "./hosts/templates";
import { declareHuygensCore } from "./huygensCore";
import type { WebQueueHost } from "./webQueueHost";

/** A Huygens node, as it stands in the description of a cluster. */
export interface NodeArgs {
    /** How the administrator logs in. Its `hostKey` is what the queue manager trusts, too. @default none, for the node `localhost`; required for others */
    connection?: ConnectionArgs;
    /** The GPUs that get a row in the registry, by the numbers that `huOpt gpu -query names` prints in hucore. @default none: one row for the CPU @example [0, 1] */
    gpus?: number[];
    /** Absolute path of hucore on the node, at most 60 characters. @default "/usr/local/bin/hucore" */
    hucore?: string;
    /** Huygens Core's package and licence for this node. @default the cluster's; with none, somebody else has installed what `hucore` names */
    huygensCore?: HuygensCoreArgs;
    /**
     * Whether the node is taken out of service: its rows go once their jobs have ended, and nothing on it is contacted. Back in service it proves
     * itself anew. @default false
     */
    maintenance?: boolean;
}

/** A node with its web host. */
export interface HuygensNodeArgs extends NodeArgs {
    /** The web host whose queue manager sends jobs here. */
    webQueueHost: WebQueueHost;
    /** HRM's name of the node: it must resolve and answer ping on the web host. @default the name of the component @example "huygens1" */
    node?: string;
}

/**
 * A machine that runs Huygens Core. Afterwards the account, the image folder and the queue manager's access are there, and the calls that the
 * queue manager will make have been made. HRM sends jobs once a `ServerRegistry` has the node.
 */
export class HuygensNode extends pulumi.ComponentResource {
    /** Names of the node's rows in the registry: `huygens1 0`, `huygens1 1`. */
    public readonly servers: pulumi.Output<string[]>;

    /** @throws RunError with every problem of the arguments, before any host is touched */
    constructor(name: string, args: HuygensNodeArgs, opts?: pulumi.ComponentResourceOptions) {
        checkHuygensNode(name, args);
        super("hrm:index:HuygensNode", name, {}, opts);
        claim(name, { name: args.node ?? name, connection: args.connection });

        const { webQueueHost, node = name, connection, hucore = "/usr/local/bin/hucore", huygensCore, maintenance = false } = args;
        const gpus = args.gpus?.length ? args.gpus : [-1];
        const web = factsOf(webQueueHost);
        const described = { node, hucore, huygensCore, gpus, web };

        if (rules.isLocalhost(node)) {
            tellOfNode(this, { ...described, proof: maintenance ? undefined : proveLocally(name, described, this) });
        } else {
            const access = connection as ConnectionArgs;
            const hostKey = pulumi.output(access.hostKey).apply(key => withoutComment(key).key);
            tellOfNode(this, { ...described, hostKey, proof: maintenance ? undefined : prove(name, described, access, this) });
        }
        this.servers = pulumi.output(maintenance ? [] : gpus.map(gpu => `${node} ${gpu}`));
        this.registerOutputs({ servers: this.servers });
    }
}

/** `destroy --target` of a node drains it first, for as long as its registry has said; this is more than that may be. */
const undoSeconds = 31 * 24 * 3600;

/** What is done on the node, then what is proven from the web host. */
function prove(name: string, facts: HuygensNodeFacts, connection: ConnectionArgs, parent: pulumi.Resource): Proof {
    const { node, hucore, huygensCore, gpus, web } = facts;
    const { user, group, imageFolder, hrmPath, storage } = web;
    const { shared = false, minFreeGb = 1 } = storage;
    const from = web.from ? "yes" : "no";
    const login = { label: node, connection, drift: web.host.drift };
    const core = declareHuygensCore(name, login, { user, group }, huygensCore, { parent, dependsOn: [web.identity] });
    const host = declarePart(
        name,
        {
            host: login,
            about: `user ${user} in group ${group}, ${shared ? `${hrmPath}/scripts` : imageFolder}, ${hucore}, the queue manager's key`,
            steps: [
                { step: "account", values: { user, group, ...powers } },
                {
                    step: "folders",
                    values: {
                        user,
                        group,
                        folders: [...(shared ? [] : [`2770 ${imageFolder}`]), `- ${hrmPath}/scripts`],
                        hrm_path: "",
                        ...foldersOfOthers(storage),
                    },
                },
                ...core.steps,
                { step: "hucore", values: { user, hucore, node } },
                { step: "access", values: { user, public_key: web.publicKey, from } },
            ],
        },
        // It refuses a key that has been retired, which then is authorised nowhere.
        { parent, dependsOn: [web.identity, ...core.files], formerly: [`${name}-access`] },
    );
    const files = sshFiles(node, connection, !web.postQuantumSsh);
    const values = {
        ...{ user, hrm_path: hrmPath, node, hucore, image_folder: imageFolder, shared: shared ? "yes" : "no", from },
        ...{ key_version: web.keyVersion, public_keys: web.publicKeys, gpus, min_free_gb: minFreeGb, login_seconds: pace.login },
        ...{ ping_command: web.pingCommand, ping_parameter: web.pingParameter },
        ssh_config: files.ssh_config,
        known_hosts: files.known_hosts,
    };
    const described = digestOf({ ...values, ...packageOf(huygensCore) });
    const link = declarePart(
        `${name}-link`,
        {
            host: web.host,
            about: `the queue manager reaches ${node}`,
            steps: [
                {
                    step: "link",
                    subject: node.toLowerCase(),
                    values: { ...values, described, drain_seconds: drainSeconds, ...drainPace() },
                    undo: undoSeconds,
                },
            ],
        },
        { parent, dependsOn: [host, web.application] },
    );
    return { part: link, described };
}

/** The web host itself, which the queue manager calls without ssh. */
function proveLocally(name: string, { node, hucore, huygensCore, gpus, web }: HuygensNodeFacts, parent: pulumi.Resource): Proof {
    const { user, group, hrmPath } = web;
    const values = { user, hrm_path: hrmPath, hucore, gpus };
    const described = digestOf({ ...values, ...packageOf(huygensCore) });
    const core = declareHuygensCore(name, web.host, { user, group }, huygensCore, { parent, dependsOn: [web.identity] });
    const part = declarePart(
        name,
        {
            host: web.host,
            about: `${hucore} answers as the queue manager will ask it`,
            steps: [
                ...core.steps,
                { step: "hucore", values: { user, hucore, node } },
                { step: "localHucore", values: { ...values, described } },
            ],
        },
        { parent, dependsOn: [web.application, ...core.files], formerly: [`${name}-localHucore`] },
    );
    return { part, described };
}

/** For what a node proves itself: by it the registry knows whether it has done that with the present description. */
function digestOf(values: Record<string, pulumi.Input<StepValue>>): pulumi.Output<string> {
    return pulumi.output(values).apply(known => createHash("sha256").update(JSON.stringify(known)).digest("hex"));
}

/** The queue manager's ssh files for the node. Files are named in lower case, since HRM compares names without case. */
function sshFiles(node: string, connection: ConnectionArgs, quickKeyExchange: boolean) {
    const file = node.toLowerCase();
    return pulumi.all([pulumi.output(connection.hostKey).apply(withoutComment), connection.port ?? 22]).apply(([hostKey, port]) => ({
        ssh_config: renderTemplate("node.ssh_config", {
            // ssh compares the names of Host blocks with case, HRM without.
            names: node === file ? node : `${node} ${file}`,
            ...{ file, port, hostKeyAlgorithm: hostKey.type, quickKeyExchange },
        }),
        known_hosts: renderTemplate("node.known_hosts", {
            // ssh looks a host on another port up under this name.
            knownHost: port === 22 ? file : `[${file}]:${port}`,
            hostKey: hostKey.key,
        }),
    }));
}

/** Of the registry's column. */
const registryPath: Rule = {
    fits: value => (value as string).length <= 60,
    want: "at most 60 characters, which is what HRM's registry holds",
    schema: { maxLength: 60 },
};

const gpu: Rule = { ...rules.gpuNumber, want: "a GPU's number from 0; leave gpus out for CPU only" };

export const nodeForm: Form<NodeArgs> = {
    connection: inner(connectionForm),
    gpus: list("a list of GPU numbers such as [0, 1]; leave it out for CPU only", gpu),
    hucore: plain(rules.absolutePath, registryPath),
    maintenance: plain(trueOrFalse),
    huygensCore: inner(huygensCoreForm),
};

const huygensNodeForm: Form<HuygensNodeArgs> = {
    ...nodeForm,
    webQueueHost: required(
        "it is the WebQueueHost whose queue manager sends jobs here",
        plain({ fits: isWebQueueHost, want: "a WebQueueHost" }),
    ),
    node: plain(rules.hostName),
};

function checkHuygensNode(name: string, args: unknown): void {
    const problems = new Problems();
    const node = Arguments.of(problems, "", args, huygensNodeForm);
    const web = node?.get("webQueueHost");
    const isOnWebHost = isWebQueueHost(web) && factsOf(web as WebQueueHost).imageProcessingIsOnQueueManager;
    const given = node?.get("node");
    const label = given === undefined ? name : given;
    // What is given was looked at.
    if (given === undefined) checkNodeName(problems, "node", name);
    if (node) checkNode(node, "node", label, isOnWebHost);
    if (node) checkUnclaimed(problems, name, { path: "", name: label, connection: node.get("connection") } as Host);
    problems.throwIfAny(`HuygensNode ${name}`);
}

export function checkNodeName(problems: Problems, path: string, name: string): void {
    problems.expect(rules.hostName.fits(name), path, `${describe(name)}, want ${rules.hostName.want}`);
}

/**
 * What the form cannot say of a node.
 * @param path of its name
 * @param isOnWebHost whether the only node is the web host itself, which has no ssh to itself then
 */
export function checkNode(node: Arguments, path: string, name: unknown, isOnWebHost: boolean): void {
    if (rules.hostName.fits(name)) checkLocalhost(node, path, String(name), isOnWebHost);
    if (!isOnWebHost) node.require("connection", "it is how the administrator logs in");
    checkConnection(node, name);
    checkGpus(node);
    checkHuygensCore(node);
}

function checkLocalhost(node: Arguments, at: string, name: string, isOnWebHost: boolean): void {
    if (isOnWebHost)
        node.problems.expect(
            rules.isLocalhost(name),
            at,
            "the node that is the web host itself has to be named localhost, or HRM uses ssh",
        );
    else if (rules.isLoopback(name)) {
        node.problems.add(at, "would be the web host itself; give the node's own name, or describe the web host as its only node");
    } else checkNotHere(node);
}

/** On another port it may be a tunnel, and behind a bastion it is the bastion's. */
function checkNotHere(node: Arguments): void {
    const { host, port = 22, proxy } = (node.get("connection") ?? {}) as Partial<ConnectionArgs>;
    if (typeof host === "string" && rules.isLoopback(host) && port === 22 && !proxy)
        node.add("connection.host", `'${host}' is the machine that runs Pulumi; give the address by which it reaches the node`);
}

function checkGpus(node: Arguments): void {
    const given = node.get("gpus");
    const gpus: unknown[] = Array.isArray(given) ? given : [];
    for (const [index, gpu] of gpus.entries())
        if (rules.gpuNumber.fits(gpu) && gpus.indexOf(gpu) !== index) node.add(`gpus[${index}]`, `${gpu} is there twice`);
}
