/** A lab: throw-away Debian hosts on this machine, one web host and any number of nodes. */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Log } from "../engine/cache";
import { capture, LabError, lastLines, must, type Result } from "./command";
import { copyHosts, savedState, saveHosts } from "./copy";
import { discardHost, exists, takeDown } from "./down";
import { insideCommand, isRunning, start, stop } from "./host";
import { images, type Release } from "./image";
import { exclusive } from "./lock";
import { checkName, defaultName } from "./names";
import { forgetNeighbour, setting } from "./network";
import type { Pace } from "./pace";
import { checkMachine, requireRoot } from "./requirements";
import { hostFiles, type LabState, labFolder, labNames, readState } from "./state";
import { bringHosts, openOrCreate } from "./up";

export interface LabHost {
    name: string;
    address: string;
    role: "web" | "node";
    gpus: number[];
    /** `ssh-ed25519 AAAA…` */
    hostKey: string;
    /** `ecdsa-sha2-nistp256 AAAA…`, the same host's other key */
    ecdsaHostKey: string;
}

export interface LabAdmin {
    user: string;
    /** Paths of the key's two files. */
    privateKey: string;
    publicKey: string;
}

export interface ExecOptions {
    stdin?: string;
    /** The account that runs the command, by default root. */
    user?: string;
    /** Code 124 when it takes longer. */
    timeoutSeconds?: number;
}

export interface LabOptions {
    name?: string;
    /** GPU numbers, one list for each node: `[[0, 1], [0]]`. */
    gpus: number[][];
    /** An HRM tree or release zip, by default the stand-in in lab/hrm. */
    hrm?: string | undefined;
    /** An executable, by default the stand-in in lab/hucore. */
    hucore?: string | undefined;
    /** Debian's, by default bookworm. */
    release?: Release | undefined;
    /** Debian's, which each host has besides those that it needs. */
    packages?: string[] | undefined;
    /** Whether the web host has nothing of what HRM needs yet, no HRM either, but a repository of Debian's packages. @default false */
    bare?: boolean | undefined;
    /** How the stand-in HRM waits, by default as HRM does. */
    pace?: Pace | undefined;
    log: Log;
}

export class Lab {
    constructor(private state: LabState) {}

    get name(): string {
        return this.state.name;
    }

    /** The folder that holds all of the lab: keys, known_hosts, lab.json, disks. */
    get folder(): string {
        return labFolder(this.name);
    }

    get hosts(): LabHost[] {
        return this.state.hosts;
    }

    /** May use sudo without a password on every host, and log in with the key. */
    get admin(): LabAdmin {
        const privateKey = join(this.folder, "admin_key");
        return { user: "admin", privateKey, publicKey: `${privateKey}.pub` };
    }

    get web(): LabHost {
        return this.host("web");
    }

    get nodes(): LabHost[] {
        return this.hosts.filter(host => host.role === "node");
    }

    /** @throws LabError when the lab has no such host */
    host(name: string): LabHost {
        const found = this.hosts.find(host => host.name === name);
        if (found) return found;
        throw new LabError(`Lab ${this.name} has no host ${name}, only ${this.hosts.map(host => host.name).join(", ")}.`);
    }

    /** Runs a shell command inside a host, without its sshd, as root or another account. */
    async exec(host: string, command: string, options: ExecOptions = {}): Promise<Result> {
        const limit = options.timeoutSeconds ? ["timeout", "--kill-after=5", String(options.timeoutSeconds)] : [];
        const shell = options.user ? ["runuser", options.user, "-s", "/bin/sh", "-c", command] : ["sh", "-c", command];
        const { program, args, env } = insideCommand(this.name, this.host(host).name, [...limit, ...shell]);
        return capture(program, args, { env, stdin: options.stdin });
    }

    /** `exec`, but any exit code other than 0 is an error. Returns what was written to stdout. */
    async run(host: string, command: string, options: ExecOptions = {}): Promise<string> {
        const { code, stdout, stderr } = await this.exec(host, command, options);
        if (code !== 0) throw new LabError(`${host}: \`${command}\` failed (${code}): ${lastLines(stderr, 10)}`);
        return stdout;
    }

    /** The path of a host's root folder on this machine, also while the host is off. */
    root(host: string): string {
        return hostFiles(this.name, this.host(host).name).root;
    }

    isRunning(host: string): boolean {
        return isRunning(this.name, this.host(host).name);
    }

    /** A power cut: no process of the host gets a chance to react, its address no longer answers, its disk stays. */
    async powerOff(host: string): Promise<void> {
        const { name, address } = this.host(host);
        await this.alone(async () => {
            await stop(this.name, name);
            await forgetNeighbour(this.name, this.hosts, address);
        });
    }

    /** Starts a host with the disk that it had, and waits until its sshd answers. */
    async powerOn(host: string): Promise<void> {
        await this.alone(() => start(this.name, this.host(host)));
    }

