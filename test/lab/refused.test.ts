// Covers: lib/steps/link lib/steps/hucore lib/steps/account lib/steps/folders lib/description/hostKey
import { generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import { expect } from "chai";
import type { Outcome } from "../../engine/stack";
import { reach, TestCluster } from "./support/cluster";
import { partOf } from "./support/preview";
import { untilSeen } from "./support/until";

/** A node that must get no row. */
interface Case {
    title: string;
    node: string;
    /** What is done to the host before `up`, as root, and what takes it back. */
    spoil?: string;
    mend?: string;
    /** The step that says so. */
    step: string;
    message: RegExp;
}

const cases: Case[] = [
    {
        title: "whose image folder is the web host's own",
        node: "huygens2",
        step: "link",
        message:
            /web: link-huygens2: \/data\/hrm_data on huygens2 is the web host's own folder: in copy mode HRM would destroy the images in it/,
    },
    {
        title: "that is the web host under another name",
        node: "mirror",
        step: "link",
        message:
            /web: link-mirror: \/data\/hrm_data on mirror is the web host's own folder: in copy mode HRM would destroy the images in it/,
    },
    {
        title: "that answers ssh but not ping",
        node: "huygens3",
        step: "link",
        message: /web: link-huygens3: huygens3 does not answer ping: .*HRM pings a node before each job/s,
    },
    {
        title: "without hucore",
        node: "huygens4",
        spoil: "mv /usr/local/bin/hucore /root",
        mend: "mv /root/hucore /usr/local/bin",
        step: "hucore",
        message: /huygens4: hucore: \/usr\/local\/bin\/hucore is not there.*install Huygens Core on this host/s,
    },
    {
        title: "whose login shell prints a greeting",
        node: "huygens5",
        spoil: "cp -p /etc/bash.bashrc /root; sed -i '1i echo Welcome to huygens5' /etc/bash.bashrc",
        mend: "cp -p /root/bash.bashrc /etc",
        step: "link",
        message:
            /web: link-huygens5: huygens5: the login shell of hrm prints a greeting, which HRM takes for an answer: Welcome to huygens5/,
    },
    {
        title: "whose sudo asks for a password",
        node: "huygens6",
        spoil: "sed -i 's/NOPASSWD: //' /etc/sudoers.d/admin",
        mend: "sed -i 's/ ALL$/ NOPASSWD: ALL/' /etc/sudoers.d/admin",
        step: "account",
        message: /hrm-huygens6 .*sudo: a password is required/s,
    },
    {
        title: "without sudo",
        node: "huygens7",
        spoil: "mv /usr/bin/sudo /root",
        mend: "mv /root/sudo /usr/bin",
        step: "account",
        message: /hrm-huygens7 .*sudo: not found/s,
    },
    {
        title: "with another host key than described",
        node: "huygens8",
        step: "account",
        message:
            /error: huygens8: the host key is not the one that the description pins; if huygens8 was reinstalled, describe its new hostKey/,
    },
    {
        title: "that refuses the administrator's key",
        node: "huygens9",
        spoil: "mv /home/admin/.ssh/authorized_keys /root",
        mend: "mv /root/authorized_keys /home/admin/.ssh",
        step: "account",
        message: /error: huygens9: it refuses the login: neither the private key, nor the agent's, nor the password opens it/,
    },
];
const good = "huygens1";
/** The users' files with content, owner, mode and time, and what else is in the folder, but for what HRM itself puts there. */
const images = `cd /data/hrm_data && find precious user -printf '%p %U %G %m %T@\\n' && sha256sum precious user/src/image &&
    ls -A | grep -v '^\\(\\.hrm_[a-z]*\\|demo\\)$'`;

describe("hosts that HRM must not use", () => {
    let cluster: TestCluster;
    let outcome: Outcome;
    let imagesBefore: string;

    before(async () => {
        cluster = await TestCluster.make("t-refused", Array(9).fill([0]));
        const { lab, description } = cluster;
        await lab.run(
            "web",
            "mkdir -p /data/hrm_data/user/src && cd /data/hrm_data && head -c 100000 /dev/urandom | tee user/src/image >precious",
        );
        description.storage = { takeOver: ["/data/hrm_data"] };
        imagesBefore = await lab.run("web", images);
        for (const { node, spoil } of cases) if (spoil) await lab.run(node, spoil);
        await lab.bindMount("huygens2", join(lab.root("web"), "data/hrm_data"), "/data/hrm_data");
        await lab.dropPing("huygens3");
        await lab.run("web", "echo '127.0.0.1 mirror' >>/etc/hosts");
        // Every login and every attempt at one shows at this level.
        for (const host of ["web", good, "huygens8"])
            await lab.run(host, "echo 'LogLevel DEBUG2' >/etc/ssh/sshd_config.d/00-test.conf; systemctl reload ssh; touch /root/stamp");
        for (const [node, { connection }] of Object.entries(description.nodes)) if (node !== "huygens9") connection.dialErrorLimit = 2;
        // At another address and by another host key, or the description would be refused.
        const second = lab.web.address.replace(/\d+$/, "99");
        await lab.run("web", `ip address add ${second}/24 dev eth0`);
        description.nodes.mirror = { connection: { host: second, hostKey: lab.web.ecdsaHostKey } };
        description.nodes.huygens8!.connection.hostKey = someHostKey();
    });
    after(() => cluster?.down());

    it("sends nothing to a web host with another host key than described, and starts nothing that needs it", async () => {
        const { description, stack } = cluster;
        const { nodes } = description;
        cluster.description = {
            web: { host: "web", connection: { ...reach(cluster.lab.web), hostKey: someHostKey(), dialErrorLimit: 2 } },
            nodes: { [good]: nodes[good]! },
            storage: description.storage,
        };
        await cluster.configure();
        const { code, output } = await stack.up();
        cluster.description = description;
        expect(code).not.to.equal(0);
        expect(output)
            .to.match(/hrm-web-identity \*\*creating failed/)
            .and.to.contain("error: web: the host key is not the one that the description pins");
        expect(output).not.to.match(/hrm-huygens1-link|hrm-registry \*\*/);
        await expectUntouched(cluster, "web");
        // Nothing is made on a node whose key may have been retired: only the web host knows.
        expect((await cluster.lab.exec(good, "id hrm")).code).not.to.equal(0);
        expect(await sshJournal(cluster, good)).to.match(/userauth-request for user admin/);
    });

    it("fails with them, and goes on with the good one", async () => {
        await cluster.configure();
        outcome = await cluster.stack.up();
        expect(outcome.code).not.to.equal(0);
        const failed = [...outcome.output.matchAll(/(hrm-\S+) \*\*creating failed/g)].map(([, name]) => name!);
        // The registry has taken the good node's row, and fails because of the others.
        expect([...new Set(failed)].sort(), outcome.output).to.deep.equal(
            [...cases.map(({ node, step }) => `hrm-${partOf(`${node}-${step}`)}`), "hrm-registry"].sort(),
        );
        expect(await cluster.rows()).to.deep.equal([`${good} 0 | /usr/local/bin/hucore | 0`]);
    });

    for (const { title, message } of cases)
        it(`says clearly why it refuses a node ${title}`, () => expect(outcome.output).to.match(message));

    it("sends nothing to a node with another host key than described", () => expectUntouched(cluster, "huygens8"));

    it("asks a host once that has refused the key, since its sshd may penalise that, and the look has asked before", async () => {
        const journal = async () => (await sshJournal(cluster, "huygens9")).split("\n");
        const refused = (line: string) => /authenticating user admin .*\[preauth\]/.test(line);
        // sshd writes it once it has noticed that the other side is gone.
        await untilSeen("the refusal in sshd's journal", journal, lines => lines.some(refused), 30);
        expect((await journal()).filter(refused).length).to.be.within(1, 2);
    });

    it("has left every image alone", async () => {
        expect(await cluster.lab.run("web", images)).to.equal(imagesBefore);
    });

    it("runs jobs on the good node meanwhile", async () => {
        const [result] = await cluster.runJobs(1, 1);
        expect(result?.ok && result.server, result?.detail).to.equal(`${good} 0`);
    });

    it("finishes when the hosts are in order, and forgets those that cannot be nodes", async () => {
        const { lab, description } = cluster;
        for (const { node, mend } of cases) if (mend) await lab.run(node, mend);
        await lab.dropPing("huygens3", false);
        description.nodes.huygens8!.connection = reach(lab.host("huygens8"));
        delete description.nodes.huygens2;
        delete description.nodes.mirror;
        await cluster.configure();
        await cluster.up();
        expect(await cluster.rows()).to.deep.equal(
            [1, 3, 4, 5, 6, 7, 8, 9].map(number => `huygens${number} 0 | /usr/local/bin/hucore | 0`),
        );
        for (const host of ["web", "huygens2"])
            expect(await lab.run(host, "cat /home/hrm/.ssh/authorized_keys")).not.to.contain("ssh-ed25519");
        expect(await lab.run("web", images)).to.equal(imagesBefore);
    });
});

function someHostKey(): string {
    const { x } = generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" });
    const field = (content: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, content.length]), content]);
    return `ssh-ed25519 ${Buffer.concat([field(Buffer.from("ssh-ed25519")), field(Buffer.from(x!, "base64url"))]).toString("base64")}`;
}

/** By the name of the program: journald finds no unit for the last words of a process that is gone when it reads them. */
function sshJournal({ lab }: TestCluster, host: string): Promise<string> {
    return lab.run(host, "journalctl -t sshd -t sshd-session --output cat --no-pager");
}

/** Somebody connected, but did not get as far as to name a user; no file is newer than the one that `before` made. */
async function expectUntouched(cluster: TestCluster, host: string): Promise<void> {
    const journal = await sshJournal(cluster, host);
    expect(journal).to.match(/Connection from/);
    expect(journal).not.to.match(/userauth-request|authenticating user|Accepted|session opened/);
    const changed = "find /etc /home /root /usr /var/lib /var/www /data /opt /srv /run/pulumi-hrm -newer /root/stamp 2>/dev/null";
    const except = "grep -v '^/var/lib/\\(mysql\\|systemd\\|php\\)\\b\\|^/root/stamp$'";
    expect(await cluster.lab.run(host, `${changed} | ${except} || :`)).to.equal("");
}
