import * as pulumi from "@pulumi/pulumi";
import { Arguments, type Form, inner, isObject, plain, required } from "./description/arguments";
import { checkWebHost, configurationForm, webHostForm } from "./description/checkWebHost";
import { checkDistinctIdentities, checkUnclaimed, type Host } from "./description/claims";
import { checkHuygensCore, type HuygensCoreArgs, huygensCoreForm } from "./description/huygensCore";
import { Problems } from "./description/problems";
import { canonicalAddress, isLocalhost } from "./description/rules";
import type { HrmSettings } from "./description/settings";
import type { StorageArgs, WebHostArgs } from "./description/webHost";
import type { DriftArgs } from "./hosts/drift/policy";
import { checkNode, checkNodeName, HuygensNode, type NodeArgs, nodeForm } from "./huygensNode";
import { checkDistinctNames, drainSeconds, type Server, ServerRegistry } from "./serverRegistry";
import { WebQueueHost } from "./webQueueHost";

/** A cluster: one web host, one or more nodes, and what they have in common. */
export interface HrmClusterArgs {
    /** The machine with web pages, database and queue manager. */
    web: WebHostArgs;
    /** The machines with Huygens Core, by the names that HRM uses for them. @example { huygens1: { connection, gpus: [0, 1] } } */
    nodes: Record<string, NodeArgs>;
    /** Huygens Core's package and licence for all nodes that have none of their own. @default none: somebody else has installed it */
    huygensCore?: HuygensCoreArgs;
    /** HRM's configuration, where it differs from HRM's sample. @default HRM's sample @example { logVerbosity: 2 } */
    settings?: HrmSettings;
    /** Version of the queue manager's ssh key, from 1. The next number rotates the key. @default 1 */
    keyVersion?: number;
    /** Where the images of users are. @default a folder on each host */
    storage?: StorageArgs;
    /** Seconds that running jobs have to end where a server row goes. When they are over, all is as before and the run fails. @default 14400 */
    drainTimeout?: number;
    /** How hosts are looked at for changes that somebody made by hand. @default with each preview and `up` */
    drift?: DriftArgs;
}

/** A cluster of the Huygens Remote Manager: hosts that answer ssh become one, and the cluster has proven itself when this is done. */
export class HrmCluster extends pulumi.ComponentResource {
    /** Address of HRM's pages. */
    public readonly url: pulumi.Output<string>;
    /** The queue manager's public key. */
    public readonly publicKey: pulumi.Output<string>;
    /** The first password of HRM's user `admin`, a secret. */
    public readonly adminPassword: pulumi.Output<string>;
    /** HRM's registry, row by row. */
    public readonly servers: pulumi.Output<Server[]>;

    /** @throws RunError with every problem of the arguments, before any host is touched */
    constructor(name: string, args: HrmClusterArgs, opts?: pulumi.ComponentResourceOptions) {
        const problems = new Problems();
        checkCluster(problems, args);
        for (const { path, ...host } of hostsOf(args)) checkUnclaimed(problems, name, { path: `${path}.`, ...host });
        problems.throwIfAny(`HrmCluster ${name}`);
        // Without the arguments: a component waits for the resources in its inputs, and they stand in the state, a login perhaps not as a secret.
        super("hrm:index:HrmCluster", name, {}, opts);
        const { settings, keyVersion, drift, storage, drainTimeout, huygensCore } = args;
        const imageProcessingIsOnQueueManager = isOnWebHost(args.nodes);

        const webQueueHost = new WebQueueHost(
            `${name}-web`,
            { ...args.web, settings, keyVersion, drift, storage, imageProcessingIsOnQueueManager },
            { parent: this },
        );
        const nodes = Object.entries(args.nodes).map(
            ([node, rest]) =>
                new HuygensNode(
                    `${name}-${node.toLowerCase()}`,
                    { ...rest, huygensCore: rest.huygensCore ?? huygensCore, node, webQueueHost },
                    { parent: this },
                ),
        );
        const registry = new ServerRegistry(`${name}-registry`, { webQueueHost, nodes, drainTimeout }, { parent: this });

        this.url = webQueueHost.url;
        this.publicKey = webQueueHost.publicKey;
        this.adminPassword = webQueueHost.adminPassword;
        this.servers = registry.servers;
        this.registerOutputs({ url: this.url, publicKey: this.publicKey, adminPassword: this.adminPassword, servers: this.servers });
    }
}

