/**
 * Making a lab and adding hosts to it. What lab.json records is whole; what an `up` that was killed left unrecorded is removed and made anew.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import type { Log } from "../engine/cache";
import { inParallel, LabError, must } from "./command";
import { checkSources, installHrm, makeHostKeys, makeKey, mountDisk, offerPackages, personalise } from "./disk";
import { discardHost, exists, takeDown } from "./down";
import { insideCommand, start } from "./host";
import { defaultRelease, type Images, type Release, repositoryRoot } from "./image";
import { note } from "./journal";
import { exclusive } from "./lock";
import { type HostPlan, hostsFile, planHosts } from "./names";
import { chooseSubnet, connectHost, makeLabNetwork } from "./network";
import type { Pace } from "./pace";
import { type HostState, hostFiles, type LabState, labFolder, makeLabFolder, readState, writeState } from "./state";

/** Hosts that are made or boot at the same time: more only wait for each other. */
const width = Math.max(2, 2 * cpus().length);

export interface Wanted {
    name: string;
    gpus: number[][];
    hrm?: string | undefined;
    hucore?: string | undefined;
    release?: Release | undefined;
    packages?: string[] | undefined;
    bare?: boolean | undefined;
    pace?: Pace | undefined;
}

/** The lab's record, folder and network, made where they are missing. */
export async function openOrCreate(wanted: Wanted): Promise<LabState> {
    const { name, hrm, hucore, release, packages, bare, pace } = wanted;
    const existing = readState(name);
    if (existing) return matching(existing, wanted);
    const sources = sourcesOf(wanted);
    checkSources(sources.hrm, sources.hucore);
    const folder = await mountLabFolder(name);
    const key = join(folder, "admin_key");
    await makeKey(key, "ed25519", `admin of lab ${name}`);
    // Two labs that start at once must not choose the same network.
    return exclusive(
        "the choice of a network",
        () => {},
        async () => {
            const state = { name, subnet: await chooseSubnet(), hosts: [], hrm, hucore, release, packages, bare, pace };
            await makeLabNetwork(name, state.subnet);
            writeState(state);
            return state;
        },
    );
}

/** Where HRM and hucore are copied from: the stand-ins of the checkout that copies, also where another one made the lab that this is a copy of. */
function sourcesOf({ hrm, hucore }: Pick<LabState, "hrm" | "hucore">): { hrm: string; hucore: string } {
    return { hrm: hrm ?? join(repositoryRoot(), "lab/hrm"), hucore: hucore ?? join(repositoryRoot(), "lab/hucore/hucore") };
}

/** The lab's folder, a new file system. What there is of a lab of that name goes. */
export async function mountLabFolder(name: string): Promise<string> {
    if (exists(name)) await takeDown(name);
    note({ lab: name, what: "made" });
    const folder = makeLabFolder(name);
    await must("mount", ["-t", "tmpfs", "-o", "mode=0700", `hrm-lab-${name}`, folder]);
    return folder;
}

/** @throws LabError where an existing lab has not what is asked for and cannot get it by adding nodes */
function matching(state: LabState, wanted: Wanted): LabState {
    const has = state.hosts.filter(host => host.role === "node").map(host => host.gpus);
    const { hrm, hucore } = sourcesOf(state);
    const found = { hrm, hucore, release: state.release ?? defaultRelease, bare: state.bare ?? false };
    const differs = Object.entries(found).some(([field, value]) => ![undefined, value].includes(wanted[field as keyof typeof found]));
    const sameStart = has.every((gpus, i) => JSON.stringify(gpus) === JSON.stringify(wanted.gpus[i]));
    if (sameStart && !differs) return state;
    const nodes = has.map(gpus => gpus.length).join(", ");
    throw new LabError(
        `Lab ${state.name} exists and is another one: ${has.length} nodes with ${nodes} GPUs, HRM from ${hrm}, hucore from ${hucore}, Debian ${found.release}${found.bare ? ", a bare web host" : ""}. ` +
            "Take it down first, or choose another name.",
    );
}

/** Brings the hosts to one web host and a node for each entry of `gpus`, all of them running. */
export async function bringHosts(state: LabState, gpus: number[][], images: Images, log: Log): Promise<LabState> {
    const known = new Map(state.hosts.map(host => [host.name, host]));
    const plan = planHosts(state.subnet, gpus, state.webs);
    const hosts: HostState[] = [];
    await inParallel(plan, width, async host => {
        hosts.push(known.get(host.name) ?? (await makeHost(state, host, images)));
    });
    const order = new Map(plan.map((host, i) => [host.name, i]));
    const result = { ...state, hosts: hosts.sort((a, b) => order.get(a.name)! - order.get(b.name)!) };
    writeNames(result);
    writeState(result);
    await bootAll(result, log);
    return result;
}

async function makeHost(state: LabState, host: HostPlan, images: Images): Promise<HostState> {
    if (existsSync(hostFiles(state.name, host.name).folder)) await discardHost(state.name, host.name);
    await mountDisk(state.name, host, images);
    await connectHost(state.name, host);
    const authorized = readFileSync(join(labFolder(state.name), "admin_key.pub"), "utf8");
    const { hrm, hucore } = sourcesOf(state);
    personalise(state.name, host.name, authorized, hucore);
    const { root } = hostFiles(state.name, host.name);
    if (images.repository && host.role === "web") await offerPackages(root, images.repository);
    else if (host.role === "web") await installHrm(root, hrm, state.pace);
    return { ...host, ...(await makeHostKeys(state.name, host.name)) };
}

/** Tells all names and addresses to every host, and all host keys to this machine's ssh. */
function writeNames(state: LabState): void {
    for (const host of state.hosts) writeFileSync(join(hostFiles(state.name, host.name).root, "etc/hosts"), hostsFile(state.hosts));
    const lines = state.hosts.flatMap(host => [host.hostKey, host.ecdsaHostKey].map(key => `${host.name},${host.address} ${key}\n`));
    writeFileSync(join(labFolder(state.name), "known_hosts"), lines.join(""));
}

async function bootAll(state: LabState, log: Log): Promise<void> {
    allowManyHosts();
    let up = 0;
    await inParallel(state.hosts, width, async host => {
        await start(state.name, host);
        if (host.role === "web") await servicesStarted(state.name, host.name);
        log(`${host.name} is up, ${++up} of ${state.hosts.length}`);
    });
}

/**
 * The kernel gives root 128 inotify instances by default, on all hosts together. systemd, D-Bus and the journal of a host take 4, and more while it
 * boots; a host that gets none stops booting half-way. The limit stays raised, as other labs may be there.
 */
function allowManyHosts(): void {
    const limit = "/proc/sys/fs/inotify/max_user_instances";
    if (existsSync(limit) && Number(readFileSync(limit, "utf8")) < 8192) writeFileSync(limit, "8192");
}

/** sshd answers before MariaDB does. */
async function servicesStarted(lab: string, host: string): Promise<void> {
    const { program, args, env } = insideCommand(lab, host, ["systemctl", "is-system-running", "--wait"]);
    await must(program, args, { env });
}
