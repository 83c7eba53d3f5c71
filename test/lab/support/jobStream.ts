import { submitJobs } from "../../../lab/jobs";
import type { TestCluster } from "./cluster";

/** Submits a job a second, whatever becomes of them: there always are jobs that run and jobs that wait. */
export class JobStream {
    private readonly ids: string[] = [];
    private stopped = false;
    private readonly run: Promise<void>;

    constructor(private readonly cluster: TestCluster) {
        this.run = this.submit();
    }

    /** Ends it. @returns the jobs, oldest first, and how many a second there were */
    async stop(): Promise<{ ids: string[]; rate: number }> {
        this.stopped = true;
        await this.run;
        return { ids: this.ids, rate: this.rate };
    }

    private rate = 0;

    private async submit(): Promise<void> {
        const begin = Date.now();
        const elapsed = () => (Date.now() - begin) / 1000;
        while (!this.stopped) {
            // As many as are due by now: a busy machine may have taken longer for the one before.
            const due = Math.floor(elapsed()) + 1 - this.ids.length;
            if (due > 0) this.ids.push(...(await submitJobs(this.cluster.lab, { count: due, seconds: 1 })));
            await new Promise(resolve => setTimeout(resolve, 100));
        }
        this.rate = this.ids.length / elapsed();
    }
}
