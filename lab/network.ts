/**
 * A lab's network: a name space with a bridge in it, to which every host's name space and this machine are connected.
 *
 * The bridge has a name space of its own so that this machine's packet filter does not see what hosts say to each other: a machine with
 * Docker drops bridged traffic that it does not know.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { capture, inParallel, must } from "./command";
import { freeSubnet, type HostPlan, interfaceName, machineAddress, overlaps, type Subnet } from "./names";
import { hostFiles, labFolder } from "./state";

/** A network that is free on this machine now. Ask and make it under one lock. */
export async function chooseSubnet(): Promise<Subnet> {
    return freeSubnet(await taken());
}

export async function subnetIsFree(subnet: Subnet): Promise<boolean> {
    return !overlaps(subnet, await taken());
}

/** Addresses and networks in use in this network name space. */
async function taken(): Promise<string[]> {
    const addresses: { addr_info: { local?: string; prefixlen?: number }[] }[] = JSON.parse(await must("ip", ["-json", "-4", "address"]));
    const routes: { dst: string }[] = JSON.parse(await must("ip", ["-json", "-4", "route"]));
    return [...addresses.flatMap(link => link.addr_info.map(info => `${info.local}/${info.prefixlen}`)), ...routes.map(route => route.dst)];
}

/** Makes a lab's bridge and this machine's interface to it. */
export async function makeLabNetwork(lab: string, subnet: Subnet): Promise<void> {
    const link = interfaceName(lab);
    const space = await nameSpace(join(labFolder(lab), "network"));
    await ip(
        `link add ${link} type veth peer name machine netns ${space}`,
        `address add ${machineAddress(subnet)}/24 dev ${link}`,
        `link set ${link} up`,
    );
    await ipIn(space, "link add bridge type bridge", "link set bridge up", "link set machine master bridge up");
}

export async function removeLabNetwork(lab: string): Promise<void> {
    await capture("ip", ["link", "delete", interfaceName(lab)]);
}

/** Gives a host its interface and address, before it starts: nothing in it has to configure a network. */
export async function connectHost(lab: string, host: HostPlan): Promise<void> {
    const space = await nameSpace(hostFiles(lab, host.name).network);
    const bridge = join(labFolder(lab), "network");
    await ipIn(bridge, `link add ${host.name} type veth peer name eth0 netns ${space}`, `link set ${host.name} master bridge up`);
    await ipIn(space, "link set lo up", `address add ${host.address}/24 dev eth0`);
    // As systemd sets it on a real host: ping without privileges, for every group.
    await setting(space, "net.ipv4.ping_group_range=0 2147483647");
}

export async function disconnectHost(lab: string, host: string): Promise<void> {
    await capture("nsenter", [`--net=${join(labFolder(lab), "network")}`, "ip", "link", "delete", host]);
}

/** Plugs a host's network cable in or out. */
export async function plug(lab: string, host: string, plugged: boolean): Promise<void> {
    await ipIn(hostFiles(lab, host).network, `link set eth0 ${plugged ? "up" : "down"}`);
}

/**
 * Makes this machine and all hosts ask anew who has an address. An answer from before a power cut would be believed for up to a minute,
 * and a connection to the host would fail only then; this is the state in which the host has been off for a while.
 */
export async function forgetNeighbour(lab: string, hosts: readonly HostPlan[], address: string): Promise<void> {
    const flush = ["neighbour", "flush", "to", address];
    await capture("ip", [...flush, "dev", interfaceName(lab)]);
    await inParallel(hosts, 4, async host => {
        await capture("nsenter", [`--net=${hostFiles(lab, host.name).network}`, "ip", ...flush, "dev", "eth0"]);
    });
}

/** Changes a kernel setting (sysctl) of a network name space. */
export async function setting(space: string, assignment: string): Promise<void> {
    await must("nsenter", [`--net=${space}`, "sysctl", "--quiet", "--write", assignment]);
}

/** Makes a network name space that a file holds (unshare(1)). */
async function nameSpace(file: string): Promise<string> {
    writeFileSync(file, "");
    await must("unshare", [`--net=${file}`, "true"]);
    return file;
}

async function ip(...commands: string[]): Promise<void> {
    await must("ip", ["-batch", "-"], { stdin: `${commands.join("\n")}\n` });
}

async function ipIn(space: string, ...commands: string[]): Promise<void> {
    await must("nsenter", [`--net=${space}`, "ip", "-batch", "-"], { stdin: `${commands.join("\n")}\n` });
}
