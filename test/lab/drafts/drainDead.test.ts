import { expect } from "chai";
import type { Outcome } from "../../../engine/stack";
import { TestCluster } from "../support/cluster";
import { collected, jobOn } from "../support/queue";

const row = (node: string) => `${node} 0 | /usr/local/bin/hucore | 0`;

describe("nodes that are dead when they are taken out", () => {
    let cluster: TestCluster;
    let all: TestCluster["description"]["nodes"];

    before(async () => {
        cluster = await TestCluster.make("t-draindead", [[0], [0], [0]]);
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

    describe("the cluster is destroyed", () => {
        it("drained first, with a running job", async () => {
            const id = await jobOn(cluster, "huygens3 0", 60);
            const { code, output } = await cluster.stack.destroy();
            expect(code, output).to.equal(0);
            expect(output).to.match(/departures: huygens3: waiting for 1 job to end/);
            expect(await collected(cluster, [id])).to.deep.equal(["huygens3 0"]);
            expect(await cluster.rows()).to.deep.equal([]);
            expect(await cluster.lab.run("huygens3", "cat ~hrm/.ssh/authorized_keys")).to.equal("");
        });
        it("also with a node that is down", async () => {
            await cluster.lab.powerOn("huygens1");
            await describeNodes("huygens1", "huygens3");
            await cluster.up();
            await cluster.lab.powerOff("huygens1");
            const { code, output } = await cluster.stack.destroy();
            expect(code, output).to.equal(0);
            expect(output).to.match(/the key could not be revoked on huygens1: /);
            expect(await cluster.rows()).to.deep.equal([]);
            expect(await cluster.lab.run("huygens3", "cat ~hrm/.ssh/authorized_keys")).to.equal("");
        });
    });
});
