// Covers: lib/steps/rows lib/steps/link lib/steps/departures lib/steps/hrm lib/steps/drain lib/steps/prelude lib/steps/files lib/hosts/part.ts
import { expect } from "chai";
import { TestCluster } from "./support/cluster";
import { endedAndCollected, jobOn } from "./support/queue";
import { until } from "./support/until";

describe("what Pulumi destroys without running the program", () => {
    let cluster: TestCluster;
    before(async () => {
        cluster = await TestCluster.ready("t-targets", [[0], [0]]);
    });
    after(() => cluster?.down());

    const keysOn = (node: string) => cluster.lab.run(node, "cat ~hrm/.ssh/authorized_keys");
    const access = async () => (await cluster.lab.run("web", "cd ~hrm/.ssh/hrm-cluster.d && ls *.conf")).split(/\s+/).filter(Boolean);
    const urnOf = async (name: string) =>
        JSON.parse((await cluster.stack.run(["stack", "export"])).output.replace(/^[^{]*/, "")).deployment.resources.find(
            ({ urn }: { urn: string }) => urn.endsWith(`::${name}`),
        ).urn;

    it("is a node with its rows, after its job, and its key (--target)", async () => {
        const id = await jobOn(cluster, "huygens2 0");
        const destroying = cluster.stack.destroy("--target", await urnOf("hrm-huygens2"), "--target-dependents");
        const isDraining = async () => (await cluster.lab.exec("web", "ls /var/lib/pulumi-hrm/draining-huygens2")).code === 0;
        await until("the drain of huygens2", isDraining);
        expect(await endedAndCollected(cluster, [id])).to.deep.equal(["huygens2 0"]);
        const { code, output } = await destroying;
        expect(code, output).to.equal(0);
        expect(await cluster.rows()).to.deep.equal(["huygens1 0 | /usr/local/bin/hucore | 0"]);
        expect(await keysOn("huygens2")).to.equal("");
        expect(await access()).to.deep.equal(["huygens1.conf"]);
        await cluster.up();
        await cluster.expectNothingToDo();
        expect((await cluster.runJobs(2)).map(({ server }) => server).sort()).to.deep.equal(["huygens1 0", "huygens2 0"]);
    });

    it("is not the access of a node whose rows stay", async () => {
        cluster.description.drainTimeout = 3;
        await cluster.configure();
        await cluster.up();
        const id = await jobOn(cluster, "huygens2 0");
        const link = await urnOf("hrm-huygens2-link");
        const { code, output } = await cluster.stack.destroy("--target", link);
        expect(code, output).not.to.equal(0);
        expect(output).to.match(/link-huygens2: huygens2 is not drained after 3 s: .*; its rows are back as they were/);
        expect(await keysOn("huygens2")).to.match(/hrm-cluster\n$/);
        expect(await access()).to.deep.equal(["huygens1.conf", "huygens2.conf"]);
        expect(await cluster.rows()).to.deep.equal(["huygens1 0 | /usr/local/bin/hucore | 0", "huygens2 0 | /usr/local/bin/hucore | 0"]);
        expect(await endedAndCollected(cluster, [id])).to.deep.equal(["huygens2 0"]);
        delete cluster.description.drainTimeout;
        // Where the rows can go, they go first.
        const again = await cluster.stack.destroy("--target", link);
        expect(again.code, again.output).to.equal(0);
        expect(await cluster.rows()).to.deep.equal(["huygens1 0 | /usr/local/bin/hucore | 0"]);
        expect(await access()).to.deep.equal(["huygens1.conf"]);
    });

    it("(with keys that open nodes from the web host alone)", async () => {
        cluster.description.web.authorizedKeys = { from: true };
        await cluster.configure();
        await cluster.up();
        for (const node of ["huygens1", "huygens2"])
            expect(await keysOn(node)).to.match(new RegExp(`^from="${cluster.lab.web.address}",restrict ssh-ed25519 `));
        await cluster.expectNothingToDo();
    });

    it("is nothing of a cluster that got another name, which is made before the old one goes", async () => {
        cluster.description.name = "renamed";
        await cluster.configure();
        const { output } = await cluster.up();
        expect(output).to.match(/stays as it is: .*\/renamed-registry declares it now/);
        expect(await access()).to.deep.equal(["huygens1.conf", "huygens2.conf"]);
        await cluster.expectNothingToDo();
        expect((await cluster.runJobs(2)).map(({ server }) => server).sort()).to.deep.equal(["huygens1 0", "huygens2 0"]);
    });
});
