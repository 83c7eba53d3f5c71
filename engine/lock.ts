/** A lock among processes: a file that holds the owner's process id. The lock of a process that is gone is void. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Runs `work` while no other process holds the lock `file`, and says every 8 s whom it waits for.
 *
 * Two processes that find the same void lock in the same instant may both get in. Callers must survive that (`cached` does: only one
 * of two renames succeeds).
 */
export async function locked<T>(file: string, label: string, log: (line: string) => void, work: () => Promise<T>): Promise<T> {
    for (let tries = 0; !take(file); tries++) {
        if (tries % 40 === 0) log(`waiting for process ${owner(file) ?? "?"}, which is making the same ${label}`);
        await sleep(200);
    }
    const release = () => rmSync(file, { force: true });
    process.on("exit", release);
    try {
        return await work();
    } finally {
        process.off("exit", release);
        release();
    }
}

function take(file: string): boolean {
    try {
        writeFileSync(file, `${process.pid} ${startTime(process.pid)}`, { flag: "wx" });
        return true;
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    if (!isVoid(file)) return false;
    rmSync(file, { force: true });
    return take(file);
}

function isVoid(file: string): boolean {
    const [pid, start] = content(file).split(" ");
    // Still being written by its owner, or gone already.
    if (pid === undefined || start === undefined) return false;
    try {
        process.kill(Number(pid), 0);
        return startTime(Number(pid)) !== start;
    } catch (error) {
        return (error as NodeJS.ErrnoException).code === "ESRCH";
    }
}

function owner(file: string): string | undefined {
    return content(file).split(" ")[0] || undefined;
}

function content(file: string): string {
    try {
        return readFileSync(file, "utf8");
    } catch {
        return "";
    }
}

/** Tells a process from a later one with the same id, where the system shows it (Linux, proc(5), field 22 of stat). */
function startTime(pid: number): string {
    const stat = content(`/proc/${pid}/stat`);
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "-";
}
