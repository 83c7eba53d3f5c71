/** Opens ssh connections, over a bastion where there is one. */
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { Client, type ConnectConfig } from "ssh2";
import type { Operation } from "../../provider/resource";
import { attempted, type Connection, type Endpoint, sshConfig } from "./connection";
import { reason } from "./reason";
import { retry } from "./retry";

/** A live connection. `close` ends it together with the one to its bastion. */
export interface Dialled {
    client: Client;
    close(): void;
}

export async function dial(operation: Operation, connection: Connection): Promise<Dialled> {
    const config = await sshConfig(connection);
    const { proxy } = connection;
    if (proxy === undefined) {
        const client = await retry(operation, "Dial", connection.dialErrorLimit, () => direct(connection, config));
        return { client, close: () => client.end() };
    }
    try {
        return await throughProxy(operation, connection, config, proxy);
    } catch (error) {
        throw new Error(`proxy: ${(error as Error).message}`);
    }
}

async function throughProxy(operation: Operation, connection: Connection, config: ConnectConfig, proxy: Endpoint): Promise<Dialled> {
    const proxyConfig = await sshConfig(proxy);
    const bastion = await retry(operation, "Dial proxy", proxy.dialErrorLimit, () => direct(proxy, proxyConfig));
    try {
        const stream = await retry(operation, "Dial from proxy", connection.dialErrorLimit, () => forward(bastion, connection));
        // As in the real provider, the handshake is repeated on the *same* stream, which only the first one can use.
        const client = await retry(operation, "Dial", connection.dialErrorLimit, () => handshake(stream, config));
        client.on("close", () => bastion.end());
        return { client, close: () => client.end() };
    } catch (error) {
        bastion.end();
        throw error;
    }
}

async function direct(to: Endpoint, config: ConnectConfig): Promise<Client> {
    return handshake(await tcp(to), config);
}

function tcp(to: Endpoint): Promise<Socket> {
    const name = to.host.includes(":") ? `[${to.host}]:${to.port}` : `${to.host}:${to.port}`;
    return new Promise((resolve, reject) => {
        const socket = connect({ host: to.host, port: to.port, autoSelectFamily: true, noDelay: true });
        // Finds a host that lost its power after 150 s, as Go's default does.
        socket.setKeepAlive(true, 140_000);
        const fail = (error: Error) => {
            socket.destroy();
            reject(error);
        };
        if (to.perDialTimeout > 0) socket.setTimeout(to.perDialTimeout * 1000, () => fail(new Error(`dial tcp ${name}: i/o timeout`)));
        socket.once("error", (error: NodeJS.ErrnoException) =>
            fail(
                new Error(
                    error.code === "ENOTFOUND"
                        ? `dial tcp: lookup ${to.host}: no such host`
                        : `dial tcp ${name}: connect: ${reason(error)}`,
                ),
            ),
        );
        socket.once("connect", () => {
            socket.setTimeout(0);
            socket.removeAllListeners("timeout");
            socket.removeAllListeners("error");
            resolve(socket);
        });
    });
}

function forward(bastion: Client, to: Endpoint): Promise<Duplex> {
    return new Promise((resolve, reject) => {
        bastion.forwardOut("0.0.0.0", 0, to.host, to.port, (error, stream) =>
            error ? reject(new Error(`ssh: rejected: ${error.message}`)) : resolve(stream),
        );
    });
}

function handshake(stream: Socket | Duplex, config: ConnectConfig): Promise<Client> {
    if (!stream.writable) return Promise.reject(new Error("ssh: handshake failed: EOF"));
    return new Promise((resolve, reject) => {
        const client = new Client();
        let mismatch = false;
        const fail = (message: string) => {
            client.destroy();
            stream.destroy();
            reject(new Error(`ssh: handshake failed: ${message}`));
        };
        // Stays for the connection's whole life: an 'error' event that nobody listens to would end the process.
        client.on("error", error => fail(mismatch ? "ssh: host key mismatch" : explained(error, config)));
        client.once("close", () => fail("EOF"));
        client.on("keyboard-interactive", (_name, _instructions, _language, prompts, answer) =>
            answer(prompts.map(() => config.password ?? "")),
        );
        client.once("ready", () => resolve(client));
        const hostVerifier = (key: Buffer) => {
            mismatch = !(config.hostVerifier as (key: Buffer) => boolean)(key);
            return !mismatch;
        };
        client.connect({ ...config, hostVerifier, sock: stream as Socket });
    });
}

function explained(error: Error & { level?: string }, config: ConnectConfig): string {
    if (error.level === "client-authentication") {
        return `ssh: unable to authenticate, attempted methods [${attempted(config)}], no supported methods remain`;
    }
    return /^Connection lost/.test(error.message) ? "EOF" : reason(error);
}
