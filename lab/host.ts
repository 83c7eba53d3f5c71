/** Switching a lab host on and off, and running commands in it from outside. */
import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, rmSync, statSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
    bootedBySystemd,
    cpuSeconds,
    execGroup,
    hostGroup,
    killAll,
    leader,
    makeGroups,
    processes,
    removeGroups,
    unitName,
} from "./cgroup";
import { capture, LabError, lastLines, must, systemEnvironment } from "./command";
import { note } from "./journal";
import type { HostPlan } from "./names";
import { plug } from "./network";
import { hostFiles } from "./state";

/** sshd answers some 0.3 s after the start; 33 hosts that start at once on two slow cores need more. */
const bootLimitSeconds = 120;

/** Starts a host that is off and waits until its sshd answers. */
export async function start(lab: string, host: HostPlan): Promise<void> {
    const begin = Date.now();
    let supervisor: ChildProcess | undefined;
    if (!isRunning(lab, host.name)) {
        // What a killed systemd-nspawn left of it.
        await stop(lab, host.name);
        await plug(lab, host.name, true);
        supervisor = await nspawn(lab, host.name);
    }
    // Its control group would not tell of one of ours: on a busy machine it is seconds until the first process is there.
    const hasEnded = () =>
        supervisor ? supervisor.exitCode !== null || supervisor.signalCode !== null : processes(lab, host.name).length === 0;
    while (!(await sshAnswers(host.address))) {
        if (hasEnded()) throw notBooted(lab, host.name, "ended while it booted");
        if (Date.now() - begin > bootLimitSeconds * 1000)
            throw notBooted(lab, host.name, `did not answer on port 22 of ${host.address} in ${bootLimitSeconds} s`);
        await sleep(25);
    }
}

/** Ends a host as a power cut does: nothing in it gets a chance to react, and the network no longer answers for it. */
export async function stop(lab: string, host: string): Promise<void> {
    if (existsSync(hostFiles(lab, host).network)) await plug(lab, host, false).catch(() => {});
    await killAll(lab, host);
    const used = cpuSeconds(hostGroup(lab, host));
    if (used !== undefined) note({ lab, what: "stopped", host, cpuSeconds: used });
    if (bootedBySystemd) {
        await capture("systemctl", ["stop", unitName(lab, host)]);
        await capture("systemctl", ["reset-failed", unitName(lab, host)]);
    } else {
        await removeGroups(lab, host);
    }
    forgetMachine(lab, host);
}

/** Running means that systemd-nspawn and the host's first process both live: a killed nspawn leaves a host that nobody can switch off. */
export function isRunning(lab: string, host: string): boolean {
    const supervised = existsSync(join(hostGroup(lab, host), "supervisor"));
    return (
        supervised && readFileSync(join(hostGroup(lab, host), "supervisor/cgroup.procs"), "utf8") !== "" && processes(lab, host).length > 1
    );
}

/** @returns its process, where it is none of systemd's */
async function nspawn(lab: string, host: string): Promise<ChildProcess | undefined> {
    const files = hostFiles(lab, host);
    const args = [
        ...[
            "--quiet",
            "--boot",
            "--register=no",
            "--keep-unit",
            "--console=read-only",
            "--link-journal=no",
            "--resolv-conf=off",
            "--timezone=off",
        ],
        ...[`--directory=${files.root}`, `--machine=${machineName(lab, host)}`, `--hostname=${host}`],
        `--network-namespace-path=${files.network}`,
    ];
    // Version 2 inside, whatever the machine has outside (ENVIRONMENT.md of systemd).
    const unified = "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1";
    if (bootedBySystemd) {
        const properties = [
            "Delegate=yes",
            "KillMode=mixed",
            `StandardOutput=append:${files.console}`,
            `StandardError=append:${files.console}`,
        ];
        const unit = [
            "--quiet",
            "--collect",
            `--unit=${unitName(lab, host)}`,
            `--setenv=${unified}`,
            ...properties.map(property => `--property=${property}`),
        ];
        await must("systemd-run", [...unit, "systemd-nspawn", ...args]);
        return undefined;
    }
    const join = makeGroups(lab, host).map(file => `echo $$ >${file}`);
    const console = openSync(files.console, "a");
    const child = spawn("sh", ["-c", `${join.join(" && ")} && exec env ${unified} systemd-nspawn "$@"`, "sh", ...args], {
        detached: true,
        stdio: ["ignore", console, console],
        env: systemEnvironment,
    });
    child.on("error", () => {});
    child.unref();
    closeSync(console);
    return child;
}

