import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { repositoryRoot } from "../../../engine/root";
import { type Outcome, Stack } from "../../../engine/stack";
import { must } from "../../../lab/command";
import type { Release } from "../../../lab/image";
import { type JobResult, submitJobs, waitForJobs } from "../../../lab/jobs";
import { type Lab, type LabHost, labCopy, labDown, labUp } from "../../../lab/lab";
import { quickPace } from "../../../lab/pace";
import { programOptions } from "../../support/programOptions";
import { attachedProviders } from "./attached";
import { inlinePrograms } from "./inline";
import { madeCluster } from "./madeCluster";
import { jsonIn } from "./preview";
import { until } from "./until";
import { vault } from "./vault";

interface Login {
    host: string;
    hostKey: string;
    port?: number;
    user?: string;
    password?: string;
    privateKey?: string;
    privateKeyPassword?: string;
    agentSocketPath?: string;
    dialErrorLimit?: number;
    perDialTimeout?: number;
}

export interface HostDescription {
    connection: Login & { proxy?: Login };
    gpus?: number[];
    hucore?: string;
    [other: string]: unknown;
}

/** What test/lab/program makes a cluster of. */
export interface Description {
    /** Of the component. @default "hrm" */
    name?: string;
    web: HostDescription & { host: string };
    nodes: Record<string, HostDescription>;
    settings?: Record<string, unknown>;
    keyVersion?: number;
    storage?: { shared?: boolean; takeOver?: string[]; minFreeGb?: number };
    drainTimeout?: number;
    drift?: Record<string, unknown>;
}

export interface ClusterOptions {
    /** In Pulumi's environment. */
    env?: Record<string, string>;
    /** What waits as it does elsewhere, not as short as a test can bear: the library's steps, or the stand-in HRM, too. */
    realPace?: "steps" | "all";
    /** Debian's, by default that of the lab. */
    release?: Release;
    /** Whether the web host begins with nothing of what HRM needs. */
    bare?: boolean;
}

/** A lab, and a stack that describes it. */
export class TestCluster {
    /** Change it, then `configure`. */
    description: Description;

    private constructor(
        readonly lab: Lab,
        readonly stack: Stack,
        private readonly env: Record<string, string>,
    ) {
        this.description = {
            web: { host: "web", connection: reach(lab.web) },
            nodes: Object.fromEntries(lab.nodes.map(node => [node.name, describeNode(node)])),
            // The machine is busy with other labs, and a host that was not looked at would be "as described".
            drift: { connectSeconds: 60, checkSeconds: 60 },
        };
    }

    /** @param gpus of each node */
    static async make(file: string, gpus: number[][], { env = {}, realPace, release, bare }: ClusterOptions = {}): Promise<TestCluster> {
        const name = labName(file);
        // What an earlier run that was killed may have left.
        await labDown(name);
        const lab = await labUp({ name, gpus, release, bare, ...(realPace !== "all" && { pace: quickPace }), log: () => {} });
        return TestCluster.of(lab, { ...(realPace && { HRM_TEST_PACE: "real" }), ...env });
    }

    /**
     * A cluster that is up: a copy of one that is made once for all test files, with HRM's log at the verbosity at which it says where it sends jobs.
     * @param gpus of each node; few different ones, since each is a cluster more that has to be made
     */
    static async ready(file: string, gpus: number[][]): Promise<TestCluster> {
        const name = labName(file);
        const saved = await madeCluster(gpus, async folder => {
            // Of a name that the next maker takes down where this one was killed; clusters of other shapes may be made at the same time.
            const cluster = await TestCluster.make(["made", ...gpus.map(list => list.length)].join("-"), gpus);
            try {
                cluster.description.settings = { logVerbosity: 2 };
                await cluster.configure();
                await cluster.up();
                await cluster.lab.save(folder, ["stack"]);
            } finally {
                await cluster.down();
            }
        });
        await labDown(name);
        const lab = await labCopy(name, saved, () => {});
        await must("cp", ["-a", "--", join(saved, "stack"), lab.folder]);
        const cluster = new TestCluster(lab, await openStack(lab, {}), {});
        cluster.description.settings = { logVerbosity: 2 };
        await until("the queue manager's start", () => cluster.hasStarted());
        return cluster;
    }

