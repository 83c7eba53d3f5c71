/** What is mounted where, from /proc/self/mountinfo (proc(5)). */
import { readFileSync } from "node:fs";
import { must } from "./command";

/** Mount points at or below a folder, the ones mounted last first. */
export function mountsBelow(folder: string): string[] {
    return mountPoints()
        .filter(point => point === folder || point.startsWith(`${folder}/`))
        .reverse();
}

/** Unmounts everything at and below a folder. Lazily: a shell of somebody who looks around in it must not keep a lab alive. */
export async function unmountBelow(folder: string): Promise<void> {
    for (const point of mountsBelow(folder)) await must("umount", ["--lazy", point]);
}

function mountPoints(): string[] {
    return readFileSync("/proc/self/mountinfo", "utf8")
        .trimEnd()
        .split("\n")
        .map(line => line.split(" ")[4]!.replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8))));
}
