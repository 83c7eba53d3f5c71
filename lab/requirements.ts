/** What a lab needs of this machine. What apt can install is installed, everything else is one sentence. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Log, progress } from "../engine/cache";
import { capture, LabError, lastLines, systemEnvironment } from "./command";

/** Debian's package for each program that the lab and the linters call. */
const packages: Record<string, string> = {
    "systemd-nspawn": "systemd-container",
    mmdebstrap: "mmdebstrap",
    ip: "iproute2",
    nsenter: "util-linux",
    sysctl: "procps",
    ssh: "openssh-client",
    "ssh-keygen": "openssh-client",
    unzip: "unzip",
    zip: "zip",
    shellcheck: "shellcheck",
    chromium: "chromium",
};

/** @throws LabError that says what to do instead, where a lab cannot run */
export async function checkMachine(log: Log): Promise<void> {
    if (process.platform !== "linux") {
        throw new LabError(
            `A lab boots Debian hosts with systemd-nspawn, which needs Linux, not ${process.platform}: use a Linux virtual machine.`,
        );
    }
    requireRoot();
    await installTools(["systemd-nspawn", "ip", "nsenter", "sysctl", "ssh", "ssh-keygen"], log);
}

/** A lab's mounts, name spaces and files belong to root. */
export function requireRoot(): void {
    if (process.getuid?.() !== 0)
        throw new LabError("A lab needs root, to make mounts and network interfaces: run the same command with sudo.");
}

/** Installs what is missing of some programs with apt. */
export async function installTools(programs: string[], log: Log): Promise<void> {
    const missing = programs.filter(program => pathOf(program) === undefined);
    if (missing.length === 0) return;
    const wanted = [...new Set(missing.map(program => packages[program]!))];
    if (pathOf("apt-get") === undefined)
        throw new LabError(`${missing.join(", ")} not found, and there is no apt-get to install it: use a machine with Debian 12.`);
    log(`installing ${wanted.join(" ")} with apt-get`);
    const install = [
        "install",
        "-y",
        "--no-install-recommends",
        ...(missing.includes("mmdebstrap") ? ["debian-archive-keyring"] : []),
        ...wanted,
    ];
    const { code, stderr } = await progress(log, `installing ${wanted.join(" ")}`, aptGet(install));
    if (code !== 0) throw new LabError(`Installing ${wanted.join(" ")} failed; install it by hand. apt-get said: ${lastLines(stderr, 3)}`);
}

async function aptGet(install: string[]) {
    const env = { ...systemEnvironment, DEBIAN_FRONTEND: "noninteractive" };
    const first = await capture("apt-get", install, { env });
    if (first.code === 0) return first;
    // A machine that never asked its mirrors knows no package.
    await capture("apt-get", ["update"], { env });
    return capture("apt-get", install, { env });
}

/** Where a program is, if it is. */
export function pathOf(program: string): string | undefined {
    return systemEnvironment.PATH.split(delimiter)
        .map(folder => join(folder, program))
        .find(path => existsSync(path));
}