/** Unique on this machine; the host's own name is only known inside. */
function machineName(lab: string, host: string): string {
    return `hrm-lab-${lab}-${host}`;
}

/** A killed systemd-nspawn leaves two files in /run/systemd/nspawn. */
function forgetMachine(lab: string, host: string): void {
    const run = "/run/systemd/nspawn";
    rmSync(`${run}/propagate/${machineName(lab, host)}`, { recursive: true, force: true });
    rmSync(`${run}/unix-export/${machineName(lab, host)}`, { recursive: true, force: true });
    const { root } = hostFiles(lab, host);
    if (!existsSync(root)) return;
    const { dev, ino } = statSync(root);
    rmSync(`${run}/locks/inode-${dev}:${ino}`, { force: true });
}

function notBooted(lab: string, host: string, how: string): LabError {
    const { console } = hostFiles(lab, host);
    const log = existsSync(console) ? lastLines(readFileSync(console, "utf8"), 10) : "";
    return new LabError(`${host} ${how}. Its console (${console}) ended with:\n${log}`);
}

/** Whether sshd greets on port 22 (RFC 4253, 4.2). */
export function sshAnswers(address: string): Promise<boolean> {
    return new Promise(resolve => {
        const socket = connect(22, address);
        const end = (answer: boolean) => {
            socket.destroy();
            resolve(answer);
        };
        socket.setTimeout(1000, () => end(false));
        socket.on("data", data => end(data.toString().startsWith("SSH-")));
        socket.on("error", () => end(false));
        socket.on("close", () => resolve(false));
    });
}

const insideEnvironment = {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    HOME: "/root",
    USER: "root",
    LOGNAME: "root",
    LANG: "C.UTF-8",
};

/** The process that is number 1 inside. @throws LabError where the host is off */
export function firstProcess(lab: string, host: string): number {
    const pid = leader(lab, host);
    if (pid === undefined) throw new LabError(`${host} is off.`);
    return pid;
}

/** The command that runs another inside a host as root, without sshd, in all of the host's name spaces and in its control group. */
export function insideCommand(lab: string, host: string, command: string[]): { program: string; args: string[]; env: NodeJS.ProcessEnv } {
    const nsenter = [
        "nsenter",
        `--target=${firstProcess(lab, host)}`,
        ...["mount", "uts", "ipc", "net", "pid", "cgroup", "root", "wd"].map(name => `--${name}`),
    ];
    return {
        program: "/bin/sh",
        args: ["-c", `echo $$ >"$0" && exec "$@"`, execGroup(lab, host), ...nsenter, ...command],
        env: { ...insideEnvironment, TERM: process.env.TERM ?? "dumb" },
    };
}

/** Runs a command inside a host with this process's own input and output; returns its exit code. */
export function attach(program: string, args: string[], env: NodeJS.ProcessEnv, stdio: StdioOptions = "inherit"): Promise<number> {
    return new Promise((resolve, reject) => {
        const child = spawn(program, args, { stdio, env });
        // A person's Ctrl-C is for the command, whose exit code is passed on.
        const ignore = () => {};
        process.on("SIGINT", ignore);
        child.on("error", reject);
        child.on("close", code => {
            process.off("SIGINT", ignore);
            resolve(code ?? 130);
        });
    });
}
