/** The `connection` of a resource: its properties, their defaults, and what ssh2 makes of them. */
import { createPrivateKey } from "node:crypto";
import { connect } from "node:net";
import { type AuthenticationType, type ConnectConfig, type ServerHostKeyAlgorithm, utils } from "ssh2";
import type { Failure } from "../../provider/resource";
import { inside, isObject, isUnknown, type Properties, plain, secret, type Wire, withoutNulls } from "../../provider/wire";
import { problems, type Type } from "./fields";
import { reason } from "./reason";

export interface Endpoint {
    host: string;
    port: number;
    user: string;
    password?: string;
    privateKey?: string;
    privateKeyPassword?: string;
    agentSocketPath?: string;
    dialErrorLimit: number;
    /** Seconds for the TCP connection; 0: no limit. */
    perDialTimeout: number;
    hostKey?: string;
}

export interface Connection extends Endpoint {
    proxy?: Endpoint;
}

const DEFAULTS = { port: 22, user: "root", dialErrorLimit: 10, perDialTimeout: 15 };
const SECRETS = ["password", "privateKey", "privateKeyPassword"];
const FIELDS: Record<string, Type> = {
    host: "string",
    port: "float64",
    user: "string",
    password: "string",
    privateKey: "string",
    privateKeyPassword: "string",
    agentSocketPath: "string",
    dialErrorLimit: "float64",
    perDialTimeout: "float64",
    hostKey: "string",
};

/** The checked input: defaults filled in, the whole and its secrets marked as secret. */
export function checkConnection(value: Wire | undefined): { value: Wire; failures: Failure[] } {
    if (value === undefined) return { value: null, failures: [{ property: "connection", reason: "Missing required field 'connection'" }] };
    const reasons: string[] = [];
    const checked = inside(value, connection => endpoint("connection", connection, reasons));
    // No property is named: the engine would print its value, keys and all.
    return { value: secret(checked), failures: reasons.map(reason => ({ property: "", reason })) };
}

function endpoint(path: string, value: Wire, reasons: string[]): Wire {
    if (isUnknown(value)) return value;
    if (!isObject(value)) {
        reasons.push(`${path}: must be an object`);
        return value;
    }
    const isProxy = path !== "connection";
    const name = isProxy ? "remote.ProxyConnection" : "remote.Connection";
    const given = withoutNulls(value);
    const known: Properties = { ...DEFAULTS, ...given };
    if (known.host === undefined) reasons.push(`${path}.host: Missing required field 'host' on '${name}'`);
    for (const { field, reason } of problems(name, FIELDS, isProxy ? [] : ["proxy"], given)) reasons.push(`${path}.${field}: ${reason}`);
    for (const key of SECRETS) if (known[key] !== undefined) known[key] = secret(known[key]);
    if (!isProxy && known.proxy !== undefined) known.proxy = inside(known.proxy, proxy => endpoint(`${path}.proxy`, proxy, reasons));
    return known;
}

/** The connection as it is used, without envelopes. */
export function readConnection(value: Wire): Connection {
    return { ...DEFAULTS, ...(plain(value) as object) } as Connection;
}

/** ssh2's configuration for one side of a connection; proves first that keys can be read and that the agent answers. */
export async function sshConfig(to: Endpoint): Promise<ConnectConfig> {
    const config: ConnectConfig = { username: to.user, readyTimeout: 0, ...hostKeyCheck(to.hostKey) };
    // Each method is tried once, in this order. Both kinds of key count as one: where there is a private key, the agent is not asked.
    const methods: AuthenticationType[] = ["none"];
    if (to.privateKey !== undefined) {
        config.privateKey = readPrivateKey(to.privateKey, to.privateKeyPassword);
        config.passphrase = to.privateKeyPassword;
        methods.push("publickey");
    }
    if (to.password !== undefined) {
        config.password = to.password;
        config.tryKeyboard = true;
        methods.push("password", "keyboard-interactive");
    }
    const agent = to.agentSocketPath ?? (process.env.SSH_AUTH_SOCK || undefined);
    if (agent !== undefined) {
        await answers(agent);
        if (to.privateKey === undefined) {
            config.agent = agent;
            methods.push("agent");
        }
    }
    config.authHandler = methods;
    return config;
}

/** The names under which the real provider counts the methods that were tried. */
export function attempted(config: ConnectConfig): string {
    return [...new Set((config.authHandler as string[]).map(method => (method === "agent" ? "publickey" : method)))].join(" ");
}

/** With a `hostKey` only its own type is offered to the server, without one any key is accepted. */
function hostKeyCheck(hostKey: string | undefined): Partial<ConnectConfig> {
    if (hostKey === undefined) return { hostVerifier: () => true };
    const parsed = utils.parseKey(hostKey.trim());
    if (parsed instanceof Error) throw new Error("failed to parse host key: ssh: no key found");
    const expected = parsed.getPublicSSH();
    return {
        algorithms: { serverHostKey: [parsed.type as ServerHostKeyAlgorithm] },
        hostVerifier: (offered: Buffer) => offered.equals(expected),
    };
}

function readPrivateKey(text: string, passphrase: string | undefined): string {
    refuseWhatGoRefuses(text, passphrase);
    const parsed = utils.parseKey(text, passphrase);
    if (!(parsed instanceof Error)) return text;
    // ssh2 reads no PKCS #8, the real provider does.
    const exported = fromPkcs8(text);
    if (exported !== undefined) return exported;
    if (/no passphrase given/i.test(parsed.message)) throw new Error("ssh: this private key is passphrase protected");
    throw new Error(`ssh: no key found (${parsed.message})`);
}

/** golang.org/x/crypto/ssh, by which the real provider reads keys: ssh2 and Node.js open more. */
function refuseWhatGoRefuses(text: string, passphrase: string | undefined): void {
    const label = /-----BEGIN ([A-Z ]+)-----/.exec(text)?.[1];
    if (label === "ENCRYPTED PRIVATE KEY")
        throw new Error(passphrase === undefined ? `ssh: unsupported key type "${label}"` : "ssh: not an encrypted key");
    if (passphrase === undefined || label === undefined || /^Proc-Type: 4,ENCRYPTED/m.test(text)) return;
    if (label !== "OPENSSH PRIVATE KEY") throw new Error("ssh: not an encrypted key");
    if (!(utils.parseKey(text) instanceof Error)) throw new Error("ssh: key is not password protected");
}

function fromPkcs8(text: string): string | undefined {
    try {
        const key = createPrivateKey(text);
        const type = key.asymmetricKeyType === "rsa" ? "pkcs1" : "sec1";
        return key.export({ type, format: "pem" }).toString();
    } catch {
        return undefined;
    }
}

/** A dead agent socket fails the whole connection, also where a key or password would do. */
function answers(socketPath: string): Promise<void> {
    return new Promise((resolve, reject) => {
        const socket = connect(socketPath);
        socket.on("connect", () => socket.destroy());
        socket.on("close", failed => failed || resolve());
        socket.on("error", error => reject(new Error(`dial unix ${socketPath}: connect: ${reason(error)}`)));
    });
}
