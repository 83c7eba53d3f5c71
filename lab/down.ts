/** Taking a lab down. Nothing is believed of lab.json: an `up` that was killed halfway may not have written it. */
import { existsSync, readdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { hostsWithGroups, removeLabGroups } from "./cgroup";
import { inParallel, must } from "./command";
import { stop } from "./host";
import { note } from "./journal";
import { unmountBelow } from "./mounts";
import { disconnectHost, removeLabNetwork } from "./network";
import { hostFiles, labFolder, labNames, labsFolder } from "./state";

/** Whether there is anything of a lab. */
export function exists(lab: string): boolean {
    return labNames().includes(lab) || hostsWithGroups(lab).length > 0;
}

/** Removes all processes, mounts, name spaces, control groups and files of a lab. Can be repeated. */
export async function takeDown(lab: string): Promise<void> {
    const folder = labFolder(lab);
    const made = existsSync(join(folder, "hosts")) ? readdirSync(join(folder, "hosts")) : [];
    await inParallel([...new Set([...made, ...hostsWithGroups(lab)])], 8, host => stop(lab, host));
    await removeLabGroups(lab);
    await unmountBelow(folder);
    await removeLabNetwork(lab);
    await must("rm", ["-rf", "--one-file-system", "--", folder]);
    removeIfEmpty(labsFolder);
    note({ lab, what: "gone" });
}

/** Removes one host of a lab. */
export async function discardHost(lab: string, host: string): Promise<void> {
    const { folder } = hostFiles(lab, host);
    await stop(lab, host);
    await disconnectHost(lab, host);
    await unmountBelow(folder);
    await must("rm", ["-rf", "--one-file-system", "--", folder]);
}

function removeIfEmpty(folder: string): void {
    try {
        rmdirSync(folder);
    } catch (error) {
        // Another lab is in it, or its `down` was quicker.
        if (!["ENOTEMPTY", "ENOENT"].includes((error as NodeJS.ErrnoException).code!)) throw error;
    }
}
