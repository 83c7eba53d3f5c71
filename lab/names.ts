/** Names and addresses of a lab: pure functions, no lab needed. */
import { LabError } from "./command";

export const defaultName = "lab";

/** The first three numbers of a lab's addresses, `198.18.7`: a /24 of 198.18.0.0/15, which is reserved for tests (RFC 2544). */
export type Subnet = string;

/** The web host has 1, the nodes 2 to 253, more web hosts 253 and downwards, this machine 254. */
export const maxNodes = 252;
const machineNumber = 254;

export interface HostPlan {
    name: string;
    address: string;
    role: "web" | "node";
    gpus: number[];
}

/** @throws LabError for a name that cannot be part of a network interface's name (15 characters with the prefix `lab-`) */
export function checkName(name: string): string {
    if (/^[a-z0-9]([a-z0-9-]{0,9}[a-z0-9])?$/.test(name)) return name;
    throw new LabError(`A lab's name has 1 to 11 lower-case letters, digits and inner hyphens: "${name}" has not.`);
}

/** This machine's network interface in a lab. */
export function interfaceName(lab: string): string {
    return `lab-${lab}`;
}

export function machineAddress(subnet: Subnet): string {
    return `${subnet}.${machineNumber}`;
}

/** The web hosts `web`, `web2`, … and the nodes `huygens1` to `huygensN`; `gpus` has one list of GPU numbers for each node. */
export function planHosts(subnet: Subnet, gpus: readonly number[][], webs = 1): HostPlan[] {
    if (gpus.length + webs - 1 > maxNodes) throw new LabError(`A lab has at most ${maxNodes} nodes: ${gpus.length} were asked for.`);
    const nodes = gpus.map((list, i) => ({
        name: `huygens${i + 1}`,
        address: `${subnet}.${i + 2}`,
        role: "node" as const,
        gpus: [...list],
    }));
    const moreWebs = Array.from({ length: webs - 1 }, (_, i) => ({
        name: `web${i + 2}`,
        address: `${subnet}.${machineNumber - 1 - i}`,
        role: "web" as const,
        gpus: [],
    }));
    return [{ name: "web", address: `${subnet}.1`, role: "web", gpus: [] }, ...nodes, ...moreWebs];
}

/**
 * The first /24 of 198.18.0.0/15 that none of `taken` overlaps.
 * @param taken addresses or networks in use on this machine: `198.18.0.254`, `198.18.4.0/22`, `default`
 */
export function freeSubnet(taken: readonly string[]): Subnet {
    for (let i = 0; i < 512; i++) {
        const prefix = `198.${18 + (i >> 8)}.${i & 255}`;
        if (!overlaps(prefix, taken)) return prefix;
    }
    throw new LabError("All 512 networks of 198.18.0.0/15 are in use on this machine: take a lab down first.");
}

/** @param taken as for `freeSubnet` */
export function overlaps(subnet: Subnet, taken: readonly string[]): boolean {
    const first = number(`${subnet}.0`)!;
    return taken.some(text => {
        const found = range(text);
        return found !== undefined && found[0] <= first + 255 && found[1] >= first;
    });
}

/** First and last address of a network; undefined for what is none and for the default route, which is no reason to avoid an address. */
function range(text: string): [number, number] | undefined {
    const [address = "", bits = "32"] = text.split("/");
    const start = number(address);
    if (start === undefined || bits === "0") return undefined;
    const size = 2 ** (32 - Number(bits));
    const first = Math.floor(start / size) * size;
    return [first, first + size - 1];
}

function number(address: string): number | undefined {
    const parts = address.split(".").map(Number);
    if (parts.length !== 4 || parts.some(part => !(part >= 0 && part <= 255))) return undefined;
    return parts.reduce((sum, part) => sum * 256 + part, 0);
}

/** `/etc/hosts` of every host of a lab. */
export function hostsFile(hosts: readonly HostPlan[]): string {
    return `127.0.0.1 localhost\n${hosts.map(host => `${host.address} ${host.name}\n`).join("")}`;
}
