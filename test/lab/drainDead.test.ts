// Covers: lib/steps/drain lib/steps/departures lib/hosts/pace
import { expect } from "chai";
import type { Outcome } from "../../engine/stack";
import { TestCluster } from "./support/cluster";
import { jobOn } from "./support/queue";
import { untilSeen } from "./support/until";

const row = (node: string) => `${node} 0 | /usr/local/bin/hucore | 0`;

describe("nodes that are dead when they are taken out", () => {
    let cluster: TestCluster;
    let all: TestCluster["description"]["nodes"];

    before(async () => {
        cluster = await TestCluster.make("t-draindead", [[0], [0], [0]], { realPace: "all" });
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

    describe("one with a running job", () => {
        let outcome: Outcome;
        let id = "";
        before(async () => {
            id = await jobOn(cluster, "huygens2 0");
            // In the middle of a call of the queue manager's, which has no end then.
            await cluster.lab.run("huygens2", "printf '#!/bin/sh\\nexec sleep 6000\\n' >/usr/local/bin/ps; chmod 0755 /usr/local/bin/ps");
            await untilSeen(
                "a call that hangs on huygens2",
                () => cluster.lab.exec("huygens2", "pgrep -u hrm -f '[s]leep 6000'"),
                ({ code }) => code === 0,
            );
            await cluster.lab.powerOff("huygens2");
            await describeNodes("huygens1", "huygens3");
            outcome = await cluster.stack.up();
        });

        it("goes", async () => {
            expect(outcome.code, outcome.output).to.equal(0);
            expect(await cluster.rows()).to.deep.equal([row("huygens1"), row("huygens3")]);
            expect(await cluster.lab.run("web", "ls ~hrm/.ssh/hrm-cluster.d")).not.to.contain("huygens2");
        });
        it("is said to be dead, with the job", () =>
            expect(outcome.output).to.match(new RegExp(`huygens2 is taken for dead; .*delete them in HRM's queue: ${id}`)));
        it("is said to have the key still, with what to do", () => {
            expect(outcome.output).to.match(/the key could not be revoked on huygens2: /);
            expect(outcome.output).to.match(/take the line that ends in hrm-cluster out of the keys of hrm/);
        });
        it("leaves the others working, and nothing to do", async () => {
            await cluster.sql(`DELETE FROM job_queue WHERE id = '${id}'`);
            expect((await cluster.runJobs(2)).map(({ ok, server, detail }) => (ok ? server : detail)).sort()).to.deep.equal([
                "huygens1 0",
                "huygens3 0",
            ]);
            await cluster.expectNothingToDo();
        });
    });

    describe("the one whose row is the first, so that the queue manager cannot start", () => {
        it("stops the cluster, which is said at once", async () => {
            await cluster.lab.powerOff("huygens1");
            const { code, stderr } = await cluster.lab.exec("web", "systemctl restart hrmd");
            expect(code).not.to.equal(0);
            expect(stderr).to.match(/journalctl -xeu hrmd/);
            expect(await cluster.sql("SELECT value FROM queuemanager WHERE field = 'switch'")).to.deep.equal(["lck"]);
        });
        it("goes, and the cluster works", async () => {
            await describeNodes("huygens3");
            const { code, output } = await cluster.stack.up();
            expect(code, output).to.equal(0);
            expect(await cluster.rows()).to.deep.equal([row("huygens3")]);
            const [result] = await cluster.runJobs(1, 1);
            expect(result?.ok, result?.detail).to.equal(true);
        });
    });
});
