// Covers: lib/steps/rows lib/steps/departures lib/steps/drain lib/steps/link

import { expect } from "chai";
import type { Outcome } from "../../engine/stack";
import { TestCluster } from "./support/cluster";
import { said } from "./support/preview";
import { briefJobOn, collected, endedAndCollected, jobOn, states, upWaitingFor } from "./support/queue";

/** Everything that the library may have written, with times. */
const fingerprint = `find /etc /home/hrm /data /var/lib/pulumi-hrm -xdev -printf '%p %m %u %g %T@ %s %l\\n' | sort`;

describe("a described node changes", () => {
    let cluster: TestCluster;
    before(async () => {
        cluster = await TestCluster.ready("t-nodechg", [[0], [0, 1]]);
    });
    after(() => cluster?.down());

    const node = () => cluster.description.nodes.huygens2!;

    async function up(): Promise<Outcome> {
        await cluster.configure();
        return cluster.up();
    }

    const names = async () => (await cluster.sql("SELECT name FROM server ORDER BY name")).filter(name => !name.startsWith("huygens1"));

    async function rename(from: string, to: string): Promise<void> {
        await cluster.lab.run("huygens2", `hostname ${to}`);
        await cluster.lab.run("web", `grep -qi ' ${to}$' /etc/hosts || echo '${cluster.lab.host("huygens2").address} ${to}' >>/etc/hosts`);
        const { [from]: renamed, ...others } = cluster.description.nodes;
        cluster.description.nodes = { ...others, [to]: renamed! };
    }

    it("loses a GPU while jobs run on it and on the other", async () => {
        const long = await jobOn(cluster, "huygens2 0");
        const short = await jobOn(cluster, "huygens2 1");
        const before = (await states(cluster)).filter(row => row.startsWith("huygens2 0"));
        expect(before[0]).to.match(/busy \| \d+$/);
        node().gpus = [0];
        await cluster.configure();
        expect(said(await cluster.stack.preview()).follows.join("\n")).to.match(
            /^web: rows of huygens2 go: 1 job runs there, and is waited for, at most \d+ s; they are: huygens2 1$/,
        );
        const { code, output } = await upWaitingFor(cluster, [short]);
        expect(code, output).to.equal(0);
        expect(output).to.match(/rows: huygens2: waiting for 1 job to end/);
        expect((await states(cluster)).filter(row => row.startsWith("huygens2"))).to.deep.equal(before);
        expect(await endedAndCollected(cluster, [short, long])).to.deep.equal(["huygens2 1", "huygens2 0"]);
    });

    it("gets other GPUs", async () => {
        node().gpus = [2, 3];
        await up();
        expect(await names()).to.deep.equal(["huygens2 2", "huygens2 3"]);
        node().gpus = [];
        await up();
        expect(await names()).to.deep.equal(["huygens2 -1"]);
        node().gpus = [0, 1];
        await up();
        expect(await names()).to.deep.equal(["huygens2 0", "huygens2 1"]);
        expect(await collected(cluster, [await briefJobOn(cluster, "huygens2 1")])).to.deep.equal(["huygens2 1"]);
    });

    it("has its hucore elsewhere, while a job runs", async () => {
        await cluster.lab.run("huygens2", "mkdir -p /opt && cp /usr/local/bin/hucore /opt/hucore");
        const id = await jobOn(cluster, "huygens2 0");
        const before = (await states(cluster)).filter(row => row.startsWith("huygens2 0"));
        node().hucore = "/opt/hucore";
        const { output } = await up();
        expect(output).to.match(/link-huygens2: asking hucore for its version/);
        expect((await states(cluster)).filter(row => row.startsWith("huygens2 0"))).to.deep.equal(before);
        expect(await cluster.sql("SELECT DISTINCT huscript_path FROM server WHERE name LIKE 'huygens2 %'")).to.deep.equal(["/opt/hucore"]);
        expect(await endedAndCollected(cluster, [id])).to.deep.equal(["huygens2 0"]);
    });

    it("gets another name, while a job runs", async () => {
        const keys = await cluster.lab.run("huygens2", "stat -c '%Y %i' ~hrm/.ssh/authorized_keys; cat ~hrm/.ssh/authorized_keys");
        const id = await jobOn(cluster, "huygens2 0");
        await rename("huygens2", "gpubox");
        await cluster.configure();
        const { code, output } = await upWaitingFor(cluster, [id]);
        expect(code, output).to.equal(0);
        expect(output).to.match(/departures: huygens2: waiting for 1 job to end/);
        expect(output).not.to.match(/revoking/);
        expect(await names()).to.deep.equal(["gpubox 0", "gpubox 1"]);
        // The result names the host as it is called when it is written.
        expect((await collected(cluster, [id]))[0]).to.match(/made by host "gpubox"/);
        expect(await cluster.lab.run("huygens2", "stat -c '%Y %i' ~hrm/.ssh/authorized_keys; cat ~hrm/.ssh/authorized_keys")).to.equal(
            keys,
        );
        expect(await cluster.lab.run("web", "ls ~hrm/.ssh/hrm-cluster.d")).not.to.contain("huygens2");
        expect(await collected(cluster, [await briefJobOn(cluster, "gpubox 0")])).to.deep.equal(["gpubox 0"]);
    });

    it("gets its name in other letters, while a job runs", async () => {
        const id = await jobOn(cluster, "gpubox 0");
        const before = (await states(cluster)).filter(row => row.startsWith("gpubox"));
        await rename("gpubox", "GPUbox");
        const { output } = await up();
        expect(output).not.to.match(/waiting for/);
        expect((await states(cluster)).filter(row => row.startsWith("GPUbox"))).to.deep.equal(
            before.map(row => row.replace("gpubox", "GPUbox")),
        );
        expect((await endedAndCollected(cluster, [id]))[0]).to.match(/made by host "GPUbox"/);
        expect((await collected(cluster, [await briefJobOn(cluster, "GPUbox 1")]))[0]).to.match(/^GPUbox [01]$/);
    });

    it("gets another address", async () => {
        const { address } = cluster.lab.host("huygens2");
        const moved = address.replace(/\d+$/, "200");
        // The old one stays for the call that the queue manager may be in: it would wait for its answer for 5 minutes.
        await cluster.lab.run("huygens2", `ip address add ${moved}/24 dev eth0`);
        await cluster.lab.run("web", `sed 's/^${address} /${moved} /' /etc/hosts >/etc/hosts.new && cat /etc/hosts.new >/etc/hosts`);
        cluster.description.nodes.GPUbox!.connection.host = moved;
        await up();
        expect(await names()).to.deep.equal(["GPUbox 0", "GPUbox 1"]);
        expect(await collected(cluster, [await briefJobOn(cluster, "GPUbox 0")])).to.deep.equal(["GPUbox 0"]);
    });

    it("has another administrator, then another key of that one", async () => {
        const hosts = ["web", "huygens1", "huygens2"];
        await cluster.lab.run("web", "for key in 1 2; do ssh-keygen -q -t ed25519 -N '' -f /root/boss$key; done");
        const keys = await cluster.lab.run("web", "cat /root/boss?.pub");
        const boss = `useradd --create-home --shell /bin/sh boss && install -d -m 0700 -o boss /home/boss/.ssh &&
            cat >/home/boss/.ssh/authorized_keys && chown boss /home/boss/.ssh/authorized_keys && echo 'boss ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/boss`;
        for (const host of hosts) await cluster.lab.run(host, boss, { stdin: keys });
        const look = () => Promise.all(hosts.map(host => cluster.lab.run(host, fingerprint)));
        const before = await look();
        for (const key of [1, 2]) {
            const privateKey = await cluster.lab.run("web", `cat /root/boss${key}`);
            for (const { connection } of [cluster.description.web, ...Object.values(cluster.description.nodes)])
                Object.assign(connection, { user: "boss", privateKey });
            const { output } = await up();
            expect(output).to.match(/ updated/);
            expect(await look()).to.deep.equal(before);
        }
        await cluster.expectNothingToDo();
    });
});
