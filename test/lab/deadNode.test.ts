// Covers: lib/hosts/part.ts lib/serverRegistry lib/steps/link lib/steps/rows
import { expect } from "chai";
import type { Outcome } from "../../engine/stack";
import { TestCluster } from "./support/cluster";

// The first row decides whether HRM's queue manager starts, so it matters which of the nodes is dead.
for (const { dead, alive } of [
    { dead: "huygens2", alive: "huygens1" },
    { dead: "huygens1", alive: "huygens2" },
]) {
    describe(`${dead} is down while a cluster of two nodes is made`, () => {
        let cluster: TestCluster;
        let outcome: Outcome;
        before(async () => {
            cluster = await TestCluster.make("t-dead", [[0], [0]]);
            // The default waits longer for a host that is only slow.
            for (const { connection } of Object.values(cluster.description.nodes))
                Object.assign(connection, { dialErrorLimit: 2, perDialTimeout: 3 });
            await cluster.configure();
            await cluster.lab.powerOff(dead);
            outcome = await cluster.stack.up();
        });
        after(() => cluster?.down());

        it("ends with an exit code that is not 0 and names the node", () => {
            expect(outcome.code).not.to.equal(0);
            const failed = outcome.output.match(/\S+ \*\*creating failed\*\*/g);
            // The registry has done what it could, and fails because of what is missing.
            expect(failed, outcome.output).to.deep.equal([`hrm-${dead}`, "hrm-registry"].map(name => `${name} **creating failed**`));
            expect(outcome.output).to.match(new RegExp(`not proven with the present description: ${dead};`));
            expect(outcome.output).to.contain(cluster.lab.host(dead).address);
        });

        it("has the other node's row", async () => {
            expect(await cluster.rows()).to.deep.equal([`${alive} 0 | /usr/local/bin/hucore | 0`]);
            expect(await cluster.servers()).to.deep.equal([`${alive} 0`]);
        });

        it("runs jobs on the other node", async () => {
            const results = await cluster.runJobs(2, 1);
            expect(results.map(({ ok, server, detail }) => (ok ? server : detail))).to.deep.equal([`${alive} 0`, `${alive} 0`]);
        });

        it("is finished by the next up when the node is back", async () => {
            await cluster.lab.powerOn(dead);
            await cluster.up();
            expect(await cluster.rows()).to.deep.equal([
                "huygens1 0 | /usr/local/bin/hucore | 0",
                "huygens2 0 | /usr/local/bin/hucore | 0",
            ]);
        });

        it("runs jobs on both then", async () => {
            const results = await cluster.runJobs(2);
            expect(results.map(({ ok, server, detail }) => (ok ? server : detail)).sort()).to.deep.equal(["huygens1 0", "huygens2 0"]);
        });
    });
}
