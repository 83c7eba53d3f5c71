// Covers: lib/hosts/drift lib/hosts/part.ts
import { expect } from "chai";
import { describeNode, TestCluster } from "./support/cluster";
import { leftovers } from "./support/leftovers";

const nodes = 32;

describe(`${nodes} nodes at once against one web host, whose sshd has its default MaxStartups`, () => {
    let cluster: TestCluster;
    before(async () => {
        cluster = await TestCluster.make(
            "t-many",
            Array.from({ length: nodes }, () => [0]),
        );
        await cluster.configure();
    });
    after(() => cluster?.down());

    const names = () => cluster.sql("SELECT name FROM server");

    it("come up with one command", async () => {
        expect(await cluster.lab.run("web", "sshd -T | grep maxstartups")).to.match(/^maxstartups 10:30:100$/m);
        await cluster.up();
        expect((await names()).sort()).to.deep.equal(cluster.lab.nodes.map(({ name }) => `${name} 0`).sort());
        expect(await leftovers(cluster)).to.deep.equal([]);
    });

    it("are all looked at by a preview, which finds nothing", async () => {
        const strict = await (await cluster.stackWith({ HRM_DRIFT: "strict" })).preview("--expect-no-changes");
        expect(strict.code, strict.output).to.equal(0);
    });

    it("run jobs", async () => {
        const results = await cluster.runJobs(4, 2);
        expect(results.map(({ ok, detail }) => ok || detail)).to.deep.equal([true, true, true, true]);
    });

    it("get one more", async () => {
        const node = await cluster.lab.addNode({ gpus: [0] });
        cluster.description.nodes[node.name] = describeNode(node);
        await cluster.configure();
        await cluster.up();
        expect(await names())
            .to.include(`${node.name} 0`)
            .and.to.have.length(nodes + 1);
    });
});
