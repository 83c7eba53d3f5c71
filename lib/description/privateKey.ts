import * as crypto from "node:crypto";
import { utils } from "ssh2";
import { openSshKeyOfSeed } from "../hosts/openSshKey";

/** What is wrong with a login's private key: with which of the two arguments, what, and the way out. */
export interface KeyProblem {
    argument: "privateKey" | "privateKeyPassword";
    problem: string;
}

// Hosts of a cluster share their administrator's key, and to open a locked one takes a second.
const lookedAt = new Map<string, KeyProblem | undefined>();

/**
 * What keeps @pulumi/command from logging in with a key, or undefined. The provider itself says `ssh: no key found` and names neither argument nor host.
 * Never shows a part of it.
 */
export function privateKeyProblem(privateKey: string, passphrase: string | undefined): KeyProblem | undefined {
    const id = crypto
        .createHash("sha256")
        .update(JSON.stringify([privateKey, passphrase]))
        .digest("hex");
    if (!lookedAt.has(id)) lookedAt.set(id, problemOfText(privateKey) ?? problemOfLock(privateKey, passphrase));
    return lookedAt.get(id);
}

const rewrite = "'ssh-keygen -p -f KEY' writes it anew in OpenSSH's format";

function problemOfText(key: string): KeyProblem | undefined {
    const wrong = (problem: string): KeyProblem => ({ argument: "privateKey", problem });
    const label = /^-----BEGIN ([A-Z0-9 ]+)-----/m.exec(key)?.[1];
    if (/^\s*(ssh|ecdsa|sk)-\S+ AAAA/.test(key) || label?.endsWith("PUBLIC KEY"))
        return wrong("is a public key, want the private one, from the file without .pub");
    if (/^\s*PuTTY-User-Key-File/.test(key))
        return wrong("is a key of PuTTY's; 'puttygen KEY -O private-openssh' writes it in OpenSSH's format");
    if (label === undefined && /^\s*[~./\\A-Z][^\n]*[/\\][^\n]*$/i.test(key))
        return wrong('is a path, want the text of the file (in TypeScript, fs.readFileSync(PATH, "utf8"))');
    if (label === undefined) return wrong("is no private key, want the text of the file, from its line '-----BEGIN …' on");
    if (key.includes("\r")) return wrong("has Windows line ends (\\r\\n), want \\n alone");
    if (!key.includes(`-----END ${label}-----`)) return wrong(`is not all of the key: it has no line '-----END ${label}-----'`);
    if (!key.trim().includes("\n")) return wrong("is all on one line, want it with the line ends of the file");
    if (label === "ENCRYPTED PRIVATE KEY") return wrong(`is locked in a way that @pulumi/command does not read (PKCS #8); ${rewrite}`);
    return undefined;
}

function problemOfLock(key: string, passphrase: string | undefined): KeyProblem | undefined {
    const cipher = cipherOf(key);
    const isLocked = cipher !== undefined || /^Proc-Type: 4,ENCRYPTED/m.test(key);
    if (cipher !== undefined && cipher !== "aes256-ctr" && cipher !== "aes256-cbc")
        return { argument: "privateKey", problem: `is locked with ${cipher}, which @pulumi/command does not read; ${rewrite}` };
    if (isLocked && passphrase === undefined)
        return { argument: "privateKey", problem: "is locked with a passphrase; give it as privateKeyPassword, or use an ssh agent" };
    if (!isLocked && passphrase !== undefined)
        return { argument: "privateKeyPassword", problem: "is given, but the key is not locked; leave it out" };
    const { privateKey, passphrase: opens } = readableKey(key, passphrase);
    if (!(utils.parseKey(privateKey as string, opens) instanceof Error)) return undefined;
    return isLocked
        ? { argument: "privateKeyPassword", problem: "does not open the key, or the key is damaged" }
        : { argument: "privateKey", problem: `is damaged, or of a kind that is no ssh key (RSA, ECDSA or Ed25519); ${rewrite}` };
}

/** Of a key in OpenSSH's own format that is locked (PROTOCOL.key): the cipher's name follows the magic word. */
function cipherOf(key: string): string | undefined {
    const body = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]+)/.exec(key)?.[1];
    const [magic, bytes] = ["openssh-key-v1\0", Buffer.from(body ?? "", "base64")];
    if (bytes.subarray(0, magic.length).toString("latin1") !== magic || bytes.length < magic.length + 4) return undefined;
    const start = magic.length + 4;
    const cipher = bytes.subarray(start, start + bytes.readUInt32BE(magic.length)).toString("latin1");
    return cipher === "none" ? undefined : cipher.replace(/[^a-z0-9@.-]/g, "?").slice(0, 40);
}

interface ReadableKey {
    privateKey?: string;
    passphrase?: string;
}

/** A private key as ssh2 reads it. It reads no PKCS #8 (`BEGIN PRIVATE KEY`), which @pulumi/command does. */
export function readableKey(privateKey: string | undefined, passphrase: string | undefined): ReadableKey {
    if (privateKey === undefined || !/^-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/m.test(privateKey)) return { privateKey, passphrase };
    try {
        return { privateKey: fromPkcs8(crypto.createPrivateKey({ key: privateKey, passphrase })) };
    } catch {
        // ssh2 says best what is wrong with it.
        return { privateKey, passphrase };
    }
}

function fromPkcs8(key: crypto.KeyObject): string {
    if (key.asymmetricKeyType === "ed25519") {
        return openSshKeyOfSeed(Buffer.from(key.export({ format: "jwk" }).d as string, "base64url"), "").privateKey;
    }
    return key.export({ type: key.asymmetricKeyType === "rsa" ? "pkcs1" : "sec1", format: "pem" }).toString();
}
