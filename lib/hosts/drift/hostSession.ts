import * as net from "node:net";
import type { Duplex } from "node:stream";
import { Client, type ConnectConfig, type ServerHostKeyAlgorithm } from "ssh2";
import { withoutComment } from "../../description/hostKey";
import { readableKey } from "../../description/privateKey";
import { launcher } from "../launcher";
import { pace } from "../pace";
import type { StepWord } from "../stepText";
import { type Result, RootShell } from "./rootShell";

/** A login as @pulumi/command has it, with all values known. */
export interface KnownLogin {
    host: string;
    port: number;
    user: string;
    hostKey: string;
    privateKey?: string;
    privateKeyPassword?: string;
    password?: string;
    agentSocketPath?: string;
}

export interface KnownConnection extends KnownLogin {
    proxy?: KnownLogin;
}

// As many processes of checks at once are no burden for a host that works.
const mostAtOnce = 8;
// A host that is alive ends a check itself when its time is over, and says so.
const graceSeconds = 3;
const longestError = 4096;

/** One ssh connection to a host and one shell there, for all checks. It never keeps the program alive. */
export class HostSession {
    private running = 0;
    private readonly waiting: (() => void)[] = [];
    private readonly ended: Promise<never>;
    private shell: Promise<RootShell> | undefined;
    private failure: unknown;
    private readonly idle: NodeJS.Timeout;

    private constructor(
        private readonly client: Client,
        onIdle: () => void,
    ) {
        const end = () => {
            if (this.running > 0) return;
            // A host that died costs its time once.
            if (!this.failure) onIdle();
            client.end();
        };
        this.idle = setTimeout(end, pace.idle * 1000).unref();
        this.ended = new Promise((_resolve, reject) => client.once("close", () => reject(new Error("the connection ended"))));
        this.ended.catch(() => {}); // it may end when nothing is asked
    }

    /** @param onIdle before it ends by itself @throws when the host does not let us in within the time */
    static async open(connection: KnownConnection, connectSeconds: number, onIdle: () => void): Promise<HostSession> {
        const deadline = Date.now() + connectSeconds * 1000;
        for (;;) {
            try {
                return await HostSession.enter(connection, deadline, onIdle);
            } catch (error) {
                if (!isTurnedAway(error) || Date.now() > deadline) throw error;
                await pause(200);
            }
        }
    }

    private static async enter({ proxy, ...login }: KnownConnection, deadline: number, onIdle: () => void): Promise<HostSession> {
        if (!proxy) return new HostSession(await logIn(login, await dial(login, deadline), deadline), onIdle);
        const bastion = await logIn(proxy, await dial(proxy, deadline), deadline);
        try {
            const opened = new Promise<Duplex>((resolve, reject) =>
                bastion.forwardOut("127.0.0.1", 0, login.host, login.port, (error, stream) => (error ? reject(error) : resolve(stream))),
            );
            const tunnel = await within((deadline - Date.now()) / 1000, opened);
            const client = await logIn(login, tunnel, deadline);
            client.once("close", () => bastion.end());
            return new HostSession(client, onIdle);
        } catch (error) {
            bastion.destroy();
            throw error;
        }
    }

    /** Runs a step's check. @throws when there is no answer within the time, or the connection ends */
    async check(step: StepWord, seconds: number): Promise<Result> {
        if (this.running < mostAtOnce) this.running++;
        else await new Promise<void>(resolve => this.waiting.push(resolve));
        try {
            if (this.failure) throw this.failure;
            // Not before: who only wants to know whether a host lets us in needs none.
            this.shell ??= this.start();
            const answer = this.shell.then(shell => shell.check(step, seconds));
            return await within(seconds + graceSeconds, Promise.race([answer, this.ended]));
        } catch (error) {
            this.failure = error;
            throw error;
        } finally {
            // Who waits takes the place over, so that nobody comes in between.
            const next = this.waiting.shift();
            if (next) next();
            else this.running--;
            this.idle.refresh();
        }
    }

