/** The disk of a lab host: an overlay of its own over the image, with what makes it this host and not another. */

import { randomUUID } from "node:crypto";
import {
    chmodSync,
    chownSync,
    copyFileSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    rmSync,
    statSync,
    writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { LabError, must } from "./command";
import type { Images } from "./image";
import type { HostPlan } from "./names";
import { type Pace, paceFile, paceText } from "./pace";
import { installTools } from "./requirements";
import { type HostState, hostFiles } from "./state";

/** The user and group id of `admin`, as lab/image/settle.sh makes it. */
const adminId = 1000;

/** Makes and mounts a host's disk. @param below what another host has changed of the image */
export async function mountDisk(lab: string, host: HostPlan, images: Images, below?: string): Promise<void> {
    const { upper, work, root } = hostFiles(lab, host.name);
    for (const folder of [upper, work, root]) mkdirSync(folder, { recursive: true, mode: 0o755 });
    const options = `lowerdir=${[...(below ? [below] : []), images[host.role]].join(":")},upperdir=${upper},workdir=${work}`;
    await must("mount", ["-t", "overlay", `hrm-lab-${host.name}`, "-o", options, root]);
    // What is mounted below the root from outside then shows inside, too, while the host runs (mount_namespaces(7)).
    await must("mount", ["--make-shared", root]);
}

/** Makes the ssh host keys, outside the host, so that they are known without asking the network. */
export async function makeHostKeys(lab: string, host: string): Promise<Pick<HostState, "hostKey" | "ecdsaHostKey">> {
    const folder = join(hostFiles(lab, host).root, "etc/ssh");
    const make = async (type: string) => {
        const file = join(folder, `ssh_host_${type}_key`);
        await makeKey(file, type, `root@${host}`);
        return readFileSync(`${file}.pub`, "utf8").split(" ").slice(0, 2).join(" ");
    };
    return { hostKey: await make("ed25519"), ecdsaHostKey: await make("ecdsa") };
}

export async function makeKey(file: string, type: string, comment: string): Promise<void> {
    await must("ssh-keygen", ["-q", "-t", type, "-N", "", "-C", comment, "-f", file]);
}

export function newMachineId(): string {
    return `${randomUUID().replaceAll("-", "")}\n`;
}

/** Gives a new host its name, machine id, administrator's key and `hucore`. */
export function personalise(lab: string, host: string, authorizedKey: string, hucore: string): void {
    const { root } = hostFiles(lab, host);
    writeFileSync(join(root, "etc/hostname"), `${host}\n`);
    writeFileSync(join(root, "etc/machine-id"), newMachineId());
    const ssh = join(root, "home/admin/.ssh");
    mkdirSync(ssh, { recursive: true, mode: 0o700 });
    writeFileSync(join(ssh, "authorized_keys"), authorizedKey, { mode: 0o600 });
    for (const path of [ssh, join(ssh, "authorized_keys")]) chownSync(path, adminId, adminId);
    const installed = join(root, "usr/local/bin/hucore");
    copyFileSync(hucore, installed);
    chmodSync(installed, 0o755);
}

/** A repository in place of Debian's mirrors, to which lab hosts have no way. */
export async function offerPackages(root: string, repository: string): Promise<void> {
    const target = join(root, "srv/packages");
    mkdirSync(target);
    await must("mount", ["--bind", "-o", "ro", repository, target]);
    writeFileSync(join(root, "etc/apt/sources.list"), "deb [trusted=yes] file:/srv/packages ./\n");
}

/** Puts an HRM tree (a folder, or a release zip that holds `hrm/`) at /var/www/html/hrm of the web host. */
export async function installHrm(root: string, source: string, pace?: Pace): Promise<void> {
    const parent = join(root, "var/www/html");
    mkdirSync(parent, { recursive: true, mode: 0o755 });
    const target = join(parent, "hrm");
    rmSync(target, { recursive: true, force: true });
    if (statSync(source).isDirectory()) {
        await must("cp", ["-r", "--", hrmTree(source), target]);
    } else {
        await installTools(["unzip"], () => {});
        const unpacked = mkdtempSync(join(parent, ".release-"));
        await must("unzip", ["-q", source, "-d", unpacked]);
        await must("mv", ["--", hrmTree(unpacked), target]);
        rmSync(unpacked, { recursive: true });
    }
    await must("chown", ["-R", "root:root", target]);
    await must("chmod", ["-R", "u+rwX,go+rX,go-w", target]);
    if (pace) setPace(root, pace);
}

/** How long the stand-in HRM of a web host waits. */
export function setPace(root: string, pace: Pace): void {
    writeFileSync(join(root, paceFile), paceText(pace));
}

/** The folder itself or `hrm/` in it, whichever has the queue manager. */
export function hrmTree(folder: string): string {
    const found = [folder, join(folder, "hrm")].find(tree => existsSync(join(tree, "bin/hrm_queuemanager")));
    if (found) return found;
    throw new LabError(`${basename(folder)} is no HRM: neither it nor hrm/ in it has bin/hrm_queuemanager.`);
}

/** @throws LabError where `--hrm` or `--hucore` cannot be used */
export function checkSources(hrm: string, hucore: string): void {
    if (!existsSync(hrm)) throw new LabError(`HRM not found: ${hrm} does not exist. Give a tree or a release zip.`);
    if (statSync(hrm).isDirectory()) hrmTree(hrm);
    else if (!hrm.endsWith(".zip")) throw new LabError(`${hrm} is neither a folder nor a zip file: give an HRM tree or a release zip.`);
    if (!existsSync(hucore) || !statSync(hucore).isFile()) throw new LabError(`hucore not found: ${hucore} is not a file.`);
}
