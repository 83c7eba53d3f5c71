/** The two programs that are compared: a cluster, and a bare one with as many commands that do nothing. */
import type { ChildProcess } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { progress } from "../../engine/cache";
import { repositoryRoot } from "../../engine/root";
import { type Outcome, Stack } from "../../engine/stack";
import { LabError, lastLines } from "../command";
import type { Lab, LabHost } from "../lab";

export const log = (line: string) => console.log(line);

/** A command of the bare program: where it runs, and after which others. */
interface BareCommand {
    name: string;
    after: string[];
    [argument: string]: unknown;
}

let running: ChildProcess | undefined;
let interrupted = false;

/** Ends the run at Ctrl-C: Pulumi and what it started are killed, and whatever comes next throws. */
export function interrupt(): void {
    interrupted = true;
    if (running?.pid) process.kill(-running.pid, "SIGKILL");
}

export function throwIfInterrupted(): void {
    if (interrupted) throw new LabError("bench: interrupted");
}

/** @param about for the progress line. @throws LabError with the end of what Pulumi printed */
async function must(stack: Stack, about: string, args: string[]): Promise<Outcome> {
    throwIfInterrupted();
    const { process: child, outcome } = stack.start(args);
    running = child;
    const result = await progress(log, about, outcome).finally(() => {
        running = undefined;
    });
    throwIfInterrupted();
    if (result.code !== 0) throw new LabError(`bench: ${about} ended with ${result.code}:\n${lastLines(result.output, 30)}`);
    return result;
}

/** @returns seconds */
export async function up(stack: Stack, about: string): Promise<number> {
    const { seconds } = await must(stack, about, ["up", "--yes", "--skip-preview", "--non-interactive"]);
    log(`${about}: ${seconds.toFixed(1)} s`);
    return seconds;
}

/** @returns seconds */
export async function preview(stack: Stack, about: string): Promise<number> {
    const { seconds } = await must(stack, about, ["preview", "--non-interactive", "--expect-no-changes"]);
    log(`${about}: ${seconds.toFixed(1)} s`);
    return seconds;
}

/** A preview in which something may differ. */
export function previewOf(stack: Stack, about: string): Promise<Outcome> {
    return must(stack, about, ["preview", "--non-interactive"]);
}

export async function openCluster(lab: Lab, env: Record<string, string> = {}, folder = join(lab.folder, "cluster")): Promise<Stack> {
    // With a passphrase, as most people have it: lab tests have another keeper of secrets.
    return Stack.open({ program: join(repositoryRoot(), "test/lab/program"), name: "bench", folder, env });
}

/** At which address a host's sshd is reached. */
export type Way = (host: LabHost) => string;

/** Describes the hosts that the lab has now, or only some of its nodes. */
export async function describe(
    cluster: Stack,
    lab: Lab,
    { of = lab.nodes.map(({ name }) => name), way = ({ address }) => address }: { of?: readonly string[]; way?: Way } = {},
): Promise<void> {
    const reach = (host: LabHost) => ({ connection: { host: way(host), hostKey: host.hostKey } });
    const described = lab.nodes.filter(({ name }) => of.includes(name));
    const nodes = Object.fromEntries(described.map(node => [node.name, { ...reach(node), gpus: node.gpus }]));
    await cluster.configure("adminKey", readFileSync(lab.admin.privateKey, "utf8"), { secret: true });
    await cluster.configure("cluster", JSON.stringify({ web: { host: lab.web.name, ...reach(lab.web) }, nodes }));
}

export async function openBare(lab: Lab): Promise<Stack> {
    return Stack.open({ program: join(repositoryRoot(), "lab/bench/bare"), folder: join(lab.folder, "bare") });
}

/**
 * Gives the bare program the commands of a cluster as it is now. Without one it has none, and warms the machine up. By a file, since Pulumi hands
 * configuration to a program in its environment, where a value of over 128 KiB has no room (32 nodes).
 */
export async function imitate(bare: Stack, cluster?: Stack): Promise<void> {
    const commands = cluster ? bareCommands((await must(cluster, "reading the state", ["stack", "export", "--show-secrets"])).output) : [];
    const file = join(bare.folder, "commands.json");
    writeFileSync(file, JSON.stringify(commands), { mode: 0o600 });
    await bare.configure("commands", file);
}

/** Read off the state, so that it is always as many, wherever the library puts its steps. */
function bareCommands(state: string): BareCommand[] {
    const { resources } = JSON.parse(state).deployment as { resources: Resource[] };
    const commands = resources.filter(({ type }) => type === "command:remote:Command");
    const nameOf = (urn: string) => urn.split("::").at(-1)!;
    const names = new Set(commands.map(({ urn }) => nameOf(urn)));
    return commands.map(({ urn, inputs, dependencies = [] }) => {
        const { connection, logging, addPreviousOutputInEnv } = withoutEnvelopes(inputs) as Record<string, unknown>;
        const after = dependencies.map(nameOf).filter(name => names.has(name));
        return { name: nameOf(urn), after, connection, logging, addPreviousOutputInEnv };
    });
}

interface Resource {
    urn: string;
    type: string;
    inputs: unknown;
    dependencies?: string[];
}

/** Pulumi keeps a secret as an object with this key (sdk/v3/go/common/resource/sig), in this export with its plain text. */
const envelope = "4dabf18193072939515e22adb298388d";

function withoutEnvelopes(value: unknown): unknown {
    if (typeof value !== "object" || value === null) return value;
    if (envelope in value) return withoutEnvelopes(JSON.parse((value as unknown as { plaintext: string }).plaintext));
    if (Array.isArray(value)) return value.map(withoutEnvelopes);
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutEnvelopes(item)]));
}
