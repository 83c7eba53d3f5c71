// Covers: engine/plugins/command engine/provider
/** What happens to the provider and to remote commands when Pulumi is interrupted or killed. */
import { strict as assert } from "node:assert";
import { type ChildProcess, execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { engine } from "../../engine/engine";
import { type Lab, labUp } from "../../lab/lab";
import { isAlive } from "../support/alive";
import { Sshd } from "./engine-sshd";
import { type Resources, Stack } from "./engine-stack";

describe("A provider whose Pulumi ends", function () {
    this.timeout(900_000);
    let lab: Lab;
    let sshd: Sshd;
    let stack: Stack;
    let pulumi: Awaited<ReturnType<typeof engine>>;

    before(async () => {
        pulumi = await engine(console.log);
        lab = await labUp({ name: "t-eng-kill", gpus: [], log: console.log });
        sshd = new Sshd(lab);
        await sshd.start();
    });

    after(async () => {
        await sshd?.stop();
        sshd?.remove();
        await lab?.down();
    });

    beforeEach(async () => {
        stack = new Stack(pulumi);
        await sshd.shell("rm -rf /tmp/t; mkdir -p /tmp/t");
    });

    afterEach(() => stack.remove());

    const command = (create: string, connection: object = {}): Resources => ({
        a: { type: "Command", args: { connection: { ...sshd.connection, ...connection }, create } },
    });
    const exists = (file: string) => sshd.shell(`test -e ${file} && echo yes || true`);
    const eventually = async (what: string, condition: () => Promise<boolean> | boolean) => {
        for (const start = Date.now(); !(await condition()); await sleep(100)) assert.ok(Date.now() - start < 20_000, what);
    };
    const ended = (child: ChildProcess) => new Promise(resolve => child.on("close", resolve));
    const plugins = (parent: number) => {
        const all = execFileSync("ps", ["-eo", "pid=,ppid=,args="], { encoding: "utf8" }).split("\n");
        const fields = all.map(line => line.trim().split(/\s+/, 2).map(Number));
        return all.flatMap((line, index) => (fields[index][1] === parent && /command/.test(line) ? [fields[index][0]] : []));
    };

    it("ends with a Pulumi that was killed, and the next run can take over", async () => {
        const child = await stack.start(
            ["up", "--skip-preview", "--yes"],
            command("touch /tmp/t/started; while sleep 0.2; do echo tick; done"),
        );
        await eventually("the command starts", async () => (await exists("/tmp/t/started")) !== "");
        const [plugin] = plugins(child.pid!);
        assert.ok(plugin);
        child.kill("SIGKILL");
        await eventually("the plugin ends", () => !isAlive(plugin));
        await eventually(
            "the command, which writes, ends",
            async () => (await sshd.shell("pgrep -f 'echo tick' | grep -v $$ || true")) === "",
        );
        await stack.cancel();
        const next = await stack.up(command("true"));
        assert.equal(next.code, 0, next.text);
    });

    it("lets a running command finish when the user interrupts", async () => {
        const child = await stack.start(["up", "--skip-preview", "--yes"], command("touch /tmp/t/started; sleep 3; touch /tmp/t/finished"));
        await eventually("the command starts", async () => (await exists("/tmp/t/started")) !== "");
        child.kill("SIGINT");
        await ended(child);
        assert.notEqual(await exists("/tmp/t/finished"), "");
        assert.ok((await stack.state()).a);
    });

    it("stops dialling when the user interrupts", async () => {
        const child = await stack.start(["up", "--skip-preview", "--yes"], command("true", { port: 1, dialErrorLimit: -1 }));
        let text = "";
        child.stdout?.on("data", chunk => (text += chunk));
        await eventually("it dials", () => /Dial 3\/inf failed/.test(text));
        child.kill("SIGINT");
        await ended(child);
        assert.match(text, /context canceled/);
    });
});
