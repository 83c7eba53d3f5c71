// Covers: lib/steps/drain lib/steps/departures lib/steps/rows
import { expect } from "chai";
import type { Outcome } from "../../engine/stack";
import { TestCluster } from "./support/cluster";
import { Held } from "./support/hold";
import { stepRuns } from "./support/leftovers";
import { collected, endedAndCollected, jobOn, states, upWaitingFor } from "./support/queue";
import { RunningUp } from "./support/runningUp";
import { until, untilSeen } from "./support/until";

const described = ["huygens1", "huygens2"];
const allRows = ["huygens1 0", "huygens2 0", "huygens2 1"].map(name => `${name} | /usr/local/bin/hucore | ${name.at(-1)}`);

describe("a drain that does not come to its end", () => {
    let cluster: TestCluster;
    let all: TestCluster["description"]["nodes"];

    before(async () => {
        cluster = await TestCluster.ready("t-drainlim", [[0], [0, 1]]);
        all = cluster.description.nodes;
    });
    after(() => cluster?.down());

    async function describeNodes(...names: string[]): Promise<void> {
        cluster.description.nodes = Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)));
        await cluster.configure();
    }

    /** SIGKILL for Pulumi when the row with the job is gone and the others are parked. */
    async function killInDrain(): Promise<void> {
        const up = new RunningUp(cluster.stack);
        await up.prints(/departures: huygens2: waiting for /);
        await untilSeen(
            "the row with the job to go",
            () => states(cluster),
            seen => !seen.some(row => row.startsWith("huygens2 0")),
        );
        await up.kill();
        await cluster.stack.cancel();
    }

    describe("because the jobs take longer than drainTimeout", () => {
        let outcome: Outcome;
        let [id, pid, is] = ["", "", [] as string[]];
        before(async () => {
            id = await jobOn(cluster, "huygens2 0");
            [pid] = (await cluster.sql("SELECT process_info FROM job_queue")) as [string];
            // One of somebody without a folder, which the queue manager leaves as it is.
            await cluster.sql(`UPDATE server SET status = 'busy', job = '99999' WHERE name = 'huygens2 1';
                INSERT INTO job_queue (id, username, server, process_info, status) VALUES ('ending', 'nobody', 'huygens2 1', '99999', 'started')`);
            cluster.description.drainTimeout = 5;
            await describeNodes("huygens1");
            const held = await Held.hold(cluster.lab, "web", "/usr/bin/sleep", "0.7");
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
            expect(await endedAndCollected(cluster, [id])).to.deep.equal(["huygens2 0"]);
            expect(await states(cluster)).to.deep.equal(["huygens1 0 | free | -", "huygens2 0 | free | -", "huygens2 1 | free | -"]);
        });
        it("is finished by an up with more time", async () => {
            cluster.description.drainTimeout = 300;
            await describeNodes("huygens1");
            await cluster.up();
            expect(await cluster.rows()).to.deep.equal([allRows[0]]);
            await cluster.expectNothingToDo();
        });
    });

    describe("because Pulumi was killed, and the node is wanted again", () => {
        let ids: string[] = [];
        before(async () => {
            await describeNodes(...described);
            await cluster.up();
            ids = [await jobOn(cluster, "huygens2 0")];
            await describeNodes("huygens1");
            await killInDrain();
            await describeNodes(...described);
        });

        it("has parked the row without a job, or taken it out where the queue manager dealt with the other node", async () => {
            const rows = (await states(cluster)).filter(row => !row.startsWith("huygens1"));
            expect(["", "huygens2 1 | paused | -"]).to.include(rows.join());
        });
        it("does not go on for hours without Pulumi", async () => {
            await until("the remote script to end", async () => !(await stepRuns(cluster, "web")), 30);
        });
        it("gives the rows back with the next up, the one with the job busy", async () => {
            await cluster.up();
            expect(await cluster.rows()).to.deep.equal(allRows);
            const rows = await states(cluster);
            const running = await cluster.sql("SELECT process_info FROM job_queue WHERE status = 'started'");
            expect(rows).to.deep.equal([
                "huygens1 0 | free | -",
                running.length === 0 ? "huygens2 0 | free | -" : `huygens2 0 | busy | ${running[0]}`,
                "huygens2 1 | free | -",
            ]);
        });
        it("collects the job, and uses the rows", async () => {
            expect(await endedAndCollected(cluster, ids)).to.deep.equal(["huygens2 0"]);
            const results = await cluster.runJobs(3);
            expect(results.map(({ ok, server, detail }) => (ok ? server : detail)).sort()).to.deep.equal(
                allRows.map(row => row.slice(0, 10)),
            );
        });
    });

    describe("because Pulumi was killed, and is started again", () => {
        let id = "";
        before(async () => {
            id = await jobOn(cluster, "huygens2 0");
            await describeNodes("huygens1");
            await killInDrain();
        });

        it("is finished by the next up", async () => {
            const { code, output } = await upWaitingFor(cluster, [id]);
            expect(code, output).to.equal(0);
            expect(await cluster.rows()).to.deep.equal([allRows[0]]);
            expect(await collected(cluster, [id])).to.deep.equal(["huygens2 0"]);
            expect(await cluster.lab.run("web", "find /var/lib/pulumi-hrm -name 'draining-*'")).to.equal("");
        });
    });
});
