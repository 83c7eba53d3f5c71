// Covers: lib/steps/keys lib/steps/identity lib/steps/access lib/steps/link lib/hosts/openSshKey
import { expect } from "chai";
import { TestCluster } from "./support/cluster";
import { Held } from "./support/hold";
import { leftovers, stepRuns } from "./support/leftovers";
import { collected, Users } from "./support/queue";
import { RunningUp } from "./support/runningUp";
import { SshLoop } from "./support/sshLoop";
import { until } from "./support/until";

/** The calls in which Pulumi is killed, by the step that makes them; each in a rotation of its own, to the version that follows. */
const interruptions = [
    { step: "identity", version: 3, host: "web", program: "/usr/bin/mv", call: "hrm-cluster.d/key-3" },
    { step: "access", version: 4, host: "huygens1", program: "/usr/bin/mv", call: "authorized_keys" },
    { step: "link", version: 5, host: "huygens1", program: "/usr/local/bin/hucore", call: "reportVersionNumberAsInteger" },
    { step: "keys", version: 6, host: "web", program: "/usr/bin/ssh", call: "authorized_keys.hrm-new" },
];

describe("the key is rotated while jobs run", () => {
    let cluster: TestCluster;
    let loop: SshLoop;
    let users: Users;
    before(async () => {
        cluster = await TestCluster.ready("t-keys", [[0], [0]]);
        users = new Users(cluster, 5);
        loop = await SshLoop.start(cluster.lab, ["huygens1", "huygens2"]);
    });
    after(() => cluster?.down());

    async function rotate(version: number): Promise<void> {
        cluster.description.keyVersion = version;
        await cluster.configure();
    }

    /** Each key that opens a node, and each that the queue manager has. */
    async function keys(): Promise<string[]> {
        const authorized = ["huygens1", "huygens2"].map(node => cluster.lab.run(node, "cat ~hrm/.ssh/authorized_keys"));
        const own = await cluster.lab.run("web", "cd ~hrm/.ssh/hrm-cluster.d && for key in key-*; do ssh-keygen -yf $key; done; cat keys");
        return [...(await Promise.all(authorized)), own];
    }

    async function expectOnly(version: number): Promise<void> {
        const [first, second, own] = await keys();
        const [, key] = /^restrict (\S+ \S+) hrm-cluster\n$/.exec(first!)!;
        expect(second).to.equal(first);
        expect(own).to.equal(`${key} hrm-cluster\nIdentityFile /home/hrm/.ssh/hrm-cluster.d/key-${version}\n`);
    }

    it("leaves only the new one, on both sides", async () => {
        const before = await keys();
        await rotate(2);
        await cluster.up();
        await expectOnly(2);
        expect((await keys())[0]).not.to.equal(before[0]);
    });

    for (const { step, version, host, program, call } of interruptions) {
        it(`is finished by the next up where Pulumi was killed in ${step}`, async () => {
            const held = await Held.hold(cluster.lab, host, program, call);
            await rotate(version);
            const up = new RunningUp(cluster.stack);
            await held.reached();
            await up.kill();
            await cluster.stack.cancel();
            await held.release();
            await until("the old script to end", async () => !(await stepRuns(cluster, "web")) && !(await stepRuns(cluster, "huygens1")));
            await cluster.up();
            await expectOnly(version);
        });
    }

    it("does not go back to one that was retired, and says so before a node has it", async () => {
        await rotate(5);
        const { code, output } = await cluster.stack.up();
        expect(code, output).not.to.equal(0);
        expect(output).to.contain("web: identity: key 5 has been retired, key 6 took its place");
        expect(output).to.contain("web: identity: set keyVersion to 6, or to 7 for a new key");
        await expectOnly(6);
        await rotate(6);
        await cluster.up();
    });

    it("has had no moment without a key that works", async () => {
        await loop.stop();
        expect(await loop.failures()).to.equal("");
        expect(await loop.calls()).to.be.greaterThan(50);
    });

    it("lost no job", async () => {
        const servers = await collected(cluster, await users.stop());
        expect(servers.length).to.be.greaterThan(5);
        expect(servers.filter(server => !/^huygens[12] 0$/.test(server))).to.deep.equal([]);
    });

    it("leaves nothing half-made, and nothing to do", async () => {
        expect(await leftovers(cluster)).to.deep.equal([]);
        await cluster.expectNothingToDo();
    });
});
