import type { remote } from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import type { Step, StepHost } from "../hosts/part";
import type { HuygensCoreArgs } from "./huygensCore";
import type { StorageArgs } from "./webHost";

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
    storage: StorageArgs;
    imageProcessingIsOnQueueManager: boolean;
    publicKey: pulumi.Output<string>;
    oldPublicKeys: pulumi.Output<string[]>;
    /** The present one, then the old ones. */
    publicKeys: pulumi.Output<string[]>;
    keyVersion: number;
    /** Whether the nodes accept the key from the web host's addresses alone. */
    from: boolean;
    /** Whether its ssh keeps OpenSSH's order of key exchanges. */
    postQuantumSsh: boolean;
    /** Checksum of all that the queue manager reads when it starts. */
    configuration: pulumi.Output<string>;
    /** What the step `pages` proves; none where somebody else has installed HRM. */
    pages?: Step["values"];
    /** What the step `mail` proves; none where nobody looks after mail. */
    mail?: Step["values"] | undefined;
    /** The account has the cluster's key and the folder for the nodes' ssh configuration. */
    identity: remote.Command;
    /** HRM, its database and its service are there; the service waits for its first row. */
    application: remote.Command;
}

/** What the registry needs to know of a node. */
export interface HuygensNodeFacts {
    node: string;
    hucore: string;
    huygensCore?: HuygensCoreArgs | undefined;
    /** -1 is the CPU. */
    gpus: number[];
    web: WebQueueHostFacts;
    /** `TYPE BLOB`; none for `localhost`. */
    hostKey?: pulumi.Output<string>;
    /** The queue manager's calls to this node are proven; none while it is in maintenance. */
    proof?: Proof;
}

export interface Proof {
    part: remote.Command;
    /** For what: a checksum of the description, which the proof on the web host begins with. */
    described: pulumi.Output<string>;
}

const webHosts = new WeakMap<pulumi.ComponentResource, WebQueueHostFacts>();
const nodes = new WeakMap<pulumi.ComponentResource, HuygensNodeFacts>();

export function tellOfWebHost(web: pulumi.ComponentResource, facts: WebQueueHostFacts): void {
    webHosts.set(web, facts);
}

export function isWebQueueHost(value: unknown): boolean {
    return webHosts.has(value as pulumi.ComponentResource);
}

export function factsOf(web: pulumi.ComponentResource): WebQueueHostFacts {
    return webHosts.get(web)!;
}

export function tellOfNode(node: pulumi.ComponentResource, facts: HuygensNodeFacts): void {
    nodes.set(node, facts);
}

export function isHuygensNode(value: unknown): boolean {
    return nodes.has(value as pulumi.ComponentResource);
}

export function factsOfNode(node: pulumi.ComponentResource): HuygensNodeFacts {
    return nodes.get(node)!;
}
