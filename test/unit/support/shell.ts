import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What random text in a script may do when its quotes do not hold: it runs in an empty folder, and as nobody where the tests run as root. */
const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

/**
 * Runs a script, given on standard input so that it has no limit of length.
 * @returns its output @throws when it fails, or leaves a file, which no script of a test means to
 */
export function runScript(script: string, command = "sh", args: string[] = ["-s"]): string {
    const folder = mkdtempSync(join(tmpdir(), "pulumi-hrm-script-"));
    try {
        chmodSync(folder, 0o777);
        const env = { PATH: process.env.PATH, HOME: folder };
        const { status, stdout, stderr, error } = spawnSync(command, args, {
            input: script,
            encoding: "utf8",
            cwd: folder,
            env,
            ...nobody,
        });
        if (error) throw error;
        const left = readdirSync(folder);
        if (left.length > 0) throw new Error(`the script has made ${left.join(", ")}`);
        if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr}`);
        return stdout;
    } finally {
        rmSync(folder, { recursive: true });
    }
}

export function isInstalled(program: string): boolean {
    return spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
}

/** Skips a test, and says so where a person looks. */
export function skipLoudly(test: Mocha.Context, reason: string): never {
    console.warn(`      SKIPPED '${test.test?.title}': ${reason}`);
    return test.skip();
}

export interface Ended {
    code: number | null;
    stdout: string;
    stderr: string;
}

/** Starts a script in a process group of its own, as sshd does. */
export function start(
    command: string,
    args: string[],
    stdin: string,
    env = process.env,
): { child: ChildProcess; ended: Promise<Ended>; said: () => string } {
    const child = spawn(command, args, { env, detached: true });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", data => {
        stdout += data;
    });
    child.stderr.on("data", data => {
        stderr += data;
    });
    // A script that ends early leaves its standard input unread.
    child.stdin.on("error", () => {});
    child.stdin.end(stdin);
    const ended = new Promise<Ended>(resolve => {
        child.on("close", code => resolve({ code, stdout, stderr }));
    });
    return { child, ended, said: () => stderr };
}
