/**
 * Labs that begin with the disks of another one: its hosts were switched off in good order and what they had changed was kept, and each copy has a layer
 * of its own over that. A copy has the names, addresses and keys of the first, so both can only be there at once in network name spaces of their own.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { processes } from "./cgroup";
import { inParallel, LabError, must } from "./command";
import { mountDisk, newMachineId } from "./disk";
import { firstProcess, stop } from "./host";
import type { Images } from "./image";
import { connectHost, makeLabNetwork, subnetIsFree } from "./network";
import { hostFiles, type LabState, labFolder, readState, writeState } from "./state";
import { mountLabFolder } from "./up";

const shutDownSeconds = 90;

/** SIGRTMIN+4, as `machinectl poweroff` sends it. `systemctl poweroff` asks logind, which may still be loading, and is ended by what it has asked for. */
const poweroff = 38;

/** Switches a lab's hosts off as their administrator would, and keeps their disks, the lab's record and keys, and `also`, folders of the lab. */
export async function saveHosts(lab: string, folder: string, also: readonly string[]): Promise<void> {
    const state = readState(lab)!;
    await inParallel(state.hosts, 4, ({ name }) => shutDown(lab, name));
    for (const { name } of state.hosts) {
        const saved = join(folder, "hosts", name);
        mkdirSync(saved, { recursive: true });
        // With the attributes and devices by which an overlay remembers what was deleted.
        await must("cp", ["-a", "--", hostFiles(lab, name).upper, saved]);
    }
    for (const name of ["lab.json", "admin_key", "admin_key.pub", ...also]) {
        if (existsSync(join(labFolder(lab), name))) await must("cp", ["-a", "--", join(labFolder(lab), name), folder]);
    }
}

async function shutDown(lab: string, host: string): Promise<void> {
    process.kill(firstProcess(lab, host), poweroff);
    for (let waited = 0; processes(lab, host).length > 0; waited += 0.05) {
        if (waited > shutDownSeconds) throw new LabError(`${host} did not shut down in ${shutDownSeconds} s.`);
        await sleep(50);
    }
    await stop(lab, host);
}

/** The record of a lab that `saveHosts` has kept in this folder. */
export function savedState(folder: string): LabState {
    return JSON.parse(readFileSync(join(folder, "lab.json"), "utf8"));
}

/** Makes the record, disks and network of a copy, which is off. */
export async function copyHosts(name: string, folder: string, images: Images): Promise<LabState> {
    const saved = savedState(folder);
    if (!(await subnetIsFree(saved.subnet)))
        throw new LabError(`Lab ${name} needs the network ${saved.subnet}.0/24 of the lab that it is a copy of, which is in use here.`);
    const state = { ...saved, name };
    await mountLabFolder(name);
    for (const entry of ["admin_key", "admin_key.pub"]) cpSync(join(folder, entry), join(labFolder(name), entry));
    await makeLabNetwork(name, state.subnet);
    writeState(state);
    await inParallel(state.hosts, 4, async host => {
        await mountDisk(name, host, images, join(folder, "hosts", host.name, "upper"));
        await connectHost(name, host);
        writeFileSync(join(hostFiles(name, host.name).root, "etc/machine-id"), newMachineId());
    });
    return state;
}
