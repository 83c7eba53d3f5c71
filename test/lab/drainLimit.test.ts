import { expect } from "chai";
import type { Outcome } from "../../engine/stack";
import { TestCluster } from "./support/cluster";
import { Held } from "./support/hold";
import { collected, jobOn, states } from "./support/queue";
import { RunningUp } from "./support/runningUp";

const allRows = ["huygens1 0", "huygens2 0", "huygens2 1"].map(name => `${name} | /usr/local/bin/hucore | ${name.at(-1)}`);

describe("a drain that does not come to its end", () => {
    let cluster: TestCluster;
    let all: TestCluster["description"]["nodes"];

    before(async () => {
        cluster = await TestCluster.make("t-drainlim", [[0], [0, 1]]);
        all = cluster.description.nodes;
        cluster.description.settings = { logVerbosity: 2 };
        await cluster.configure();
        await cluster.up();
    });
    after(() => cluster?.down());

    async function describeNodes(...names: string[]): Promise<void> {
        cluster.description.nodes = Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)));
        await cluster.configure();
    }

    describe("because the jobs take longer than drainTimeout", () => {
        let outcome: Outcome;
        let [id, pid, is] = ["", "", [] as string[]];
        before(async () => {
            id = await jobOn(cluster, "huygens2 0", 60);
            [pid] = (await cluster.sql("SELECT process_info FROM job_queue")) as [string];
            // One of somebody without a folder, which the queue manager leaves as it is.
            await cluster.sql(`UPDATE server SET status = 'busy', job = '99999' WHERE name = 'huygens2 1';
                INSERT INTO job_queue (id, username, server, process_info, status) VALUES ('ending', 'nobody', 'huygens2 1', '99999', 'started')`);
            cluster.description.drainTimeout = 5;
            await describeNodes("huygens1");
            const held = await Held.hold(cluster.lab, "web", "/usr/bin/sleep", "2");
            const up = new RunningUp(cluster.stack);
            await held.reached();
            // The queue manager has freed its row when it was not there.
            await cluster.sql("DELETE FROM job_queue WHERE id = 'ending'");
            await held.release();
            outcome = await up.outcome;
            is = await states(cluster);
        });

        it("fails and says what is left and what to do", () => {
            expect(outcome.code).not.to.equal(0);
            expect(outcome.output).to.match(/huygens2 is not drained after 5 s: waiting for 2 jobs to end; its rows are back as they were/);
            expect(outcome.output).to.match(/run 'pulumi up' again later, or allow more time with drainTimeout/);
        });
        it("puts the rows back, the one with the job busy, and one whose job ended in that moment free", async () => {
            expect(await cluster.rows()).to.deep.equal(allRows);
            expect(is).to.deep.equal(["huygens1 0 | free | -", `huygens2 0 | busy | ${pid}`, "huygens2 1 | free | -"]);
        });
        it("leaves the key on the node", async () => {
            await cluster.lab.run("web", "ssh hrm@huygens2 true </dev/null", { user: "hrm", timeoutSeconds: 20 });
        });
        it("collects the job, and then its row is free", async () => {
            expect(await collected(cluster, [id])).to.deep.equal(["huygens2 0"]);
            expect(await states(cluster)).to.deep.equal(["huygens1 0 | free | -", "huygens2 0 | free | -", "huygens2 1 | free | -"]);
        });
    });
});
