/**
 * Where a lab is: one folder that is a tmpfs of its own. So MariaDB's fsync costs nothing, everything is gone after a reboot of the
 * machine, as the hosts are, and all that a lab has mounted lies below one path, where `down` finds it without any other record.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Release } from "./image";
import type { HostPlan, Subnet } from "./names";
import type { Pace } from "./pace";

export const labsFolder = "/run/hrm-lab";

/** What `lab.json` holds. */
export interface LabState {
    name: string;
    subnet: Subnet;
    hosts: HostState[];
    /** How many web hosts it has, by default one. */
    webs?: number;
    /** Where HRM and hucore were copied from, where those are not the stand-ins of this checkout. */
    hrm?: string | undefined;
    hucore?: string | undefined;
    /** Debian's, where that is not the default. */
    release?: Release | undefined;
    /** Of Debian, which each host has besides those that it needs. */
    packages?: string[] | undefined;
    /** Whether its web hosts begin with nothing of what HRM needs. */
    bare?: boolean | undefined;
    /** The stand-in's, where that is not HRM's own. */
    pace?: Pace | undefined;
}

export interface HostState extends HostPlan {
    /** `ssh-ed25519 AAAA…` */
    hostKey: string;
    /** `ecdsa-sha2-nistp256 AAAA…` */
    ecdsaHostKey: string;
}

export function labFolder(name: string): string {
    return join(labsFolder, name);
}

/** The files of one host, all below the lab's folder. */
export function hostFiles(lab: string, host: string) {
    const folder = join(labFolder(lab), "hosts", host);
    return {
        folder,
        /** The changed part of its disk. */
        upper: join(folder, "upper"),
        work: join(folder, "work"),
        /** Its whole disk: the image with the changes over it. */
        root: join(folder, "root"),
        /** Its network name space. */
        network: join(folder, "network"),
        console: join(folder, "console.log"),
    };
}

export function labNames(): string[] {
    return existsSync(labsFolder) ? readdirSync(labsFolder).sort() : [];
}

export function readState(name: string): LabState | undefined {
    const file = join(labFolder(name), "lab.json");
    return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
}

/** Replaces `lab.json` in one piece, so that a process killed here leaves the old one or the new one. */
export function writeState(state: LabState): void {
    const file = join(labFolder(state.name), "lab.json");
    writeFileSync(`${file}.new`, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
}

export function makeLabFolder(name: string): string {
    const folder = labFolder(name);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return folder;
}
