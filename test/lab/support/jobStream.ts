import { submitJobs } from "../../../lab/jobs";
import type { TestCluster } from "./cluster";
import { untilSeen } from "./until";

// HRM sends one job in some four seconds, so most of a stream still wait at its end, and would for minutes.
const runToTheEnd = 10;

/** Submits a job a second, whatever becomes of them: there always are jobs that run and jobs that wait. */
export class JobStream {
    private readonly ids: string[] = [];
    private stopped = false;
    private ended: Promise<{ ids: string[]; rate: number }> | undefined;
    /** How many were submitted in a second. */
    private readonly run: Promise<number>;

    constructor(private readonly cluster: TestCluster) {
        this.run = this.submit();
    }

    /** Ends it. Of the jobs that wait then all but some are deleted, as a user would. @returns the others, and how many were submitted in a second */
    stop(): Promise<{ ids: string[]; rate: number }> {
        this.ended ??= this.end();
        return this.ended;
    }

    private async end(): Promise<{ ids: string[]; rate: number }> {
        this.stopped = true;
        const rate = await this.run;
        const waiting = await this.query("status = 'queued'");
        // The first are what the queue manager sends next.
        const deleted = waiting.slice(runToTheEnd);
        await this.cluster.sql(`UPDATE job_queue SET status = 'delete' WHERE status = 'queued' AND id IN ('${deleted.join("', '")}')`);
        await untilSeen(
            "deleted jobs to leave the queue",
            () => this.query("status = 'delete'"),
            seen => seen.length === 0,
            120,
        );
        return { ids: this.ids.filter(id => !deleted.includes(id)), rate };
    }

    private query(condition: string): Promise<string[]> {
        return this.cluster.sql(
            `SELECT job_queue.id FROM job_queue JOIN job_files ON job = job_queue.id WHERE ${condition} ORDER BY priority, file`,
        );
    }

    private async submit(): Promise<number> {
        const begin = Date.now();
        const elapsed = () => (Date.now() - begin) / 1000;
        while (!this.stopped) {
            // As many as are due by now: a busy machine may have taken longer for the one before.
            const due = Math.floor(elapsed()) + 1 - this.ids.length;
            if (due > 0) this.ids.push(...(await submitJobs(this.cluster.lab, { count: due, seconds: 1 })));
            await new Promise(resolve => setTimeout(resolve, 100));
        }
        return this.ids.length / elapsed();
    }
}
