/**
 * What happens to labs, a line of JSON each, in the file that the environment names. The runner of the tests learns from it what the hosts of a
 * test file have cost, and which labs the file has left.
 */
import { appendFileSync, existsSync, readFileSync } from "node:fs";

export const journalVariable = "HRM_LAB_JOURNAL";

export type LabEvent = { lab: string } & ({ what: "made" | "gone" } | { what: "stopped"; host: string; cpuSeconds: number });

export function note(event: LabEvent): void {
    const file = process.env[journalVariable];
    if (file) appendFileSync(file, `${JSON.stringify(event)}\n`);
}

export function readJournal(file = process.env[journalVariable]): LabEvent[] {
    if (!file || !existsSync(file)) return [];
    const lines = readFileSync(file, "utf8").split("\n");
    return lines.filter(line => line !== "").map(line => JSON.parse(line) as LabEvent);
}

/** Those that were made and are not gone. */
export function labsLeft(events: readonly LabEvent[]): string[] {
    const left = new Set<string>();
    for (const { lab, what } of events) {
        if (what === "made") left.add(lab);
        if (what === "gone") left.delete(lab);
    }
    return [...left];
}
