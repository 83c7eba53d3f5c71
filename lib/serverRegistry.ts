import type { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { Arguments, type Form, plain, required, wholeNumber } from "./description/arguments";
import { factsOf, factsOfNode, type HuygensNodeFacts, isHuygensNode, isWebQueueHost, type Proof } from "./description/facts";
import { Problems } from "./description/problems";
import { drainSeconds as byDefault, drainPace, pace } from "./hosts/pace";
import { declarePart, lookNow, type Step, type StepHost } from "./hosts/part";
import type { HuygensNode } from "./huygensNode";
import type { WebQueueHost } from "./webQueueHost";

/** Whose rows HRM's table `server` has. */
export interface ServerRegistryArgs {
    /** The web host, in whose database the registry is. */
    webQueueHost: WebQueueHost;
    /** All nodes of the cluster: HRM forgets the others. */
    nodes: HuygensNode[];
    /** Seconds that running jobs have to end where a row goes. When they are over, all is as before and the run fails. @default 14400 */
    drainTimeout?: number;
}

/** One row of HRM's table `server`. */
export interface Server {
    /** `HOST GPU`. @example "huygens1 0" */
    name: string;
    /** Absolute path of hucore on that host. @example "/usr/local/bin/hucore" */
    hucore: string;
    /** Number of the GPU as hucore has it; -1 is the CPU. @example 0 */
    gpuId: number;
}

/**
 * HRM's registry of servers. Afterwards HRM has exactly the rows of these nodes, each of a node that has proven itself, and the queue manager runs.
 */
export class ServerRegistry extends pulumi.ComponentResource {
    /** The registry, row by row. */
    public readonly servers: pulumi.Output<Server[]>;

    /** @throws RunError with every problem of the arguments, before any host is touched */
    constructor(name: string, args: ServerRegistryArgs, opts?: pulumi.ComponentResourceOptions) {
        checkServerRegistry(name, args);
        super("hrm:index:ServerRegistry", name, {}, opts);
        const { webQueueHost, drainTimeout = byDefault } = args;
        const web = factsOf(webQueueHost);
        const nodes = args.nodes.map(factsOfNode);
        const serving = nodes.filter(({ proof }) => proof !== undefined);
        const names = (some: HuygensNodeFacts[]) => some.map(({ node }) => node);
        const hrm = { user: web.user, hrm_path: web.hrmPath };
        const drain = { drain_seconds: drainTimeout, ...drainPace() };
        // After the drain, time for a host that does not answer.
        const timeLimitSeconds = drainTimeout + 600;
        const rows: Step = {
            step: "rows",
            values: {
                ...{ ...hrm, ...drain },
                nodes: pulumi.all(
                    serving.map(({ node, hucore, gpus, proof }) =>
                        (proof as Proof).described.apply(described => [node, hucore, gpus.join(","), described].join("\t")),
                    ),
                ),
            },
            timeLimitSeconds,
            // Whatever a node that leaves does.
            evenAfterFailure: true,
        };
        const registry = declarePart(
            name,
            {
                host: web.host,
                about: `HRM sends jobs to ${names(serving).join(", ") || "nobody"}`,
                steps: [
                    {
                        step: "departures",
                        values: {
                            ...{ ...hrm, ...drain, nodes: names(nodes), serving: names(serving) },
                            public_keys: web.publicKeys,
                            host_keys: pulumi.all(nodes.flatMap(({ hostKey }) => hostKey ?? [])),
                        },
                        timeLimitSeconds,
                        undo: true,
                    },
                    rows,
                    // After the rows: a changed configuration may be right for hosts that have proven themselves with it only.
                    {
                        step: "restart",
                        values: {
                            ...hrm,
                            configuration: web.configuration,
                            restart_seconds: restartSeconds,
                            ...{ look_seconds: pace.look, settle_seconds: pace.settle, hang_seconds: pace.hang, call_seconds: pace.call },
                        },
                        // After the round, the first row is asked, and the start is waited for.
                        timeLimitSeconds: restartSeconds + 900,
                        // The other nodes have jobs to do.
                        evenAfterFailure: true,
                    },
                    {
                        step: "keys",
                        values: {
                            ...{ ...hrm, key_version: web.keyVersion, old_public_keys: web.oldPublicKeys, nodes: names(serving) },
                            retire: serving.length === nodes.length ? "yes" : "no",
                            ...{ log_folder: web.logFolder, log_file: web.logFile, look_seconds: pace.look },
                        },
                    },
                    // HRM's login page warns until it has the version of hucore on its first row.
                    ...(web.pages && serving.length > 0 ? [{ step: "pages" as const, values: web.pages }] : []),
                    // Jobs run without it.
                    ...(web.mail ? [{ step: "mail" as const, values: web.mail, timeLimitSeconds: 3600, evenAfterFailure: true }] : []),
                ],
            },
            {
                parent: this,
                dependsOn: [web.application],
                waitsFor: serving.map(({ proof }) => (proof as Proof).part),
                formerly: [`${name}-departures`],
            },
        );

        const all = serving.flatMap(({ node, hucore, gpus }) => gpus.map(gpuId => ({ name: `${node} ${gpuId}`, hucore, gpuId })));
        this.servers = pulumi.output(present(registry, web.host, rows, all));
        this.registerOutputs({ servers: this.servers });
    }
}

/** Of the servers, those whose rows are there: all of them, unless the registry has failed or was skipped in an `up`; then HRM is asked. */
async function present(registry: remote.Command, host: StepHost, rows: Step, servers: Server[]): Promise<Server[]> {
    if (pulumi.runtime.isDryRun() || (await (registry.stdout as unknown as { isKnown: Promise<boolean> }).isKnown)) return servers;
    const found = await lookNow(host, rows);
    return servers.filter(
        ({ name }) => found?.checked && !found.differences.some(line => line.startsWith(`server row ${name}: found none,`)),
    );
}

/** A round of the queue manager may include the copying of large images. */
const restartSeconds = 1800;

export const drainSeconds = wholeNumber(1, 30 * 24 * 3600);

const serverRegistryForm: Form<ServerRegistryArgs> = {
    webQueueHost: required("it is the WebQueueHost of the nodes", plain({ fits: isWebQueueHost, want: "a WebQueueHost" })),
    nodes: required(
        "HRM's queue manager needs at least one node",
        plain({ fits: isListOfNodes, want: "a list of HuygensNodes, at least one" }),
    ),
    drainTimeout: plain(drainSeconds),
};

function checkServerRegistry(name: string, args: unknown): void {
    const problems = new Problems();
    Arguments.of(problems, "", args, serverRegistryForm);
    problems.throwIfAny(`ServerRegistry ${name}`);
    checkTogether(problems, args as ServerRegistryArgs);
    problems.throwIfAny(`ServerRegistry ${name}`);
}

function isListOfNodes(value: unknown): boolean {
    return Array.isArray(value) && value.length > 0 && Array.from(value).every(isHuygensNode);
}

function checkTogether(problems: Problems, { webQueueHost, nodes }: ServerRegistryArgs): void {
    checkDistinctNames(
        problems,
        nodes.map((node, index) => ({ path: `nodes[${index}]`, name: factsOfNode(node).node })),
    );
    for (const [index, node] of nodes.entries()) {
        problems.expect(factsOfNode(node).web === factsOf(webQueueHost), `nodes[${index}]`, "belongs to another webQueueHost");
    }
}

/** HRM compares names without case. */
export function checkDistinctNames(problems: Problems, names: readonly { path: string; name: string }[]): void {
    const seen = new Map<string, string>();
    for (const { path, name } of names) {
        const earlier = seen.get(name.toLowerCase());
        if (earlier !== undefined) problems.add(path, `is the same name as ${earlier} for HRM, which ignores case`);
        else seen.set(name.toLowerCase(), path);
    }
}
