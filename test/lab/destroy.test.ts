// Covers: lib/steps/departures lib/steps/drain lib/steps/identity lib/steps/queueManager lib/hosts/part.ts
import { expect } from "chai";
import { TestCluster } from "./support/cluster";
import { collected, jobOn, upWaitingFor } from "./support/queue";

describe("a cluster is destroyed", () => {
    let cluster: TestCluster;
    before(async () => {
        cluster = await TestCluster.ready("t-destroy", [[0], [0]]);
        // The default waits longer for a host that is only slow.
        Object.assign(cluster.description.nodes.huygens1!.connection, { dialErrorLimit: 2, perDialTimeout: 3 });
    });
    after(() => cluster?.down());

    async function expectGone(): Promise<void> {
        expect(await cluster.rows()).to.deep.equal([]);
        expect(await cluster.lab.run("huygens2", "cat ~hrm/.ssh/authorized_keys")).to.equal("");
        expect((await cluster.lab.exec("web", "ls ~hrm/.ssh/hrm-cluster.d")).code).not.to.equal(0);
        expect((await cluster.lab.exec("web", "systemctl is-enabled hrmd")).stdout).to.equal("disabled\n");
    }

    it("drained first, with a running job", async () => {
        const id = await jobOn(cluster, "huygens2 0");
        const servers = collected(cluster, [id]);
        const { code, output } = await upWaitingFor(cluster, [id], "destroy");
        expect(code, output).to.equal(0);
        expect(output).to.match(/departures: huygens2: waiting for 1 job to end|link-huygens2: huygens2: waiting for 1 job to end/);
        expect(await servers).to.deep.equal(["huygens2 0"]);
        expect(await cluster.lab.run("huygens1", "cat ~hrm/.ssh/authorized_keys")).to.equal("");
        await expectGone();
    });

    it("and made again, and destroyed while a node is down", async () => {
        await cluster.configure();
        await cluster.up();
        await cluster.lab.powerOff("huygens1");
        const { code, output } = await cluster.stack.destroy();
        expect(code, output).to.equal(0);
        expect(output).to.match(/the key could not be revoked on huygens1: /);
        await expectGone();
    });
});

describe("a cluster whose first up failed for a node", () => {
    let cluster: TestCluster;
    before(async () => {
        cluster = await TestCluster.make("t-undone", [[0], [0]]);
    });
    after(() => cluster?.down());

    it("leaves no key on it when it is destroyed", async () => {
        await cluster.lab.run("huygens2", "printf '#!/bin/sh\\necho no licence\\n' >/usr/local/bin/hucore");
        expect((await cluster.stack.up()).code).not.to.equal(0);
        const keys = () => cluster.lab.run("huygens2", "cat ~hrm/.ssh/authorized_keys");
        expect(await keys()).to.contain("hrm-cluster");
        const { code, output } = await cluster.stack.destroy();
        expect(code, output).to.equal(0);
        expect(await keys()).to.equal("");
        expect((await cluster.lab.exec("web", "ls ~hrm/.ssh/hrm-cluster.d")).code).not.to.equal(0);
    });
});