    /** The address at which the lab's hosts reach this machine. */
    get machine(): string {
        return this.lab.web.address.replace(/\d+$/, "254");
    }

    /** The queue manager sends jobs. */
    async hasStarted(): Promise<boolean> {
        const { code } = await this.lab.exec("web", "systemctl is-active --quiet hrmd");
        return code === 0 && (await this.sql("SELECT value FROM queuemanager WHERE field = 'switch'"))[0] === "on";
    }

    /** @param description by default that of all hosts of the lab */
    private static async of(lab: Lab, env: Record<string, string>, description?: Description): Promise<TestCluster> {
        const stack = await openStack(lab, env);
        const cluster = new TestCluster(lab, stack, env);
        if (description) cluster.description = description;
        await stack.configure("adminKey", readFileSync(lab.admin.privateKey, "utf8"), { secret: true });
        await cluster.configure();
        return cluster;
    }

    /** The same hosts and a new, empty stack. */
    async afterLossOfState(): Promise<TestCluster> {
        rmSync(join(this.lab.folder, "stack"), { recursive: true });
        return TestCluster.of(this.lab, this.env, this.description);
    }

    /** The same stack, with variables in Pulumi's environment. */
    stackWith(env: Record<string, string>): Promise<Stack> {
        return openStack(this.lab, { ...this.env, ...env });
    }

    /** The stack's outputs, secrets as well. */
    async outputs(): Promise<{ url: string; adminPassword: string; servers: { name: string }[] }> {
        return jsonIn((await this.stack.run(["stack", "output", "--json", "--show-secrets"])).output);
    }

    /** Names of the rows, as the stack's output has them. */
    async servers(): Promise<string[]> {
        return (await this.outputs()).servers.map(({ name }) => name);
    }

    async configure(): Promise<void> {
        await this.stack.configure("cluster", JSON.stringify(this.description));
    }

    /** @throws with all that Pulumi printed, unless it succeeds */
    async up(): Promise<Outcome> {
        const outcome = await this.stack.up();
        if (outcome.code !== 0) throw new Error(`pulumi up ended with ${outcome.code}:\n${outcome.output}`);
        return outcome;
    }

    /** All hosts were looked at, and are as described. */
    async expectNothingToDo(): Promise<void> {
        const { code, output } = await this.stack.preview("--expect-no-changes");
        expect(code, output).to.equal(0);
        expect(output).not.to.match(/not looked at/);
    }

    /** Rows of the table `server`, a line each. */
    async rows(): Promise<string[]> {
        return this.sql("SELECT name, huscript_path, COALESCE(gpuId, 'NULL') FROM server ORDER BY name");
    }

    async sql(statement: string): Promise<string[]> {
        const output = await this.lab.run("web", "mariadb --batch --skip-column-names hrm", { stdin: statement });
        return output
            .trim()
            .split("\n")
            .filter(line => line !== "")
            .map(line => line.replaceAll("\t", " | "));
    }

    /** One job for each server row, at once. */
    async runJobs(count: number, seconds = 4): Promise<JobResult[]> {
        const ids = await submitJobs(this.lab, { count, seconds });
        return waitForJobs(this.lab, ids, { timeoutSeconds: 120, log: () => {} });
    }

    async down(): Promise<void> {
        await this.lab.down();
    }
}

/** Two checkouts whose tests run at the same time need labs of different names: `HRM_TEST_LABS=b` makes `b-drift` of `t-drift`, and `bmade-1`. */
function labName(name: string): string {
    const { HRM_TEST_LABS: letter } = process.env;
    return letter ? name.replace(/^(t(?=-)|(?=made))/, letter) : name;
}

async function openStack(lab: Lab, env: Record<string, string>): Promise<Stack> {
    const program = join(repositoryRoot(), "test/lab/program");
    const own = { NODE_OPTIONS: programOptions, ...(await attachedProviders()), ...(await vault()) };
    const options = { keepsLogs: false, programHost: inlinePrograms, env: { ...own, ...env } };
    return Stack.open({ program, folder: join(lab.folder, "stack"), ...options });
}

export function reach(host: LabHost): { host: string; hostKey: string } {
    return { host: host.address, hostKey: host.hostKey };
}

export function describeNode(node: LabHost): HostDescription {
    return { connection: reach(node), gpus: node.gpus };
}