    private start(): Promise<RootShell> {
        return new Promise((resolve, reject) => {
            this.client.exec(launcher("check"), (error, channel) => {
                if (error) {
                    reject(error);
                    return;
                }
                let [stderr, code] = ["", undefined as number | undefined];
                const shell = new RootShell(text => (text === undefined ? channel.end() : channel.write(text)));
                channel.setEncoding("utf8").on("data", (data: string) => shell.read(data));
                channel.stderr.on("data", (data: Buffer) => {
                    stderr = (stderr + data.toString("utf8")).slice(0, longestError);
                });
                channel.on("exit", (status: number | null) => {
                    code = status ?? undefined;
                });
                channel.on("close", () => shell.ended(code, stderr));
                channel.on("error", () => {}); // a host that ends before it has read everything; 'close' follows
                resolve(shell);
            });
        });
    }
}

async function dial({ host, port }: KnownLogin, deadline: number): Promise<net.Socket> {
    const socket = net.connect({ host, port });
    // Pulumi's program ends when nothing is left to do; an open socket would be something.
    socket.unref();
    const connected = new Promise<void>((resolve, reject) => {
        socket.once("connect", resolve);
        socket.once("error", reject);
    });
    try {
        await within((deadline - Date.now()) / 1000, connected);
        return socket;
    } catch (error) {
        socket.destroy();
        throw error;
    }
}

async function logIn(login: KnownLogin, sock: Duplex, deadline: number): Promise<Client> {
    const client = new Client();
    // Stays for good: an 'error' that nobody listens to would end the program.
    client.on("error", () => {});
    client.on("keyboard-interactive", (_name, _instructions, _language, prompts, answer) =>
        answer(prompts.map(() => login.password ?? "")),
    );
    const ready = new Promise<void>((resolve, reject) => {
        client.once("ready", resolve);
        client.once("error", reject);
        client.once("close", () => reject(new Error("the host ended the connection")));
    });
    try {
        client.connect({ ...config(login), sock: sock as net.Socket });
        await within((deadline - Date.now()) / 1000, ready);
        return client;
    } catch (error) {
        client.destroy();
        throw error;
    }
}

function config(login: KnownLogin): ConnectConfig {
    const { type, key } = withoutComment(login.hostKey);
    const expected = Buffer.from(key.split(" ")[1] as string, "base64");
    return {
        username: login.user,
        ...readableKey(login.privateKey, login.privateKeyPassword),
        password: login.password,
        tryKeyboard: login.password !== undefined,
        agent: login.agentSocketPath ?? (process.env.SSH_AUTH_SOCK || undefined),
        // The deadlines are ours: ssh2's timers, its keepalive's too, would keep the program alive.
        readyTimeout: 0,
        // Without this ssh2 asks for an ed25519 key first, and an ecdsa hostKey would not match.
        algorithms: { serverHostKey: [type as ServerHostKeyAlgorithm] },
        hostVerifier: (offered: Buffer) => offered.equals(expected),
    };
}

/** Where many come at once, sshd ends some connections before it says anything (MaxStartups). */
function isTurnedAway(error: unknown): boolean {
    const { message, code } = error as NodeJS.ErrnoException;
    return code === "ECONNRESET" || /^(the host ended the connection|Connection lost before handshake)$/.test(message);
}

function pause(milliseconds: number): Promise<void> {
    return new Promise(resolve => setTimeout(resolve, milliseconds).unref());
}

/** @throws after the time, without keeping the program alive for it */
async function within<T>(seconds: number, promise: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => reject(new Error(`no answer in ${Math.max(1, Math.round(seconds))} s`)), Math.max(0, seconds) * 1000);
        timer.unref();
    });
    try {
        return await Promise.race([promise, late]);
    } finally {
        clearTimeout(timer);
    }
}
