// Covers: lib/hosts/drift lib/hosts/connection lib/steps/checks
import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { Lab } from "../../lab/lab";
import { type HostDescription, reach, TestCluster } from "./support/cluster";
import { said } from "./support/preview";

type Connection = HostDescription["connection"];

/** One way for each node. What it needs on the host is done first. */
interface Way {
    title: string;
    /** On the node, as root. */
    prepare?: (lab: Lab) => string;
    connection: (lab: Lab, plain: Connection) => Partial<Connection>;
}

const sshd = (line: string) => `echo '${line}' >/etc/ssh/sshd_config.d/00-test.conf; systemctl restart ssh`;
const authorise = (publicKey: string) => `echo '${publicKey.trim()}' >>/home/admin/.ssh/authorized_keys`;
const file = (lab: Lab, name: string) => join(lab.folder, name);
const keygen = (...args: string[]) => execFileSync("ssh-keygen", ["-q", ...args]);
const publicKeyOf = (lab: Lab, name: string) => readFileSync(`${file(lab, name)}.pub`, "utf8");

/** A key that ssh-keygen made, with a passphrase. */
function protectedKey(lab: Lab): string {
    keygen("-t", "ed25519", "-N", "open sesame", "-f", file(lab, "protected"));
    return publicKeyOf(lab, "protected");
}

/** `BEGIN PRIVATE KEY`. A locked one is no key for @pulumi/command, and refused. */
const pkcs8: Record<string, string> = {};
function pkcs8Key(lab: Lab, name: string): string {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    pkcs8[name] = privateKey.export({ type: "pkcs8", format: "pem" }) as string;
    const sec1 = privateKey.export({ type: "sec1", format: "pem" });
    execFileSync("sh", ["-c", 'umask 077; cat >"$1"', "sh", file(lab, name)], { input: sec1 });
    return execFileSync("ssh-keygen", ["-y", "-f", file(lab, name)]).toString();
}

const password = 'correct horse\'s "battery" $(staple)';
const setPassword = `chpasswd <<'END'\nadmin:${password}\nEND\n`;

const ways: Way[] = [
    { title: "a bastion", connection: (lab, { host, hostKey }) => ({ host, hostKey, proxy: reach(lab.web) }) },
    { title: "an agent", connection: lab => ({ agentSocketPath: file(lab, "agent") }) },
    {
        title: "a password",
        prepare: () => `${setPassword}${sshd("PasswordAuthentication yes\nKbdInteractiveAuthentication no")}`,
        connection: () => ({ password }),
    },
    {
        title: "a password that is asked for as in a dialogue",
        prepare: () => `${setPassword}${sshd("PasswordAuthentication no\nKbdInteractiveAuthentication yes\nUsePAM yes")}`,
        connection: () => ({ password }),
    },
    {
        title: "a key with a passphrase",
        prepare: lab => authorise(protectedKey(lab)),
        connection: lab => ({ privateKey: readFileSync(file(lab, "protected"), "utf8"), privateKeyPassword: "open sesame" }),
    },
    {
        title: "a PKCS #8 key",
        prepare: lab => authorise(pkcs8Key(lab, "pkcs8")),
        connection: () => ({ privateKey: pkcs8.pkcs8 }),
    },
    {
        title: "an ecdsa host key",
        connection: (lab, { host }) => ({ hostKey: lab.hosts.find(each => each.address === host)!.ecdsaHostKey }),
    },
    {
        title: "another port, as root",
        prepare: () => `mkdir -p /root/.ssh; cp /home/admin/.ssh/authorized_keys /root/.ssh; ${sshd("Port 22\nPort 2222")}`,
        connection: () => ({ port: 2222, user: "root" }),
    },
    { title: "an sshd that allows one session on a connection", prepare: () => sshd("MaxSessions 1"), connection: () => ({}) },
];

describe("hosts are looked at as they are reached", () => {
    let cluster: TestCluster;
    let agent: number;

    before(async () => {
        cluster = await TestCluster.make(
            "t-ways",
            ways.map(() => []),
            { env: { HRM_DRIFT: "strict" } },
        );
        const { lab, description } = cluster;
        const output = execFileSync("ssh-agent", ["-s", "-a", file(lab, "agent")]).toString();
        agent = Number(/SSH_AGENT_PID=(\d+)/.exec(output)![1]);
        execFileSync("ssh-add", ["-q", lab.admin.privateKey], { env: { ...process.env, SSH_AUTH_SOCK: file(lab, "agent") } });
        for (const [index, { prepare, connection }] of ways.entries()) {
            const node = `huygens${index + 1}`;
            if (prepare) await lab.run(node, prepare(lab));
            const described = description.nodes[node]!;
            described.connection = { ...described.connection, ...connection(lab, described.connection) };
        }
        await cluster.configure();
        await cluster.up();
    });
    after(async () => {
        if (agent) process.kill(agent);
        await cluster?.down();
    });

    it("by a strict preview, which finds nothing and can look at all of them", async () => {
        const outcome = await cluster.stack.preview("--expect-no-changes");
        expect(outcome.code, outcome.output).to.equal(0);
        expect(said(outcome)).to.deep.equal({ differences: {}, follows: [], changed: [], unchecked: [] });
    });

    it("and a change is seen on each of them", async () => {
        for (const { name } of cluster.lab.nodes) await cluster.lab.run(name, "chmod 0755 /data/hrm_data");
        const outcome = await cluster.stack.preview();
        const { differences, unchecked } = said(outcome);
        expect(unchecked).to.deep.equal([]);
        for (const [index, { title }] of ways.entries()) {
            const node = `huygens${index + 1}`;
            expect(differences[node], title).to.deep.equal([`${node}: /data/hrm_data: mode 2755, want at least 2770`]);
        }
    });

    it("no secret of a connection is in the output", async () => {
        const { output } = await cluster.stack.preview("--diff");
        for (const secret of [password, "open sesame", pkcs8.pkcs8!.split("\n")[1]!]) expect(output).not.to.contain(secret);
    });
});
