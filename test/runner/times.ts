/** What each test file takes: the table at the end of a run, and the file in which it is kept for the order of the next one. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { table } from "../../lab/status";

export interface Times {
    /** Seconds from its begin to its end. */
    wall: number;
    /** Processor seconds of its own processes (mocha, Pulumi, plugins); undefined where the machine does not tell. */
    own?: number | undefined;
    /** Processor seconds of its hosts. */
    hosts: number;
}

export type TimesByFile = Record<string, Times>;

const kept = (folder: string) => join(folder, "test-times.json");

/** @param folder the cache folder, so that a fresh clone knows, too, what files take on this machine */
export function readTimes(folder: string): TimesByFile {
    return existsSync(kept(folder)) ? (JSON.parse(readFileSync(kept(folder), "utf8")) as TimesByFile) : {};
}

/** Files that did not run keep what is known of them. */
export function keepTimes(folder: string, times: TimesByFile): void {
    mkdirSync(folder, { recursive: true });
    writeFileSync(kept(folder), `${JSON.stringify({ ...readTimes(folder), ...times }, null, 2)}\n`);
}

/** The part of a file's time in which none of its processes worked. One that kept more than one processor busy waited for nothing. */
export function waitingShare({ wall, own = 0, hosts }: Times): number {
    return Math.max(0, 1 - (own + hosts) / wall);
}

/** Longest first, seconds; the last line is the sum. */
export function timesTable(times: TimesByFile): string {
    const files = Object.entries(times).sort(([, a], [, b]) => b.wall - a.wall);
    const sum = (of: (times: Times) => number) => files.reduce((total, [, each]) => total + of(each), 0);
    const total = { wall: sum(({ wall }) => wall), own: sum(({ own = 0 }) => own), hosts: sum(({ hosts }) => hosts) };
    const row = (name: string, each: Times) => [
        name,
        ...[each.wall, each.own, each.hosts].map(seconds => (seconds === undefined ? "?" : seconds.toFixed(0))),
        `${(100 * waitingShare(each)).toFixed(0)} %`,
    ];
    const heading = ["file", "seconds", "CPU of its own", "CPU of its hosts", "waiting"];
    return table([heading, ...files.map(([name, each]) => row(name, each)), row(`all ${files.length}`, total)]);
}

/** Longest first, so that none is left alone at the end. */
export function longestFirst<T extends { name: string; expectedSeconds: number }>(files: readonly T[], times: TimesByFile): T[] {
    const length = ({ name, expectedSeconds }: T) => times[name]?.wall ?? expectedSeconds;
    return [...files].sort((a, b) => length(b) - length(a) || a.name.localeCompare(b.name));
}
