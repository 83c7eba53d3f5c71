/** Runs one command in a session of an ssh connection. */
import type { Client, ClientChannel } from "ssh2";
import { quote } from "./quote";

export interface Execution {
    command: string;
    stdin: string;
    /** Refused ones are an error before the command runs. */
    environment: Record<string, string>;
    /** May be refused. */
    wishes: Record<string, string>;
    refused(severity: "error" | "warning", variable: string): void;
    /** Chunks in the order in which they arrive. */
    output(stream: "stdout" | "stderr", chunk: Buffer): void;
}

/** Resolves with both outputs when the command ends with status 0, and throws everything that it printed otherwise. */
export async function run(client: Client, execution: Execution): Promise<{ stdout: string; stderr: string }> {
    const collected = { stdout: [] as Buffer[], stderr: [] as Buffer[], both: [] as Buffer[] };
    const collect = (stream: "stdout" | "stderr") => (chunk: Buffer) => {
        collected[stream].push(chunk);
        collected.both.push(chunk);
        execution.output(stream, chunk);
    };
    let end: Promise<string | undefined> = Promise.resolve(undefined);
    // A short command's whole result may arrive together with the answer that it was started: one await later, its end is missed.
    await start(client, execution, channel => {
        channel.on("data", collect("stdout"));
        channel.stderr.on("data", collect("stderr"));
        end = ended(channel, execution.stdin);
    });
    const problem = await end;
    if (problem !== undefined) throw new Error(`${problem}: running ${quote(execution.command)}:\n${Buffer.concat(collected.both)}`);
    return { stdout: trimmed(collected.stdout), stderr: trimmed(collected.stderr) };
}

/** The text without *one* newline at its end. */
function trimmed(chunks: Buffer[]): string {
    return Buffer.concat(chunks).toString("utf8").replace(/\n$/, "");
}

/** Sends the input, waits for the end and says what was wrong, in the words of Go's ssh package. */
function ended(channel: ClientChannel, stdin: string): Promise<string | undefined> {
    return new Promise(resolve => {
        let problem: string | undefined = "wait: remote command exited without exit status or exit signal";
        let sent = false;
        channel.on("exit", (code: number | null, signal?: string, _dump?: unknown, description?: string) => {
            problem = exitText(code, signal, description);
        });
        channel.on("error", () => {});
        // A command that ends with status 0 before it has read a long input is an error too, as in the real provider.
        channel.on("close", () => resolve(problem ?? (sent ? undefined : "EOF")));
        channel.end(stdin, () => {
            sent = true;
        });
    });
}

const SIGNALS: Record<string, number> = {
    HUP: 1,
    INT: 2,
    QUIT: 3,
    ILL: 4,
    ABRT: 6,
    FPE: 8,
    KILL: 9,
    SEGV: 11,
    PIPE: 13,
    ALRM: 14,
    TERM: 15,
};

function exitText(code: number | null, signal: string | undefined, description: string | undefined): string | undefined {
    if (code === 0) return undefined;
    if (code !== null) return `Process exited with status ${code}`;
    const name = (signal ?? "").replace(/^SIG/, "");
    return `Process exited with status ${128 + (SIGNALS[name] ?? 0)} from signal ${name}${description ? `. Reason was: ${description}` : ""}`;
}

/** @param started is called at once when the command runs */
async function start(client: Client, execution: Execution, started: (channel: ClientChannel) => void): Promise<void> {
    const { command, environment, wishes } = execution;
    if (Object.keys(environment).length + Object.keys(wishes).length > 0) return startWithVariables(client, execution, started);
    await new Promise<void>((resolve, reject) =>
        client.exec(command, (error, channel) => {
            if (error) return reject(notStarted(command));
            started(channel);
            resolve();
        }),
    );
}

async function startWithVariables(client: Client, execution: Execution, started: (channel: ClientChannel) => void): Promise<void> {
    const { command, environment, wishes, refused } = execution;
    const channel = await openSession(client);
    const { _protocol: protocol } = client as unknown as Internals;
    for (const [name, value] of Object.entries(environment)) {
        if (await request(channel, id => protocol.env(id, name, value, true))) continue;
        refused("error", name);
        throw new Error(`could not set environment variable ${quote(name)}: ssh: setenv failed`);
    }
    for (const [name, value] of Object.entries(wishes)) {
        if (!(await request(channel, id => protocol.env(id, name, value, true)))) refused("warning", name);
    }
    const begin = () => {
        channel.subtype = "exec";
        started(channel);
    };
    if (!(await request(channel, id => protocol.exec(id, command, true), begin))) throw notStarted(command);
}

const notStarted = (command: string) => new Error(`ssh: command ${command} failed: running ${quote(command)}:\n`);

/** ssh2 sends variables without asking for an answer, so these few lines use what its `exec` is made of (ssh2 1.17, lib/client.js). */
interface Internals {
    _chanMgr: { add(opened: (error: Error | undefined, channel: Channel) => void): number };
    _protocol: {
        session(channel: number, window: number, packet: number): void;
        env(channel: number, name: string, value: string, answer: boolean): void;
        exec(channel: number, command: string, answer: boolean): void;
    };
}

type Channel = ClientChannel & { subtype: string; outgoing: { id: number }; _callbacks: ((failed: unknown) => void)[] };

function openSession(client: Client): Promise<Channel> {
    const { _chanMgr: channels, _protocol: protocol } = client as unknown as Internals;
    return new Promise((resolve, reject) => {
        const opened = (error: Error | undefined, channel: Channel) => (error ? reject(error) : resolve(channel));
        protocol.session(channels.add(Object.assign(opened, { type: "session" })), 2 * 1024 * 1024, 32 * 1024);
    });
}

/** Whether the server grants it; `granted` is called at once then. */
function request(channel: Channel, send: (id: number) => void, granted = () => {}): Promise<boolean> {
    return new Promise(resolve => {
        channel._callbacks.push(failed => {
            if (!failed) granted();
            resolve(!failed);
        });
        send(channel.outgoing.id);
    });
}
