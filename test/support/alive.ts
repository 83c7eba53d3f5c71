import { readFileSync } from "node:fs";

/** Whether a process of this number lives. One that has ended, of which nobody has taken note yet (Z in proc(5)), does not. */
export function isAlive(pid: number): boolean {
    try {
        return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
    } catch {
        return false;
    }
}
