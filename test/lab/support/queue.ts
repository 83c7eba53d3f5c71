import type { Outcome } from "../../../engine/stack";
import { endJobs, type JobResult, submitJobs, waitForJobs } from "../../../lab/jobs";
import type { TestCluster } from "./cluster";
import { RunningUp } from "./runningUp";
import { until } from "./until";

/** Seconds of a job that a test ends: how long a slow machine takes for what comes before must not matter. */
export const untilEnded = 1800;

/** Submits jobs that the queue manager sends to one row, and waits until they run there. */
export async function jobOn(cluster: TestCluster, row: string): Promise<string> {
    const id = await queuedFor(cluster, row, untilEnded);
    await started(cluster, id);
    await cluster.sql("UPDATE server SET status = 'free' WHERE status = 'paused'");
    return id;
}

/** A job that has begun there, and ends now: a short one may have come and gone before a busy machine has seen it run. */
export async function briefJobOn(cluster: TestCluster, row: string): Promise<string> {
    const id = await jobOn(cluster, row);
    await endJobs(cluster.lab, [id]);
    return id;
}

/** Submits a job while no other row takes one. The others stay 'paused'. */
export async function queuedFor(cluster: TestCluster, row: string, seconds: number): Promise<string> {
    await cluster.sql(`UPDATE server SET status = 'paused' WHERE status = 'free' AND name <> '${row}'`);
    // It chooses a row first, and a job then.
    const call = `ping .* ${row.split(" ")[0]}( |$)`;
    const isChosen = async () => (await cluster.lab.exec("web", `pgrep -u hrm -f '${call}'`)).code === 0;
    // It may be in a call to a node that is dead, for five minutes.
    await until("the queue manager to choose the row", isChosen, 400);
    const [id] = await submitJobs(cluster.lab, { count: 1, seconds });
    return id!;
}

export async function started(cluster: TestCluster, id: string): Promise<void> {
    await until(
        `job ${id} to start`,
        async () => {
            const [status] = await cluster.sql(`SELECT status FROM job_queue WHERE id = '${id}'`);
            return status === "started" || { job: status ?? "not in the queue", rows: await states(cluster) };
        },
        300,
    );
}

/** Ends jobs. @returns as `collected` */
export async function endedAndCollected(cluster: TestCluster, ids: string[]): Promise<string[]> {
    await endJobs(cluster.lab, ids);
    return collected(cluster, ids);
}

/** `up` or `destroy`, which has to wait for these jobs: they end when it has said so. */
export async function upWaitingFor(cluster: TestCluster, ids: string[], command: "up" | "destroy" = "up"): Promise<Outcome> {
    const up = new RunningUp(cluster.stack, command);
    await up.prints(/waiting for \d+ jobs? to end/);
    await endJobs(cluster.lab, ids);
    return up.outcome;
}

/** @returns where each job ran, or what is wrong with its result */
export async function collected(cluster: TestCluster, ids: string[], timeoutSeconds = 240): Promise<string[]> {
    const results: JobResult[] = await waitForJobs(cluster.lab, ids, { timeoutSeconds, log: () => {} });
    const left = () => cluster.sql(`SELECT id, status, server FROM job_queue WHERE id IN ('${ids.join("', '")}')`);
    const isCleared = async () => {
        const jobs = await left();
        return jobs.length === 0 || jobs;
    };
    // The result is there before the row is free, and a job for another row would go there.
    if (results.every(({ ok }) => ok)) await until("the queue manager to clear up behind the jobs", isCleared);
    return results.map(({ ok, server, detail }) => (ok ? server : `not collected: ${detail}`));
}

/** Name, status and job of each row. */
export async function states(cluster: TestCluster): Promise<string[]> {
    return cluster.sql("SELECT name, status, COALESCE(job, '-') FROM server ORDER BY name");
}

/** Process number of the queue manager. */
export async function queueManager(cluster: TestCluster): Promise<string> {
    return (await cluster.lab.run("web", "pgrep -o -u hrm -f run/runHuygensRemoteManager.php")).trim();
}

/** Users who keep two jobs waiting in the queue, until they are stopped. */
export class Users {
    readonly ids: string[] = [];
    private stopped = false;
    private readonly work: Promise<void>;

    constructor(
        private readonly cluster: TestCluster,
        private readonly seconds: number,
    ) {
        this.work = this.submit();
    }

    /** @returns all jobs that were submitted */
    async stop(): Promise<string[]> {
        this.stopped = true;
        await this.work;
        return this.ids;
    }

    private async submit(): Promise<void> {
        while (!this.stopped) {
            const queued = await this.cluster.sql("SELECT id FROM job_queue WHERE status = 'queued'");
            if (queued.length < 2) this.ids.push(...(await submitJobs(this.cluster.lab, { count: 1, seconds: this.seconds })));
            await new Promise(resolve => setTimeout(resolve, 500));
        }
    }
}
