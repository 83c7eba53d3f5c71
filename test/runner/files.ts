/** Runs test files side by side, each in a process of its own: as many as the machine has room for. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { repositoryRoot } from "../../engine/root";
import { cpuSeconds, endGroup, makeOwnGroup } from "../../lab/cgroup";
import { journalVariable, labsLeft, readJournal } from "../../lab/journal";
import { labDown } from "../../lab/lab";
import { Machine } from "./machine";
import type { Times } from "./times";

/** What one process runs. */
export interface TestFile {
    /** `drain`, for test/lab/drain.test.ts. */
    name: string;
    /** Paths of compiled tests, or patterns. */
    paths: string[];
    /** Where it never ran here. */
    expectedSeconds: number;
    timeoutSeconds: number;
    /**
     * In a network name space of its own, where each lab has the same addresses as in any other: so a cluster that was made once can be copied. Needs
     * root.
     */
    isolated: boolean;
}

export interface Ran {
    file: TestFile;
    passed: number;
    failed: number;
    times: Times;
    /** What it printed, where that is not on the screen already. */
    output: string;
    /** Of a file that failed, where it was asked to be kept. */
    keptLabs: string[];
}

export interface RunOptions {
    /** For mocha: `--grep …`. */
    words: string[];
    /** Whether the labs of a file that failed stay. */
    keep: boolean;
    /** Whether what they print comes as it is printed, which only one at a time can have. */
    live: boolean;
    log: (text: string) => void;
}

/** In the environment of a test process: its labs stay when a test of it fails. */
export const keepVariable = "HRM_TEST_KEEP";

/** Runs the files in their order, and calls `ended` as each ends. A signal that ends this process ends the files and takes their labs down first. */
export async function runFiles(files: readonly TestFile[], options: RunOptions, ended: (ran: Ran) => TestFile | undefined): Promise<void> {
    const waiting = [...files];
    const running = new Map<TestFile, { stop: () => void; end: Promise<void> }>();
    const machine = new Machine();
    const status = () => options.log(`running ${[...running.keys()].map(({ name }) => name).join(", ")}; ${waiting.length} to go`);
    const timer = setInterval(status, 20_000);
    let interrupted = false;
    const interrupt = () => {
        interrupted = true;
        waiting.length = 0;
        for (const { stop } of running.values()) stop();
    };
    for (const signal of signals) process.on(signal, interrupt);
    try {
        while (waiting.length + running.size > 0) {
            if (waiting.length > 0 && machine.hasRoom(running.size)) {
                const file = waiting.shift()!;
                machine.taken();
                const { stop, outcome } = startFile(file, options);
                const end = outcome.then(ran => {
                    running.delete(file);
                    const again = ended(ran);
                    if (again && !interrupted) waiting.push(again);
                });
                running.set(file, { stop, end });
            }
            await Promise.race([...[...running.values()].map(({ end }) => end), sleep(1000)]);
        }
    } finally {
        clearInterval(timer);
        for (const signal of signals) process.off(signal, interrupt);
    }
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

function startFile(file: TestFile, options: RunOptions): { stop: () => void; outcome: Promise<Ran> } {
    const folder = mkdtempSync(join(tmpdir(), "pulumi-hrm-test-"));
    const [counts, journal] = [join(folder, "counts.json"), join(folder, "labs.jsonl")];
    const group = makeOwnGroup(`hrm-test-${process.pid}-${file.name}`);
    const [program, ...args] = command(file, counts, options.words, group);
    const env = { ...process.env, [journalVariable]: journal, ...(options.keep && { [keepVariable]: "yes" }) };
    const begin = Date.now();
    const child = spawn(program!, args, { cwd: repositoryRoot(), env, stdio: options.live ? "inherit" : ["ignore", "pipe", "pipe"] });
    const outcome = ended(child).then(async ({ code, output }) => {
        const { passed, failed: wrong } = read(counts);
        // A run that died, or that found no test though it was not asked for some, is no success.
        const failed = wrong || (code === 0 && (passed > 0 || options.words.length > 0) ? 0 : 1);
        const events = readJournal(journal);
        const hosts = events.reduce((sum, event) => sum + (event.what === "stopped" ? event.cpuSeconds : 0), 0);
        const times = { wall: (Date.now() - begin) / 1000, own: group === undefined ? undefined : cpuSeconds(group), hosts };
        const labs = labsLeft(events);
        const kept = options.keep && failed > 0 ? labs : [];
        const problem = await cleanUp(
            group,
            labs.filter(lab => !kept.includes(lab)),
        );
        rmSync(folder, { recursive: true, force: true });
        const said = [...(options.live ? [] : [output]), ...problem].join("\n");
        return { file, passed, failed: failed + problem.length, times, output: said, keptLabs: kept };
    });
    return { stop: () => child.kill("SIGKILL"), outcome };
}

function command({ paths, timeoutSeconds, isolated }: TestFile, counts: string, words: string[], group: string | undefined): string[] {
    const root = repositoryRoot();
    const mocha = [
        ...[process.execPath, join(root, "node_modules/mocha/bin/mocha.js"), ...paths],
        ...["--reporter", join(root, "dist/test/support/countingReporter.js"), "--reporter-option", `counts=${counts}`],
        // What a test leaves open must not hold up the others.
        ...["--timeout", String(timeoutSeconds * 1000), "--exit", ...words],
    ];
    const enter = group === undefined ? ":" : `echo $$ >'${group}/cgroup.procs'`;
    const space = isolated
        ? ["unshare", "--net", "sh", "-c", `${enter}; ip link set lo up; exec "$@"`]
        : ["sh", "-c", `${enter}; exec "$@"`];
    return [...space, "sh", ...mocha];
}

/** Its output is whole when the pipes are closed, which something that it left running may keep open. */
function ended(child: ChildProcess): Promise<{ code: number | null; output: string }> {
    return new Promise((resolve, reject) => {
        let output = "";
        for (const stream of [child.stdout, child.stderr]) {
            stream?.setEncoding("utf8").on("data", (text: string) => {
                output += text;
            });
        }
        child.on("error", reject);
        child.on("exit", code => setTimeout(() => resolve({ code, output }), 2000).unref());
        child.on("close", code => resolve({ code, output }));
    });
}

function read(counts: string): { passed: number; failed: number } {
    return existsSync(counts) ? JSON.parse(readFileSync(counts, "utf8")) : { passed: 0, failed: 0 };
}

/** First what the file has left running, which may be about to make something in its labs. @returns what went wrong, which is a failure of the file */
async function cleanUp(group: string | undefined, labs: string[]): Promise<string[]> {
    try {
        if (group) await endGroup(group);
        for (const lab of labs) await labDown(lab);
        return [];
    } catch (error) {
        return [`what it left could not be removed: ${(error as Error).message}`];
    }
}
