/** What `npm run lab -- status` prints. */
import { readFileSync } from "node:fs";
import { leader, processes } from "./cgroup";
import type { Lab } from "./lab";

/** One line a host: address, GPUs, whether it is up, memory, time since it was started. */
export function statusTable(lab: Lab): string {
    const rows = lab.hosts.map(host => {
        const up = lab.isRunning(host.name);
        const gpus = host.role === "web" ? "-" : host.gpus.join(",") || "none";
        const memory = up ? `${Math.round(memoryBytes(lab.name, host.name) / 1e6)} MB` : "-";
        return [host.name, host.address, gpus, up ? "up" : "down", memory, up ? duration(uptimeSeconds(lab.name, host.name)) : "-"];
    });
    return table([["host", "address", "GPUs", "state", "memory", "uptime"], ...rows]);
}

/** What a host's processes take: memory shared with others counts in parts (Pss, proc(5)). */
export function memoryBytes(lab: string, host: string): number {
    return processes(lab, host).reduce((sum, pid) => sum + proportionalSize(pid), 0);
}

function proportionalSize(pid: number): number {
    const found = /^Pss: +(\d+) kB$/m.exec(content(`/proc/${pid}/smaps_rollup`));
    return found ? Number(found[1]) * 1024 : 0;
}

/** From the start of its first process, field 22 of stat in proc(5), in hundredths of a second since this machine's boot. */
function uptimeSeconds(lab: string, host: string): number {
    const stat = content(`/proc/${leader(lab, host)}/stat`);
    const started = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]) / 100;
    return Number(content("/proc/uptime").split(" ")[0]) - started;
}

/** "42 s", "3 min", "5 h", "2 d" */
export function duration(seconds: number): string {
    if (seconds < 100) return `${Math.round(seconds)} s`;
    if (seconds < 6000) return `${Math.round(seconds / 60)} min`;
    return seconds < 172800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86400)} d`;
}

/** Columns as wide as their widest cell. */
export function table(rows: string[][]): string {
    const widths = rows[0]!.map((_, column) => Math.max(...rows.map(row => row[column]!.length)));
    return rows
        .map(
            row =>
                `${row
                    .map((cell, column) => cell.padEnd(widths[column]!))
                    .join("  ")
                    .trimEnd()}\n`,
        )
        .join("");
}

function content(file: string): string {
    try {
        return readFileSync(file, "utf8");
    } catch {
        return "";
    }
}
