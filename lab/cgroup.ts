/**
 * Control groups: each host runs in one of its own, so that its systemd can keep track of services and everything that belongs to a host
 * is found and ended, whoever started it.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LabError } from "./command";

/** Whether this machine was booted by systemd (sd_booted(3)): then its systemd owns the control groups and hosts are its services. */
export const bootedBySystemd = existsSync("/run/systemd/system");

const base = "/sys/fs/cgroup";
/** Version 2 is at the top, or beside version 1 ("hybrid"). */
const version2 = [base, join(base, "unified")].find(
    folder => existsSync(join(folder, "cgroup.procs")) && existsSync(join(folder, "cgroup.controllers")),
);
/** In a hybrid set-up systemd-nspawn expects the same path in this tree, too. */
const version1 = join(base, "systemd");

/** The service that a host is on a machine booted by systemd. */
export function unitName(lab: string, host: string): string {
    return `hrm-lab-${lab}-${host}.service`;
}

/** The control group of a host. Its systemd and all that it starts are below `payload`. */
export function hostGroup(lab: string, host: string): string {
    if (!version2)
        throw new LabError("The lab needs control groups version 2 under /sys/fs/cgroup: mount them, or use a machine booted by systemd.");
    return join(version2, bootedBySystemd ? `system.slice/${unitName(lab, host)}` : `hrm-lab-${lab}/${host}`);
}

/** Makes a host's control groups where no systemd does, and returns the files to which its first process must write its id. */
export function makeGroups(lab: string, host: string): string[] {
    return groups(lab, host).map(group => {
        mkdirSync(group, { recursive: true });
        return join(group, "cgroup.procs");
    });
}

/** Makes a control group that belongs to no lab; undefined where this machine has no version 2, or does not let us. */
export function makeOwnGroup(name: string): string | undefined {
    const group = version2 && join(version2, name);
    try {
        if (group) mkdirSync(group, { recursive: true });
        return group;
    } catch {
        return undefined;
    }
}

/** The processor time of all processes that a control group has and has had; undefined where it is not known. */
export function cpuSeconds(group: string): number | undefined {
    try {
        const found = /^usage_usec (\d+)$/m.exec(readFileSync(join(group, "cpu.stat"), "utf8"));
        return found ? Number(found[1]) / 1e6 : undefined;
    } catch {
        return undefined;
    }
}

/** The ids of all processes of a host, systemd-nspawn's own included. */
export function processes(lab: string, host: string): number[] {
    return tree(hostGroup(lab, host)).flatMap(procs);
}

/** The process that is number 1 inside the host; undefined while it is off. */
export function leader(lab: string, host: string): number | undefined {
    const payload = join(hostGroup(lab, host), "payload");
    // systemd moves itself into init.scope soon after it was started.
    return procs(join(payload, "init.scope"))[0];
}

/** The control group for commands run from outside: systemd inside leaves it alone, and it goes with the host. */
export function execGroup(lab: string, host: string): string {
    const group = join(hostGroup(lab, host), "payload", "lab-exec");
    mkdirSync(group, { recursive: true });
    return join(group, "cgroup.procs");
}

/** Kills all processes of a host at once, as a power cut does, and waits until none is left. */
export async function killAll(lab: string, host: string): Promise<void> {
    await killIn(hostGroup(lab, host), host);
}

/** Ends a control group that belongs to no lab, with all that is in it. */
export async function endGroup(group: string): Promise<void> {
    await killIn(group, group);
    await removeGroup(group);
}

/** @param name for the message */
async function killIn(group: string, name: string): Promise<void> {
    const left = () => tree(group).flatMap(procs);
    for (let tries = 0; tries < 2000; tries++) {
        const pids = left();
        if (pids.length === 0) return;
        for (const pid of pids) kill(pid);
        await sleep(5);
    }
    throw new LabError(`Processes of ${name} do not end: ${left().join(" ")}`);
}

/** Removes a host's control groups, which must be empty of processes. */
export async function removeGroups(lab: string, host: string): Promise<void> {
    for (const group of groups(lab, host).flatMap(top => tree(top).reverse())) await removeGroup(group);
}

/** The hosts of a lab that have control groups, found without `lab.json`. */
export function hostsWithGroups(lab: string): string[] {
    if (!version2) return [];
    if (!bootedBySystemd) return children(join(version2, `hrm-lab-${lab}`));
    const unit = new RegExp(`^hrm-lab-${lab}-(web|huygens[0-9]+)\\.service$`);
    return children(join(version2, "system.slice")).flatMap(name => unit.exec(name)?.[1] ?? []);
}

export async function removeLabGroups(lab: string): Promise<void> {
    if (bootedBySystemd) return;
    for (const top of tops(lab)) if (existsSync(top)) await removeGroup(top);
}

function tops(lab: string): string[] {
    return [version2!, version1].filter((folder, i) => i === 0 || existsSync(folder)).map(folder => join(folder, `hrm-lab-${lab}`));
}

function groups(lab: string, host: string): string[] {
    return bootedBySystemd ? [hostGroup(lab, host)] : tops(lab).map(top => join(top, host));
}

async function removeGroup(group: string): Promise<void> {
    for (let tries = 0; ; tries++) {
        try {
            return rmdirSync(group);
        } catch (error) {
            const code = (error as NodeJS.ErrnoException).code;
            if (code === "ENOENT") return;
            // A process that was killed keeps its group busy until it is reaped.
            if (code !== "EBUSY" || tries > 1000) throw error;
            await sleep(5);
        }
    }
}

function tree(group: string): string[] {
    return existsSync(group) ? [group, ...children(group).flatMap(name => tree(join(group, name)))] : [];
}

function children(group: string): string[] {
    try {
        return readdirSync(group, { withFileTypes: true })
            .filter(entry => entry.isDirectory())
            .map(entry => entry.name);
    } catch {
        return [];
    }
}

function procs(group: string): number[] {
    try {
        return readFileSync(join(group, "cgroup.procs"), "utf8").split("\n").filter(Boolean).map(Number);
    } catch {
        // The group is gone.
        return [];
    }
}

function kill(pid: number): void {
    try {
        process.kill(pid, "SIGKILL");
    } catch {
        // It ended meanwhile.
    }
}
