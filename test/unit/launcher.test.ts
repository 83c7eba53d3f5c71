import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { launcher, launcherAbout } from "../../lib/hosts/launcher";
import { source } from "../../lib/hosts/stepText";
import { start } from "./support/shell";

/** What a step's text begins with. */
const limit = `trap 'exit 143' TERM\n${source("limit")}\nkeep_limit "$2"\ntrap end_limit EXIT\n`;

describe("launcher", () => {
    let folder: string;

    before(() => {
        folder = mkdtempSync(join(tmpdir(), "pulumi-hrm-launcher-"));
    });
    after(() => rmSync(folder, { recursive: true }));

    // What stands here is in the state of every stack: another text runs every step again.
    it("has not changed since the first release", () =>
        expect(launcher("ensure")).to.equal(
            `sh -c 'read -r t; s=; [ "$(id -u)" = 0 ] || s="sudo -n"; exec $s setsid -w sh -s ensure "$t"'`,
        ));

    it("says what the step is about, in printable ASCII on one line", () => {
        expect(launcherAbout("ensure", "account on huygens1: user hrm")).to.equal(`${launcher("ensure")} # account on huygens1: user hrm`);
        expect(launcherAbout("ensure", "é\nid\r\t\x1b[31m")).to.equal(`${launcher("ensure")} # ??id???[31m`);
    });

    /** Runs it as a user or as root, whoever runs the tests: `id` and `sudo` are scripts of the test. */
    function run(command: string, stdin: string, uid: number) {
        const programs = mkdtempSync(join(folder, "programs-"));
        const script = (name: string, text: string) => writeFileSync(join(programs, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
        script("id", `echo ${uid}`);
        script("sudo", 'echo "sudo $*" >&2; [ "$1" = -n ] && shift; exec "$@"');
        return start("sh", ["-c", command], stdin, { ...process.env, PATH: `${programs}:${process.env.PATH}` }).ended;
    }

    it("reads the time limit from the first line and runs the rest", async () => {
        const { code, stdout, stderr } = await run(launcher("check"), '20\necho "$1: $0"\nexit 7\n', 0);
        expect({ code, stdout, stderr }).to.deep.equal({ code: 7, stdout: "check: sh\n", stderr: "" });
    });

    it("becomes root where it is not, without a prompt", async () => {
        const { code, stdout, stderr } = await run(launcher("ensure"), "20\necho $1\n", 1000);
        expect({ code, stdout }).to.deep.equal({ code: 0, stdout: "ensure\n" });
        expect(stderr).to.equal("sudo -n setsid -w sh -s ensure 20\n");
    });

    it("does nothing more where sudo is refused", async () => {
        const refusing = launcher("ensure").replace("sudo -n", "false");
        expect(await run(refusing, "20\necho done\n", 1000)).to.deep.include({ code: 1, stdout: "" });
    });

    it("ends what takes longer than the limit", async () => {
        const { code, stdout } = await run(launcher("ensure"), `0.2\n${limit}echo begun\nsleep 20\necho done\n`, 0);
        expect({ code, stdout }).to.deep.equal({ code: 143, stdout: "begun\n" });
    });

    it("ends with what is in a group of its own, as what timeout(1) runs is, and does not wait for it", async () => {
        const text = `0.2\n${limit}echo begun\nanswer=$(timeout 70 sleep 76.5)\necho done\n`;
        // More than one at a time: a shell that hears of the limit after what it waits for goes on, where another CPU has it.
        const ended = await Promise.all(Array.from({ length: 12 }, () => run(launcher("ensure"), text, 0)));
        for (const { code, stdout } of ended) expect({ code, stdout }).to.deep.equal({ code: 143, stdout: "begun\n" });
        const { stdout: processes } = await start("ps", ["-e", "-o", "stat=,args="], "", process.env).ended;
        expect(processes.split("\n").filter(line => /sleep 76[.]5/.test(line) && !line.startsWith("Z"))).to.deep.equal([]);
    });

    it("kills what does not end by itself, also where what was with it has ended already", async () => {
        const gone = limit.replace('\nkeep_limit "$2"', '\nstrays() { echo 4194304; }\nkeep_limit "$2"');
        const text = `0.2\nset -e\n${gone}trap '' TERM\necho begun\nsleep 76.4\necho done\n`;
        expect(await run(launcher("ensure"), text, 0)).to.deep.include({ code: 137, stdout: "begun\n" });
    });

    // With uutils' timeout(1) they stayed, with the step's lock.
    it("leaves nothing of it, nor of what keeps the limit where it is shorter", async () => {
        const left = async (text: string, seconds: string) => {
            const { stdout } = await run(launcher("ensure"), `${seconds}\n${limit}${text}`, 0);
            const [, group] = /^(\d+)\n/.exec(stdout)!;
            const remaining = async () => {
                const { stdout: processes } = await start("ps", ["-e", "-o", "pgid=,args="], "", process.env).ended;
                return processes.split("\n").filter(line => line.trim().startsWith(`${group} `) && !line.includes("<defunct>"));
            };
            // The last of them may be on its way out; what stays, stays for 10 s at least.
            for (let tries = 0; tries < 20 && (await remaining()).length > 0; tries++) await sleep(200);
            return remaining();
        };
        expect(await left("echo $$; sleep 77 & sh -c 'sleep 77; :'\n", "0.2")).to.deep.equal([]);
        expect(await left("echo $$\n", "77")).to.deep.equal([]);
    });

    it("never runs what it is about", async () => {
        const { stdout } = await run(launcherAbout("ensure", "x\necho hacked; $(echo hacked >&2)"), "20\necho done\n", 0);
        expect(stdout).to.equal("done\n");
    });
});
