/** Child processes of the lab: run one, get what it printed; and processes that never stay silent for long. */
import { spawn } from "node:child_process";
import type { Log } from "../engine/cache";
import { EngineError } from "../engine/error";

export interface Result {
    code: number;
    stdout: string;
    stderr: string;
}

/** Of a lab; `main` prints it without a stack trace. */
export class LabError extends EngineError {}

/** With the folders of administrators' programs, which `sudo` or `su` may have left out of PATH. */
export const systemEnvironment = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };

export interface CommandOptions {
    stdin?: string | undefined;
    env?: NodeJS.ProcessEnv;
    signal?: AbortSignal;
    /** Gets each line of stderr as it comes. */
    onLine?: Log;
}

/** Runs a program to its end. A program that cannot be started or dies of a signal has code 127 or 128. */
export function capture(program: string, args: string[], options: CommandOptions = {}): Promise<Result> {
    return new Promise(resolve => {
        const child = spawn(program, args, {
            stdio: [options.stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
            env: options.env ?? systemEnvironment,
            ...(options.signal && { signal: options.signal }),
        });
        const out: Buffer[] = [];
        const err: Buffer[] = [];
        child.stdout!.on("data", chunk => out.push(chunk));
        child.stderr!.on("data", chunk => err.push(chunk));
        if (options.onLine) eachLine(child.stderr!, options.onLine);
        const result = (code: number, extra = "") => ({
            code,
            stdout: Buffer.concat(out).toString(),
            stderr: Buffer.concat(err).toString() + extra,
        });
        child.on("error", error => resolve(result(127, error.message)));
        child.on("close", code => resolve(result(code ?? 128)));
        // A program that does not read its input closes the pipe early; its exit code tells what matters.
        child.stdin?.on("error", () => {}).end(options.stdin);
    });
}

/** Like `capture`, but any exit code other than 0 is an error. Returns what was written to stdout. */
export async function must(program: string, args: string[], options: CommandOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await capture(program, args, options);
    if (code !== 0) throw new LabError(`\`${[program, ...args].join(" ")}\` failed (${code}): ${lastLines(stderr, 5) || "no message"}`);
    return stdout;
}

/** The last lines of a text, for a message. */
export function lastLines(text: string, count: number): string {
    return text.trimEnd().split("\n").slice(-count).join("\n");
}

function eachLine(stream: NodeJS.ReadableStream, onLine: Log): void {
    let rest = "";
    stream.on("data", chunk => {
        const lines = (rest + chunk).split("\n");
        rest = lines.pop()!;
        lines.forEach(onLine);
    });
}

/** Works on all items, `width` at a time, in order. The first error is thrown when those under way have ended. */
export async function inParallel<T>(items: readonly T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
    const queue = [...items];
    const errors: unknown[] = [];
    const worker = async () => {
        for (let item = queue.shift(); item !== undefined && errors.length === 0; item = queue.shift()) {
            await work(item).catch(error => errors.push(error));
        }
    };
    await Promise.all(Array.from({ length: width }, worker));
    if (errors.length > 0) throw errors[0];
}
