import type { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { Arguments, describe } from "./arguments";
import { checkConnection } from "./checkConnection";
import type { ConnectionArgs } from "./connection";
import { withoutComment } from "./hostKey";
import { Problems } from "./problems";
import * as rules from "./rules";
import { declareStep, StepChain } from "./step";
import { renderTemplate } from "./templates";
import { factsOf, isWebQueueHost, type WebQueueHost, type WebQueueHostFacts } from "./webQueueHost";

/** A Huygens node, as it stands in the description of a cluster. */
export interface NodeArgs {
    /** How the administrator logs in. Its `hostKey` is what the queue manager trusts, too. */
    connection: ConnectionArgs;
    /** The GPUs that get a row in the registry, by the numbers that `huOpt gpu -query names` prints in hucore. @default none: one row for the CPU */
    gpus?: number[];
    /** Absolute path of hucore on the node, at most 60 characters. @default "/usr/local/bin/hucore" */
    hucore?: string;
}

export interface HuygensNodeArgs extends NodeArgs {
    /** The web host whose queue manager sends jobs here. */
    webQueueHost: WebQueueHost;
    /** HRM's name of the node: it must resolve and answer ping on the web host. @default the name of the component */
    node?: string;
}

/** What the registry needs to know of a node. */
export interface HuygensNodeFacts {
    node: string;
    hucore: string;
    /** -1 is the CPU. */
    gpus: number[];
    web: WebQueueHostFacts;
    /** The queue manager's calls to this node are proven. */
    link: remote.Command;
}

const facts = new WeakMap<HuygensNode, HuygensNodeFacts>();

export function isHuygensNode(value: unknown): boolean {
    return facts.has(value as HuygensNode);
}

export function factsOfNode(node: HuygensNode): HuygensNodeFacts {
    return facts.get(node)!;
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

        const { webQueueHost, node = name, connection, hucore = "/usr/local/bin/hucore" } = args;
        const gpus = args.gpus?.length ? args.gpus : [-1];
        const web = factsOf(webQueueHost);
        const { user, group, imageFolder, hrmPath } = web;

        const steps = new StepChain(name, { label: node, connection, drift: web.host.drift }, this);
        steps.add("account", { about: `user ${user} in group ${group}`, values: { user, group, web_user: "" } });
        steps.add("folders", { about: imageFolder, values: { user, group, folders: [`2770 ${imageFolder}`, `- ${hrmPath}/scripts`] } });
        steps.add("hucore", { about: hucore, values: { user, hucore, node } });
        const access = steps.add("access", { about: `the queue manager's key for ${user}`, values: { user, public_key: web.publicKey } });

        // ssh compares the names of Host blocks with case, HRM without.
        const file = node.toLowerCase();
        const names = node === file ? node : `${node} ${file}`;
        const hostKey = pulumi.output(connection.hostKey).apply(withoutComment);
        const port = pulumi.output(connection.port ?? 22);
        const link = declareStep(
            `${name}-link`,
            {
                host: web.host,
                step: "link",
                subject: file,
                about: `to ${node}`,
                values: {
                    ...{ user, hrm_path: hrmPath, node, hucore, image_folder: imageFolder },
                    ...{ ping_command: web.pingCommand, ping_parameter: web.pingParameter },
                    ssh_config: pulumi
                        .all([hostKey, port])
                        .apply(([key, number]) =>
                            renderTemplate("node.ssh_config", { names, file, port: number, hostKeyAlgorithm: key.type }),
                        ),
                    known_hosts: pulumi.all([hostKey, port]).apply(([{ key }, number]) =>
                        // ssh looks a host on another port up under this name.
                        renderTemplate("node.known_hosts", {
                            knownHost: number === 22 ? file : `[${file}]:${number}`,
                            hostKey: key,
                        }),
                    ),
                },
            },
            { parent: this, dependsOn: [access, web.identity] },
        );

        facts.set(this, { node, hucore, gpus, web, link });
        this.servers = pulumi.output(gpus.map(gpu => `${node} ${gpu}`));
        this.registerOutputs({ servers: this.servers });
    }
}

const nodeNames = ["connection", "gpus", "hucore"];

function checkHuygensNode(name: string, args: unknown): void {
    const problems = new Problems();
    const node = Arguments.of(problems, "", args, [...nodeNames, "webQueueHost", "node"]);
    if (node?.require("webQueueHost", "it is the WebQueueHost whose queue manager sends jobs here")) {
        node.plain("webQueueHost", { fits: isWebQueueHost, want: "a WebQueueHost" });
    }
    if (node) checkNode(node, "node", node.get("node") ?? name);
    problems.throwIfAny(`HuygensNode ${name}`);
}

/** @param path of the node in the arguments of a cluster; the last part of it is the node's name */
export function checkNodeAt(problems: Problems, path: string, name: string, value: unknown): void {
    const node = Arguments.of(problems, path, value, nodeNames);
    if (node) checkNode(node, "", name);
}

function checkNode(node: Arguments, nameArgument: string, name: unknown): void {
    const at = nameArgument === "" ? node.at("").slice(0, -1) : node.at(nameArgument);
    if (!rules.hostName.fits(name)) node.problems.add(at, `${describe(name)}, want ${rules.hostName.want}`);
    else if (/^localhost(\.|$)/i.test(String(name))) node.problems.add(at, "would be the web host itself; give the node's own name");
    checkConnection(node.problems, node.at("connection"), node.get("connection"), name);
    checkGpus(node);
    node.plain("hucore", rules.absolutePath);
    const { length } = String(node.get("hucore") ?? "");
    if (length > 60) node.add("hucore", `${length} characters, HRM's registry holds 60`);
}

function checkGpus(node: Arguments): void {
    const gpus = node.get("gpus");
    node.plain("gpus", { fits: Array.isArray, want: "a list of GPU numbers such as [0, 1]; leave it out for CPU only" });
    if (!Array.isArray(gpus)) return;
    for (const [index, gpu] of gpus.entries()) {
        if (!rules.gpuNumber.fits(gpu))
            node.add(`gpus[${index}]`, `${describe(gpu)}, want a GPU's number from 0; leave gpus out for CPU only`);
        else if (gpus.indexOf(gpu) !== index) node.add(`gpus[${index}]`, `${gpu} is there twice`);
    }
}
