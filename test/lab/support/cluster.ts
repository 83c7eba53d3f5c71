import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { repositoryRoot } from "../../../engine/root";
import { type Outcome, Stack } from "../../../engine/stack";
import { type JobResult, submitJobs, waitForJobs } from "../../../lab/jobs";
import { type Lab, type LabHost, labDown, labUp } from "../../../lab/lab";

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
    web: HostDescription & { host: string };
    nodes: Record<string, HostDescription>;
    settings?: Record<string, unknown>;
    keyVersion?: number;
    drainTimeout?: number;
    drift?: Record<string, unknown>;
}

/** A lab, and a stack that describes it. */
export class TestCluster {
    /** Change it, then `configure`. */
    description: Description;

    private constructor(
        readonly lab: Lab,
        readonly stack: Stack,
    ) {
        this.description = {
            web: { host: "web", connection: reach(lab.web) },
            nodes: Object.fromEntries(lab.nodes.map(node => [node.name, describeNode(node)])),
            // The machine is busy with other labs, and a host that was not looked at would be "as described".
            drift: { connectSeconds: 60, checkSeconds: 60 },
        };
    }

    /** @param gpus of each node */
    static async make(name: string, gpus: number[][], env: Record<string, string> = {}): Promise<TestCluster> {
        // What an earlier run that was killed may have left.
        await labDown(name);
        const lab = await labUp({ name, gpus, log: () => {} });
        return TestCluster.of(lab, env);
    }

    private static async of(lab: Lab, env: Record<string, string>): Promise<TestCluster> {
        const stack = await openStack(lab, env);
        const cluster = new TestCluster(lab, stack);
        await stack.configure("adminKey", readFileSync(lab.admin.privateKey, "utf8"), { secret: true });
        await cluster.configure();
        return cluster;
    }

    /** The same hosts and a new, empty stack. */
    async afterLossOfState(): Promise<TestCluster> {
        rmSync(join(this.lab.folder, "stack"), { recursive: true });
        return TestCluster.of(this.lab, {});
    }

    /** The same stack, with variables in Pulumi's environment. */
    stackWith(env: Record<string, string>): Promise<Stack> {
        return openStack(this.lab, env);
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

function openStack(lab: Lab, env: Record<string, string>): Promise<Stack> {
    return Stack.open({ program: join(repositoryRoot(), "test/lab/program"), folder: join(lab.folder, "stack"), env });
}

export function reach(host: LabHost): { host: string; hostKey: string } {
    return { host: host.address, hostKey: host.hostKey };
}

export function describeNode(node: LabHost): HostDescription {
    return { connection: reach(node), gpus: node.gpus };
}
