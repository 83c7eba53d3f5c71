// Covers: engine/plugins/command engine/provider engine/bin/command
/**
 * What this library relies on in `remote.Command`. The provider is taken from PATH: with a real `pulumi-resource-command` 1.2.1 there, the
 * same tests say whether the stand-in in engine/plugins/command still behaves like it.
 */
import { strict as assert } from "node:assert";
import { engine } from "../../engine/engine";
import { type Lab, labUp } from "../../lab/lab";
import { Sshd } from "./engine-sshd";
import { type Resources, Stack } from "./engine-stack";

describe("remote.Command", function () {
    this.timeout(900_000);
    let lab: Lab;
    let sshd: Sshd;
    let stack: Stack;
    let pulumi: Awaited<ReturnType<typeof engine>>;

    before(async () => {
        pulumi = await engine(console.log);
        lab = await labUp({ name: "t-eng-cmd", gpus: [], log: console.log });
        sshd = new Sshd(lab);
        await sshd.start("AcceptEnv GREETING PULUMI_COMMAND_STDOUT PULUMI_COMMAND_STDERR");
    });

    after(async () => {
        sshd?.remove();
        await lab?.down();
    });

    beforeEach(() => {
        stack = new Stack(pulumi);
    });

    afterEach(async () => {
        stack.remove();
        await sshd.shell("rm -rf /tmp/t; mkdir /tmp/t");
    });

    const command = (args: object, options?: object): Resources => ({
        a: { type: "Command", args: { connection: sshd.connection, addPreviousOutputInEnv: false, ...args }, options },
    });
    const written = () => sshd.shell("cat /tmp/t/log 2>/dev/null || true");
    const errors = (result: Awaited<ReturnType<Stack["up"]>>) =>
        result.diagnostics.filter(({ name, severity }) => name === "a" && severity === "error").map(({ message }) => message);

    describe("create", () => {
        it("keeps both outputs, without one newline at their ends, and gives stdin to the command", async () => {
            const result = await stack.up(command({ create: "cat; echo; echo second >&2", stdin: "first\n" }));
            assert.equal(result.code, 0, result.text);
            const { a } = await stack.state();
            assert.equal(a.outputs.stdout, "first\n");
            assert.equal(a.outputs.stderr, "second");
            assert.match(a.id, /^a[0-9a-f]{8}$/);
        });

        it("leaves no secret readable in the state", async () => {
            const proxy = { ...sshd.connection, privateKey: sshd.lockedKey, privateKeyPassword: "open" };
            const stdin = { $secret: "the database's password" };
            const result = await stack.up(command({ connection: { ...sshd.connection, proxy }, create: "cat > /dev/null", stdin }));
            assert.equal(result.code, 0, result.text);
            for (const text of ["BEGIN OPENSSH", "the database", '"open"', sshd.address])
                assert.ok(!stack.stateFile().includes(text), text);
            const { a } = await stack.state();
            assert.deepEqual(a.inputs, Object.fromEntries(Object.entries(a.outputs).filter(([key]) => !/^std(out|err)$/.test(key))));
        });

        it("changes nothing the second time", async () => {
            const resources = command({
                create: "echo run >> /tmp/t/log",
                stdin: { $secret: "x" },
                environment: { GREETING: "hello" },
                triggers: [1, { b: 2 }],
            });
            assert.deepEqual((await stack.up(resources)).changes, { create: 1 });
            assert.deepEqual((await stack.up(resources)).changes, { same: 1 });
            assert.equal(await written(), "run\n");
        });

        it("records nothing when the command fails, and prints command and output", async () => {
            const result = await stack.up(command({ create: 'echo "out\tput"; echo errors >&2; exit 3' }));
            assert.equal(result.code, 1);
            const [message] = errors(result);
            assert.ok(
                message.startsWith('Process exited with status 3: running "echo \\"out\\tput\\"; echo errors >&2; exit 3":\n'),
                message,
            );
            assert.match(message, /out\tput\n/);
            assert.match(message, /errors\n/);
            assert.equal((await stack.state()).a, undefined);
        });

        it("does not connect in a preview, where outputs are unknown", async () => {
            const resources = {
                ...command({ connection: { ...sshd.connection, port: 1 }, create: "true" }),
                b: { type: "Command" as const, args: { connection: sshd.connection, create: { $output: "a.stdout" } } },
            };
            const result = await stack.run(["preview"], resources);
            assert.equal(result.code, 0, result.text);
            assert.deepEqual(result.changes, { create: 2 });
        });

        it("refuses inputs of a wrong type in the preview", async () => {
            const wrong: [object, RegExp][] = [
                [{ create: 5 }, /Field 'create' on 'remote.CommandInputs' must be a 'string'; got 'float64' instead/],
                [{ stdin: { $secret: 5 } }, /Field 'stdin' on 'remote.CommandInputs' must be a 'string'; got 'float64' instead/],
                [
                    { environment: { A: 1 } },
                    /Field 'environment\[A\] value' on 'remote.CommandInputs' must be a 'string'; got 'float64' instead/,
                ],
                [
                    { connection: { host: "h", port: "22" } },
                    /Field 'port' on 'remote.Connection' must be a 'float64'; got 'string' instead/,
                ],
                [{ connection: { host: "h", nothing: 1 } }, /Unrecognized field 'nothing' on 'remote.Connection'/],
                [{ connection: { user: "u" } }, /Missing required field 'host' on 'remote.Connection'/],
            ];
            for (const [args, reason] of wrong)
                assert.match((await stack.run(["preview"], command({ create: "true", ...args }))).text, reason);
        });

        it("does nothing without a command", async () => {
            assert.equal((await stack.up(command({ connection: { ...sshd.connection, port: 1 }, delete: "true" }))).code, 0);
            assert.equal((await stack.state()).a.outputs.stdout, "");
        });

        it("says when a signal ended the command", async () => {
            assert.match(
                errors(await stack.up(command({ create: "kill -TERM $$" })))[0],
                /^Process exited with status 143 from signal TERM: running/,
            );
        });

        it("fails when the connection breaks, without harm to other operations", async () => {
            const resources = {
                ...command({ create: "kill -9 $PPID; sleep 5" }),
                b: { type: "Command" as const, args: { connection: sshd.connection, create: "sleep 2; echo done" } },
            };
            const result = await stack.up(resources);
            assert.match(errors(result)[0], /^wait: remote command exited without exit status or exit signal: running/);
            assert.equal((await stack.state()).b.outputs.stdout, "done");
        });

        it("fails when the command ends before it has read a long input", async () => {
            assert.match(
                errors(await stack.up(command({ create: "sleep 1", stdin: "x".repeat(6_000_000) })))[0],
                /^EOF: running "sleep 1"/,
            );
            const read = await stack.up(command({ create: "wc -c", stdin: "x".repeat(6_000_000) }));
            assert.equal(read.code, 0, read.text.slice(-500));
            assert.equal(String((await stack.state()).a.outputs.stdout).trim(), "6000000");
        });

        it("keeps characters whole that arrive in pieces", async () => {
            const result = await stack.up(command({ create: "printf '\\342\\202'; sleep 1; printf '\\254'" }));
            assert.equal((await stack.state()).a.outputs.stdout, "€");
            assert.deepEqual(
                result.diagnostics.filter(({ name }) => name === "a").map(({ message }) => message.trim()),
                ["€"],
            );
        });
    });

    describe("update", () => {
        it("runs `update`, or `create` where there is none, for a change of any input", async () => {
            const args = { create: "echo create >> /tmp/t/log", update: "echo update >> /tmp/t/log", stdin: "1" };
            await stack.up(command(args));
            for (const change of [
                { stdin: "2" },
                { logging: "none" },
                { delete: "true" },
                { environment: { GREETING: "x" } },
                { update: undefined },
            ]) {
                Object.assign(args, change);
                assert.deepEqual((await stack.up(command(args))).changes, { update: 1 }, JSON.stringify(change));
            }
            const otherUser = { ...args, connection: { ...sshd.connection, perDialTimeout: 16 } };
            assert.deepEqual((await stack.up(command(otherUser))).changes, { update: 1 });
            assert.equal(await written(), "create\nupdate\nupdate\nupdate\nupdate\ncreate\ncreate\n");
        });

        it("keeps the old state when it fails", async () => {
            await stack.up(command({ create: "echo good" }));
            assert.equal((await stack.up(command({ create: "echo bad; false" }))).code, 1);
            const { a } = await stack.state();
            assert.equal(a.outputs.create, "echo good");
            assert.equal(a.outputs.stdout, "good");
            assert.deepEqual((await stack.up(command({ create: "echo good" }))).changes, { same: 1 });
        });

        it("does not run for an ignored change", async () => {
            await stack.up(command({ create: "true", update: "echo one >> /tmp/t/log" }));
            const result = await stack.up(command({ create: "true", update: "echo two >> /tmp/t/log" }, { ignoreChanges: ["update"] }));
            assert.deepEqual(result.changes, { same: 1 });
            assert.equal(await written(), "");
        });

        it("gives the previous output to the command where that is wanted", async () => {
            const args = { create: "echo first; echo second >&2", addPreviousOutputInEnv: undefined };
            await stack.up(command(args));
            await stack.up(command({ ...args, create: 'echo "$PULUMI_COMMAND_STDOUT, $PULUMI_COMMAND_STDERR"' }));
            assert.equal((await stack.state()).a.outputs.stdout, "first, second");
        });

        it("replaces for a changed trigger: new create, then old delete", async () => {
            const args = { create: "echo create >> /tmp/t/log", update: "false", delete: "cat >> /tmp/t/log" };
            await stack.up(command({ ...args, stdin: "delete 1\n", triggers: ["a"] }));
            const changed = await stack.up(command({ ...args, stdin: "delete 2\n", triggers: ["b"] }));
            assert.equal(changed.changes.replace, 1, changed.text);
            const removed = await stack.up(command({ ...args, stdin: "delete 3\n" }));
            assert.equal(removed.changes.replace, 1, removed.text);
            assert.equal(await written(), "create\ncreate\ndelete 1\ncreate\ndelete 2\n");
        });
    });

    describe("delete", () => {
        it("uses the connection, text and stdin of the state", async () => {
            await stack.up(command({ create: "true", delete: "cat >> /tmp/t/log", stdin: "bye\n" }));
            assert.deepEqual((await stack.up({})).changes, { delete: 1 });
            assert.equal(await written(), "bye\n");
        });

        it("keeps the resource when it fails", async () => {
            await stack.up(command({ create: "true", delete: "false" }));
            const result = await stack.up({});
            assert.equal(result.code, 1);
            assert.match(errors(result)[0], /Process exited with status 1: running "false"/);
            assert.ok((await stack.state()).a);
        });
    });

    describe("environment", () => {
        it("reaches the command where sshd accepts it", async () => {
            await stack.up(command({ create: 'echo "$GREETING"', environment: { GREETING: "good day" } }));
            assert.equal((await stack.state()).a.outputs.stdout, "good day");
        });

        it("is an error where sshd refuses it, before the command runs", async () => {
            const result = await stack.up(command({ create: "echo ran >> /tmp/t/log", environment: { OTHER: "x" } }));
            assert.equal(result.code, 1);
            assert.ok(errors(result).some(message => message.startsWith('could not set environment variable "OTHER": ssh: setenv failed')));
            assert.equal(await written(), "");
        });
    });

    describe("logging", () => {
        const modes = { stdout: ["out"], stderr: ["err"], stdoutAndStderr: ["out", "err"], none: [], default: ["out", "err"] };
        for (const [mode, expected] of Object.entries(modes)) {
            it(`shows what is asked for: ${mode}`, async () => {
                const logging = mode === "default" ? undefined : mode;
                const result = await stack.up(command({ create: "echo out; sleep 0.2; echo err >&2", logging }));
                const lines = result.diagnostics.filter(({ name }) => name === "a");
                assert.deepEqual(
                    lines.map(({ message }) => message.trim()),
                    expected,
                );
                assert.ok(lines.every(({ ephemeral, severity }) => ephemeral && severity === "info"));
            });
        }
    });
});
