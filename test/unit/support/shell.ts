import { type ChildProcess, spawn, spawnSync } from "node:child_process";

/** Runs a script, given on standard input so that it has no limit of length. @returns its output @throws when it fails */
export function runScript(script: string, command = "sh", args: string[] = ["-s"]): string {
    const { status, stdout, stderr, error } = spawnSync(command, args, { input: script, encoding: "utf8" });
    if (error) throw error;
    if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr}`);
    return stdout;
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
