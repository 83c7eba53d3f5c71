// Covers: engine/plugins/command
/** How `remote.Command` connects: the same tests for the stand-in and for a real provider on PATH, as in engine-command.test.ts. */

import { strict as assert } from "node:assert";
import { execFileSync, spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { createConnection } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { engine } from "../../engine/engine";
import { type Lab, labUp } from "../../lab/lab";
import { Sshd } from "./engine-sshd";
import { type Resources, type Result, Stack } from "./engine-stack";

const pkcs8 = (lock: object) =>
    generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem", ...lock } as never) as string;

describe("remote.Command's connection", function () {
    this.timeout(900_000);
    let lab: Lab;
    let sshd: Sshd;
    let stack: Stack;
    let pulumi: Awaited<ReturnType<typeof engine>>;

    before(async () => {
        pulumi = await engine(console.log);
        lab = await labUp({ name: "t-eng-conn", gpus: [], log: console.log });
        sshd = new Sshd(lab);
        await sshd.start();
    });

    after(async () => {
        sshd?.remove();
        await lab?.down();
    });

    beforeEach(() => {
        stack = new Stack(pulumi);
    });

    afterEach(() => stack.remove());

    const command = (connection: object, create = "true"): Resources => ({ a: { type: "Command", args: { connection, create } } });
    const up = (connection: object, env = {}) =>
        stack.run(["up", "--skip-preview", "--yes"], command({ ...sshd.connection, ...connection }), env);
    const error = (result: Result) =>
        result.diagnostics.find(({ name, severity }) => name === "a" && severity === "error")?.message ?? result.text;
    const retries = (result: Result) => result.diagnostics.filter(({ message }) => /^Dial \d+\/\S+ failed: retrying/.test(message)).length;
    const accepted = (result: Result) => assert.equal(result.code, 0, result.text);

    it("accepts a key with a passphrase, one without a final newline, and a server without hostKey", async () => {
        accepted(await up({ privateKey: sshd.lockedKey, privateKeyPassword: "open" }));
        accepted(await up({ privateKey: sshd.privateKey.trimEnd(), hostKey: undefined }));
    });

    it("refuses an unreadable key at once", async () => {
        for (const connection of [
            { privateKey: "no key" },
            { privateKey: sshd.lockedKey },
            { privateKey: sshd.lockedKey, privateKeyPassword: "wrong" },
            { privateKey: sshd.privateKey, privateKeyPassword: "too much" },
            { privateKey: pkcs8({}), privateKeyPassword: "too much" },
            { privateKey: pkcs8({ cipher: "aes-256-cbc", passphrase: "open" }), privateKeyPassword: "open" },
        ]) {
            const result = await up(connection);
            assert.equal(result.code, 1);
            assert.match(
                error(result),
                /ssh: (no key found|this private key is passphrase protected|key is not password protected|not an encrypted key)/,
            );
            assert.equal(retries(result), 0);
        }
    });

    it("sends nothing to a server with another host key", async () => {
        const result = await up({ hostKey: sshd.otherHostKey, dialErrorLimit: 1 });
        assert.match(error(result), /^after 1 failed attempts: ssh: handshake failed: ssh: host key mismatch/);
        assert.equal(retries(result), 1);
    });

    it("fails after the forgiven number of failures", async () => {
        const result = await up({ port: 1, dialErrorLimit: 3 });
        assert.equal(error(result).trim(), `after 3 failed attempts: dial tcp ${sshd.address}:1: connect: connection refused`);
        assert.equal(retries(result), 3);
        assert.equal((await up({ port: 1, dialErrorLimit: 0 })).diagnostics.filter(({ ephemeral }) => ephemeral).length, 0);
    });

    it("retries a refused login too, and says what was tried", async () => {
        const result = await up({ privateKey: sshd.otherKey, dialErrorLimit: 1 });
        assert.match(
            error(result),
            /^after 1 failed attempts: ssh: handshake failed: ssh: unable to authenticate, attempted methods \[none publickey\], no supported methods remain/,
        );
    });

    it("retries until a host is there", async () => {
        await sshd.stop();
        const pulumiUp = await stack.start(["up", "--skip-preview", "--yes"], command({ ...sshd.connection, dialErrorLimit: -1 }));
        let text = "";
        let starting: Promise<void> | undefined;
        pulumiUp.stdout?.on("data", chunk => {
            text += chunk;
            if (/Dial 2\/inf failed: retrying/.test(text)) starting ??= sshd.start();
        });
        const code = await new Promise(resolve => pulumiUp.on("close", resolve));
        await starting;
        assert.equal(code, 0, text);
        assert.notEqual(starting, undefined);
    });

    it("limits the time of a single dial", async () => {
        const { port, close } = await deaf();
        try {
            const result = await up({ host: "127.0.0.1", port, perDialTimeout: 1, dialErrorLimit: 2 });
            assert.equal(error(result).trim(), `after 2 failed attempts: dial tcp 127.0.0.1:${port}: i/o timeout`);
            assert.ok(result.seconds < 30, `${result.seconds} s`);
        } finally {
            close();
        }
    });

    it("fails where the agent's socket is dead, also with a key", async () => {
        const result = await stack.run(["up", "--skip-preview", "--yes"], command(sshd.connection), {
            SSH_AUTH_SOCK: "/nonexistent/agent",
        });
        assert.match(error(result), /^dial unix \/nonexistent\/agent: connect: no such file or directory/);
    });

    it("uses a key in the agent", async () => {
        const socket = join(sshd.keys, "agent");
        const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
        try {
            execFileSync("sh", ["-c", `while [ ! -S ${socket} ]; do sleep 0.05; done; ssh-add -q ${sshd.keys}/user`], {
                env: { ...process.env, SSH_AUTH_SOCK: socket },
            });
            accepted(await up({ privateKey: undefined }, { SSH_AUTH_SOCK: socket }));
            accepted(await up({ privateKey: undefined, agentSocketPath: socket }));
        } finally {
            agent.kill();
        }
    });

    it("goes through a bastion, whose key is checked too", async () => {
        accepted(await up({ proxy: sshd.connection }));
        const wrong = await up({ proxy: { ...sshd.connection, hostKey: sshd.otherHostKey, dialErrorLimit: 0 }, perDialTimeout: 14 });
        assert.match(error(wrong), /^proxy: after 0 failed attempts: ssh: handshake failed: ssh: host key mismatch/);
        const beyond = await up({ proxy: sshd.connection, hostKey: sshd.otherHostKey, dialErrorLimit: 0 });
        assert.match(error(beyond), /^proxy: after 0 failed attempts: ssh: handshake failed: ssh: host key mismatch/);
        const again = await up({ proxy: sshd.connection, hostKey: sshd.otherHostKey, dialErrorLimit: 1 });
        assert.match(error(again), /^proxy: after 1 failed attempts: ssh: handshake failed: /);
    });

    it("gets 20 commands at once through a server that admits few", async () => {
        await sshd.restart("MaxStartups 3:50:10");
        const names = Array.from({ length: 20 }, (_, number) => `c${number}`);
        const result = await stack.up(
            Object.fromEntries(names.map(name => [name, { type: "Command", args: { connection: sshd.connection, create: "true" } }])),
        );
        assert.deepEqual(result.changes, { create: 20 }, result.text);
        console.log(
            `      20 commands: ${result.seconds} s with engine and program, ${result.diagnostics.filter(({ message }) => /retrying/.test(message)).length} dials repeated`,
        );
    });
});

/** A port that answers as little as a host without power: its server is stopped and its queue of connections is full. */
async function deaf(): Promise<{ port: number; close(): void }> {
    const program =
        "const s = require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(s.address().port))";
    const server = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
    const port = await new Promise<number>(resolve => server.stdout.once("data", text => resolve(Number(text))));
    server.kill("SIGSTOP");
    const fillers = Array.from({ length: 5 }, () => createConnection(port, "127.0.0.1").on("error", () => {}));
    await sleep(200);
    const close = () => {
        for (const filler of fillers) filler.destroy();
        server.kill("SIGKILL");
    };
    return { port, close };
}