    /** Makes a host ignore pings, as a firewall would; ssh goes on. */
    async dropPing(host: string, drop = true): Promise<void> {
        await setting(hostFiles(this.name, this.host(host).name).network, `net.ipv4.icmp_echo_ignore_all=${drop ? 1 : 0}`);
    }

    /** Makes a folder of this machine, or of another host's root, appear in a host. It stays when the host is switched off. */
    async bindMount(host: string, from: string, to: string): Promise<void> {
        const target = join(this.root(host), to);
        mkdirSync(target, { recursive: true });
        await must("mount", ["--bind", from, target]);
    }

    /** Adds the next node, and tells its name to all hosts. */
    async addNode(options: { gpus: number[]; log?: Log }): Promise<LabHost> {
        const log = options.log ?? (() => {});
        const made = await images(log, this.state);
        await this.alone(async () => {
            this.state = readState(this.name)!;
            const gpus = [...this.nodes.map(node => node.gpus), options.gpus];
            this.state = await bringHosts(this.state, gpus, made, log);
        }, log);
        return this.nodes.at(-1)!;
    }

    /** Adds the next web host, `web2`, to which a cluster can move. */
    async addWeb(log: Log = () => {}): Promise<LabHost> {
        const made = await images(log, this.state);
        await this.alone(async () => {
            const state = readState(this.name)!;
            const gpus = this.nodes.map(node => node.gpus);
            this.state = await bringHosts({ ...state, webs: (state.webs ?? 1) + 1 }, gpus, made, log);
        }, log);
        return this.hosts.filter(host => host.role === "web").at(-1)!;
    }

    /** Gives a node an empty disk and new host keys, as if its system had been installed anew, and starts it. */
    async reinstall(node: string, log: Log = () => {}): Promise<LabHost> {
        const { name } = this.host(node);
        const made = await images(log, this.state);
        await this.alone(async () => {
            const state = readState(this.name)!;
            const others = state.hosts.filter(host => host.name !== name);
            const gpus = this.nodes.map(other => other.gpus);
            await discardHost(this.name, name);
            // It has another network card, too; the old one would be asked for half a minute.
            await forgetNeighbour(this.name, others, this.host(name).address);
            // What is not in the record is made.
            this.state = await bringHosts({ ...state, hosts: others }, gpus, made, log);
        }, log);
        return this.host(name);
    }

    /** Switches all hosts off in good order and keeps them in a folder, with some of the lab's folders, for `labCopy`. */
    async save(folder: string, also: readonly string[] = []): Promise<void> {
        await this.alone(() => saveHosts(this.name, folder, also));
    }

    /** Removes the lab with all that it made. */
    async down(log: Log = () => {}): Promise<void> {
        await labDown(this.name, log);
    }

    /** Does what no other process may do with this lab meanwhile. */
    private alone<T>(work: () => Promise<T>, log: Log = () => {}): Promise<T> {
        return exclusive(`lab ${this.name}`, log, work);
    }
}

/** Makes a lab, or brings an existing one of that name to what is asked for: starts hosts that are off, adds nodes. */
export async function labUp(options: LabOptions): Promise<Lab> {
    const { gpus, log } = options;
    const name = checkName(options.name ?? defaultName);
    await checkMachine(log);
    const made = await images(log, readState(name) ?? options);
    return exclusive(`lab ${name}`, log, async () => {
        const state = await openOrCreate({ ...options, name, hrm: absolute(options.hrm), hucore: absolute(options.hucore) });
        return new Lab(await bringHosts(state, gpus, made, log));
    });
}

/** A lab of that name that begins where `saved`, a folder that `Lab.save` has filled, left off; its hosts are running. */
export async function labCopy(name: string, saved: string, log: Log): Promise<Lab> {
    await checkMachine(log);
    const made = await images(log, savedState(saved));
    return exclusive(`lab ${checkName(name)}`, log, async () => {
        const state = await copyHosts(name, saved, made);
        const gpus = state.hosts.filter(host => host.role === "node").map(host => host.gpus);
        return new Lab(await bringHosts(state, gpus, made, log));
    });
}

/** An existing lab. */
export async function labOpen(name = defaultName): Promise<Lab> {
    requireRoot();
    const state = readState(checkName(name));
    if (state) return new Lab(state);
    const others = labNames().length > 0 ? ` There is ${labNames().join(", ")}.` : "";
    throw new LabError(`There is no lab named ${name}.${others} Make one with: npm run lab -- up --name ${name}`);
}

/** Removes a lab, also a half-made or broken one. @returns whether there was one */
export async function labDown(name = defaultName, log: Log = () => {}): Promise<boolean> {
    requireRoot();
    checkName(name);
    return exclusive(`lab ${name}`, log, async () => {
        const found = exists(name);
        if (found) await takeDown(name);
        return found;
    });
}

function absolute(path: string | undefined): string | undefined {
    return path === undefined ? undefined : resolve(path);
}
