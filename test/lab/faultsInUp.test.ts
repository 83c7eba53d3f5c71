// Covers: lib/steps/schema lib/steps/link lib/steps/rows lib/hosts/part.ts lib/templates/node.ssh_config
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { repositoryRoot } from "../../engine/root";
import { type Outcome, Stack } from "../../engine/stack";
import { TestCluster } from "./support/cluster";
import { faultsInUp, nodeIsDown, twoStacks } from "./support/faultsInUp";
import { Held } from "./support/hold";
import { leftovers, stepRuns } from "./support/leftovers";
import { briefJobOn } from "./support/queue";
import { RunningUp } from "./support/runningUp";
import { until, untilSeen } from "./support/until";

/** Everything is as described, nothing is left half-made, and each row runs a job. */
async function expectWhole(cluster: TestCluster): Promise<void> {
    await cluster.expectNothingToDo();
    expect(await leftovers(cluster)).to.deep.equal([]);
    const results = await cluster.runJobs(2);
    expect(results.map(({ ok, server, detail }) => (ok ? server : detail)).sort()).to.deep.equal(["huygens1 0", "huygens2 0"]);
}

describe("a cluster that is made or changed, when something breaks in the middle", () => {
    let cluster: TestCluster;
    before(async () => {
        cluster = await TestCluster.make("t-faultup", [[0], [0]]);
        for (const { name } of cluster.lab.hosts)
            await cluster.lab.run(name, "mkdir -p /data/hrm_data/user /opt; cp /usr/local/bin/hucore /opt");
        cluster.description.storage = { takeOver: ["/data/hrm_data"] };
        await cluster.configure();
    });
    after(() => cluster?.down());

    for (const { title, dies, while: during, work, says, succeeds = false } of faultsInUp) {
        describe(title, () => {
            let outcome: Outcome;
            before(async () => {
                const { lab, description, stack } = cluster;
                work(description);
                await cluster.configure();
                const held = await Held.hold(lab, during.host, during.program, during.call);
                const up = new RunningUp(stack);
                await held.reached();
                await lab.powerOff(dies);
                if (during.host !== dies) await held.release();
                else await lab.powerOn(dies);
                outcome = await up.outcome;
                if (during.host !== dies) await lab.powerOn(dies);
                await lab.run(during.host, `mv ${during.program}.real ${during.program}`);
            });

            it(succeeds ? "is no obstacle to up" : "makes up fail, which says why", () => {
                expect(outcome.code === 0, outcome.output).to.equal(succeeds);
                for (const text of says) expect(outcome.output).to.contain(text);
            });

            it("is over with the next up", async () => {
                await until("the old script to end", async () => !(await stepRuns(cluster, "web")), 300);
                await cluster.up();
                await expectWhole(cluster);
            });
        });
    }

    describe(nodeIsDown, () => {
        let call: Promise<{ code: number; stderr: string }>;
        before(async () => {
            call = cluster.lab.exec("web", `ssh hrm@huygens2 'touch /tmp/begun; sleep 1000' </dev/null`, {
                user: "hrm",
                timeoutSeconds: 500,
            });
            await untilSeen(
                "a call to begin",
                () => cluster.lab.exec("huygens2", "test -e /tmp/begun"),
                seen => seen.code === 0,
            );
            await cluster.lab.powerOff("huygens2");
        });
        after(() => cluster.lab.powerOn("huygens2"));

        it("is a warning in a preview, or a failure where that is asked for", async () => {
            const { code, output } = await cluster.stack.preview("--expect-no-changes");
            expect(code, output).to.equal(0);
            expect(output).to.contain("warning: huygens2: not looked at for changes made by hand: ");
            const strict = await cluster.stackWith({ HRM_DRIFT: "strict" });
            expect((await strict.preview("--expect-no-changes")).code).not.to.equal(0);
        });
        it("keeps the others neither from changes nor from jobs", async () => {
            await cluster.lab.run("huygens1", "chmod 0700 /data/hrm_data");
            const { code, output } = await cluster.stack.up();
            expect(code, output).not.to.equal(0);
            expect(output).to.match(/error: huygens2: not looked at/);
            expect(output).to.contain("huygens1: /data/hrm_data: mode 2700, want at least 2770");
            await briefJobOn(cluster, "huygens1 0");
        });
        it("ends a call that was under way, for which the queue manager would wait", async () => {
            const { code, stderr } = await call;
            expect({ code, stderr: stderr.trim() }).to.deep.equal({ code: 255, stderr: "Timeout, server huygens2 not responding." });
        });
        it("is over when the node is back, without an up", async () => {
            await cluster.lab.powerOn("huygens2");
            await expectWhole(cluster);
        });
    });

    describe(twoStacks, () => {
        let other: Stack;
        before(async () => {
            const { lab, description, stack } = cluster;
            other = await Stack.open({
                program: join(repositoryRoot(), "test/lab/program"),
                folder: join(lab.folder, "other-stack"),
                keepsLogs: false,
            });
            await other.configure("adminKey", readFileSync(lab.admin.privateKey, "utf8"), { secret: true });
            await other.configure("cluster", JSON.stringify(description));
            // Who comes last in which step is chance, and so is whether both succeed.
            await Promise.all([stack.up(), other.up()]);
        });

        it("leaves nothing half-made", async () => {
            expect(await leftovers(cluster)).to.deep.equal([]);
        });
        it("makes the cluster one stack's with its next up", async () => {
            await cluster.up();
            await expectWhole(cluster);
        });
        it("is seen in the other stack's preview", async () => {
            const { code, output } = await other.preview("--expect-no-changes");
            expect(code, output).not.to.equal(0);
            expect(output).to.match(/other content than described/);
        });
    });
});
