import { submitJobs } from "../../../lab/jobs";
import type { TestCluster } from "./cluster";

const secondsOfAJob = 3;
const longestQueue = 12;

/** Submits a job a second, as long as the queue is not long, so that there always are jobs that run and jobs that wait. */
export class JobStream {
    private readonly ids: string[] = [];
    private stopped = false;
    private readonly run: Promise<void>;

    constructor(private readonly cluster: TestCluster) {
        this.run = this.submit();
    }

    /** Ends it. @returns the jobs, oldest first */
    async stop(): Promise<string[]> {
        this.stopped = true;
        await this.run;
        return this.ids;
    }

    private async submit(): Promise<void> {
        while (!this.stopped) {
            const [queued] = await this.cluster.sql("SELECT COUNT(*) FROM job_queue WHERE status = 'queued'");
            if (Number(queued) < longestQueue) this.ids.push(...(await submitJobs(this.cluster.lab, { count: 1, seconds: secondsOfAJob })));
            await new Promise(resolve => setTimeout(resolve, 1000));
        }
    }
}
