// Covers: lib/steps/departures lib/steps/rows lib/steps/drain lib/huygensNode lib/serverRegistry
import { expect } from "chai";
import type { Outcome } from "../../engine/stack";
import { describeNode, TestCluster } from "./support/cluster";
import { type Said, said } from "./support/preview";
import { briefJobOn, collected, endedAndCollected, jobOn, queueManager, states, upWaitingFor } from "./support/queue";

const row = (node: string) => `${node} 0 | /usr/local/bin/hucore | 0`;

describe("nodes of a cluster in use", () => {
    let cluster: TestCluster;
    before(async () => {
        cluster = await TestCluster.ready("t-nodes", [[0]]);
    });
    after(() => cluster?.down());

    describe("one more, while a job runs on the other", () => {
        let [id, was, is, changed] = ["", [] as string[], [] as string[], [] as string[]];
        before(async () => {
            const node = await cluster.lab.addNode({ gpus: [0] });
            id = await jobOn(cluster, "huygens1 0");
            cluster.description.nodes[node.name] = describeNode(node);
            await cluster.configure();
            was = [await queueManager(cluster), ...(await states(cluster))];
            changed = said(await cluster.up()).changed;
            is = [await queueManager(cluster), ...(await states(cluster))];
        });

        it("has its row, and neither the queue manager nor the other row was touched", () => {
            expect(was.at(-1)).to.match(/^huygens1 0 \| busy \| \d+$/);
            expect(is).to.deep.equal([...was, "huygens2 0 | free | -"]);
        });
        it("is all that runs, with the registry", () => expect(changed).to.deep.equal(["huygens2", "huygens2-link", "registry"]));
        it("leaves the job alone", async () => expect(await endedAndCollected(cluster, [id])).to.deep.equal(["huygens1 0"]));
        it("runs jobs", async () =>
            expect(await collected(cluster, [await briefJobOn(cluster, "huygens2 0")])).to.deep.equal(["huygens2 0"]));
    });

    describe("one in maintenance", () => {
        let [outcome, preview] = [{} as Outcome, {} as Said];
        let id = "";
        before(async () => {
            id = await jobOn(cluster, "huygens2 0");
            cluster.description.nodes.huygens2!.maintenance = true;
            await cluster.configure();
            preview = said(await cluster.stack.preview());
            outcome = await upWaitingFor(cluster, [id]);
        });

        const sessions = () => cluster.lab.run("huygens2", "journalctl -q -t sshd -o cat | grep -c 'Connection from\\|Accepted' || :");

        it("was announced, with its job", () => {
            expect(preview.differences).to.deep.equal({ registry: ["web: node huygens2: has server rows, want none"] });
            expect(preview.follows.join("\n")).to.match(
                /^web: huygens2 leaves the registry: 1 job runs there, and is waited for, at most \d+ s; its key stays, for the time after its maintenance; its rows: huygens2 0$/,
            );
        });
        it("was drained", async () => {
            expect(outcome.code, outcome.output).to.equal(0);
            expect(outcome.output).to.match(/departures: huygens2: waiting for 1 job to end/);
            expect(await collected(cluster, [id])).to.deep.equal(["huygens2 0"]);
            expect(await cluster.rows()).to.deep.equal([row("huygens1")]);
        });
        it("keeps the key and the queue manager's access", async () => {
            await cluster.lab.run("web", "ssh hrm@huygens2 true </dev/null", { user: "hrm", timeoutSeconds: 20 });
        });
        it("is not contacted by preview and up, and nothing is to do", async () => {
            const before = await sessions();
            expect(Number(before)).to.be.greaterThan(0);
            await cluster.expectNothingToDo();
            cluster.description.settings = { logVerbosity: 2, emailAdmin: "somebody@example.org" };
            await cluster.configure();
            await cluster.up();
            expect(await sessions()).to.equal(before);
        });
        it("may be off", async () => {
            await cluster.lab.powerOff("huygens2");
            const preview = await cluster.stack.preview("--expect-no-changes");
            expect(preview.code, preview.output).to.equal(0);
            expect(preview.output).not.to.match(/not looked at/);
            await cluster.up();
            await cluster.lab.powerOn("huygens2");
        });
        it("comes back through the full proof", async () => {
            cluster.description.nodes.huygens2!.maintenance = false;
            await cluster.configure();
            const { output } = await cluster.up();
            for (const call of ["ping \\S.* huygens2", "ssh hrm@huygens2", "sftp hrm@huygens2", "asking hucore for its version"])
                expect(output).to.match(new RegExp(`link-huygens2: ${call}`));
            expect(await cluster.rows()).to.deep.equal([row("huygens1"), row("huygens2")]);
            expect(await collected(cluster, [await briefJobOn(cluster, "huygens2 0")])).to.deep.equal(["huygens2 0"]);
        });
    });
});
