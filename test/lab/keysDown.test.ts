// Covers: lib/steps/part lib/steps/rows lib/steps/restart lib/steps/keys lib/steps/identity lib/steps/access lib/description/hostKey
import { expect } from "chai";
import type { Outcome } from "../../engine/stack";
import { TestCluster } from "./support/cluster";
import { briefJobOn, collected, queueManager } from "./support/queue";

describe("a node is down while the key is rotated", () => {
    let cluster: TestCluster;
    let outcome: Outcome;
    let pid: string;
    before(async () => {
        cluster = await TestCluster.ready("t-keysdown", [[0], [0]]);
        for (const { connection } of Object.values(cluster.description.nodes))
            Object.assign(connection, { dialErrorLimit: 2, perDialTimeout: 3 });
        await cluster.configure();
        await cluster.up();
        await cluster.lab.run("web", "cp ~hrm/.ssh/hrm-cluster.d/key-1 /home/hrm/copy-of-key-1 && chown hrm /home/hrm/copy-of-key-1");
        await cluster.lab.powerOff("huygens2");
        cluster.description.keyVersion = 2;
        cluster.description.settings = { logVerbosity: 2, emailAdmin: "somebody@example.org" };
        await cluster.configure();
        pid = await queueManager(cluster);
        outcome = await cluster.stack.up();
    });
    after(() => cluster?.down());

    const authorized = async (node: string) => (await cluster.lab.run(node, "cat ~hrm/.ssh/authorized_keys")).trim().split("\n").length;
    const run = (command: string) => cluster.lab.exec("web", `${command} </dev/null`, { user: "hrm", timeoutSeconds: 20 });

    it("is told", () => {
        expect(outcome.code).not.to.equal(0);
        expect(outcome.output).to.match(/hrm-huygens2 \*\*updating failed/);
        expect(outcome.output).to.match(
            /web: rows: not proven with the present description: huygens2; what rows they have stay as they are/,
        );
    });
    it("leaves the queue manager with its old configuration, since nobody knows whether the new one is right for that node", async () => {
        expect(outcome.output).to.match(/web: restart: the queue manager goes on with its old configuration, since what comes before/);
        expect(await queueManager(cluster)).to.equal(pid);
    });
    it("leaves both keys on the other node, which works", async () => {
        expect(await authorized("huygens1")).to.equal(2);
        expect(await collected(cluster, [await briefJobOn(cluster, "huygens1 0")])).to.deep.equal(["huygens1 0"]);
    });
    it("can be used with the old key when it is back", async () => {
        await cluster.lab.powerOn("huygens2");
        expect((await run("ssh hrm@huygens2 true")).code).to.equal(0);
        expect(await collected(cluster, [await briefJobOn(cluster, "huygens2 0")])).to.deep.equal(["huygens2 0"]);
    });
    it("gets the new key with the next up, which retires the old one everywhere", async () => {
        await cluster.up();
        expect(await queueManager(cluster)).not.to.equal(pid);
        for (const node of ["huygens1", "huygens2"]) {
            expect(await authorized(node)).to.equal(1);
            expect((await run(`ssh hrm@${node} true`)).code).to.equal(0);
            const known = `-o UserKnownHostsFile=/home/hrm/.ssh/hrm-cluster.d/${node}.known_hosts`;
            const { code, stderr } = await run(`ssh -F none -o BatchMode=yes ${known} -i /home/hrm/copy-of-key-1 hrm@${node} true`);
            expect(code).to.equal(255);
            expect(stderr).to.contain("Permission denied");
        }
        expect(await cluster.lab.run("web", "ls ~hrm/.ssh/hrm-cluster.d | grep key-")).to.equal("key-2\n");
    });

    describe("and another one gets a new host key", () => {
        before(async () => {
            await cluster.lab.run("huygens1", "rm /etc/ssh/ssh_host_ed25519_key* && ssh-keygen -q -A && systemctl restart ssh");
        });

        it("which is refused as long as it is not described", async () => {
            const { code, output } = await cluster.stack.preview("--expect-no-changes");
            expect(code, output).to.equal(0);
            expect(output).to.match(/huygens1: not looked at .*if huygens1 was reinstalled, describe its new hostKey/);
        });
        it("which works with one up when it is", async () => {
            const key = await cluster.lab.run("huygens1", "cut -d ' ' -f 1,2 /etc/ssh/ssh_host_ed25519_key.pub");
            cluster.description.nodes.huygens1!.connection.hostKey = key.trim();
            await cluster.configure();
            await cluster.up();
            expect(await collected(cluster, [await briefJobOn(cluster, "huygens1 0")])).to.deep.equal(["huygens1 0"]);
            await cluster.expectNothingToDo();
        });
    });
});