const { drift, ...configuration } = configurationForm;
export const clusterForm: Form<HrmClusterArgs> = {
    web: required("it describes the web and queue host", inner(webHostForm)),
    nodes: required("it describes the machines with Huygens Core", {
        ...{ form: nodeForm, byName: true, want: "an object with a node for each name" },
    }),
    ...configuration,
    drainTimeout: plain(drainSeconds),
    drift,
    huygensCore: inner(huygensCoreForm),
};

export function checkCluster(problems: Problems, args: unknown): void {
    const cluster = Arguments.of(problems, "", args, clusterForm);
    if (!cluster) return;
    const [web, nodes] = [cluster.inner("web"), cluster.inner("nodes")];
    if (web) checkWebHost(cluster, web);
    if (nodes) checkNodes(nodes);
    checkHuygensCore(cluster);
    checkOneCore(cluster);
    checkDistinctHosts(cluster);
}

/** A single node named localhost is the web host itself. */
function isOnWebHost(nodes: object): boolean {
    const names = Object.keys(nodes);
    return names.length === 1 && isLocalhost(names[0] as string);
}

/** The only node may be the web host: two packages would take each other's place. */
function checkOneCore(cluster: Arguments): void {
    const { web, nodes } = { web: cluster.get("web"), nodes: cluster.get("nodes") };
    if (!isObject(web) || !isObject(nodes) || !isOnWebHost(nodes) || web.huygensCore === undefined) return;
    const isGiven =
        cluster.get("huygensCore") !== undefined || Object.values(nodes).some(node => isObject(node) && node.huygensCore !== undefined);
    if (isGiven)
        cluster.problems.add(
            "web.huygensCore",
            "is the same host as the node localhost, which has a huygensCore already; describe one of them",
        );
}

function checkNodes(nodes: Arguments): void {
    const { names, problems } = nodes;
    problems.expect(names.length > 0, "nodes", "is empty; HRM's queue manager needs at least one node");
    for (const name of names) {
        const node = nodes.inner(name);
        if (node) checkNodeName(problems, nodes.at(name), name);
        if (node) checkNode(node, nodes.at(name), name, names.length === 1 && isLocalhost(name));
    }
    checkDistinctNames(
        problems,
        names.map(name => ({ path: nodes.at(name), name })),
    );
}

/** One host under two names: its jobs would overwrite each other's files, and those of the web host would be destroyed. */
function checkDistinctHosts(cluster: Arguments): void {
    const hosts = hostsOf({ web: cluster.get("web"), nodes: cluster.get("nodes") });
    const web = hosts[0];
    for (const { path, name } of hosts.slice(1)) {
        if (typeof web?.name === "string" && name?.toLowerCase() === web.name.toLowerCase())
            cluster.problems.add(path, "is the web host's name; a node is another machine, or, as the only one, localhost");
    }
    // By its name the queue manager finds a node.
    for (const { path, name } of hosts.slice(1)) {
        const other = hosts.find(host => host.path !== path && typeof name === "string" && isAt(host, name));
        if (other) cluster.problems.add(path, `is the address of ${other.path}; a node is another machine`);
    }
    checkDistinctIdentities(cluster.problems, hosts);
}

function isAt({ connection }: Host, name: string): boolean {
    const { host, proxy } = isObject(connection) ? connection : {};
    return typeof host === "string" && !proxy && canonicalAddress(host) === canonicalAddress(name);
}

/** The hosts of a description, which may be wrong in any way. */
function hostsOf(args: unknown): Host[] {
    const { web, nodes } = (args ?? {}) as { web?: Partial<WebHostArgs>; nodes?: Record<string, Partial<NodeArgs>> };
    return [
        { path: "web", name: web?.host, connection: web?.connection, database: web?.database },
        ...Object.entries(nodes ?? {}).map(([name, node]) => ({ path: `nodes.${name}`, name, connection: node?.connection })),
    ];
}
