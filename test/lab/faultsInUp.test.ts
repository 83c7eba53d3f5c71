// Covers: lib/steps/schema lib/steps/link lib/steps/rows lib/hosts/part.ts lib/templates/node.ssh_config
// Takes 330 s on 2 cores.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { repositoryRoot } from "../../engine/root";
import { type Outcome, Stack } from "../../engine/stack";
import { TestCluster } from "./support/cluster";
import { faultsInUp, twoStacks } from "./support/faultsInUp";
import { Held } from "./support/hold";
import { leftovers, stepRuns } from "./support/leftovers";
import { RunningUp } from "./support/runningUp";
import { until } from "./support/until";
import { vault } from "./support/vault";
import { expectWhole } from "./support/whole";

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

    describe(twoStacks, () => {
        let other: Stack;
        before(async () => {
            const { lab, description, stack } = cluster;
            other = await Stack.open({
                program: join(repositoryRoot(), "test/lab/program"),
                folder: join(lab.folder, "other-stack"),
                ...{ keepsLogs: false, env: await vault() },
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
