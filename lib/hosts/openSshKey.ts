import * as crypto from "node:crypto";
import * as forge from "node-forge";

export interface OpenSshKeyPair {
    /** `ssh-ed25519 AAAA… COMMENT`, as in authorized_keys. */
    publicKey: string;
    /** PEM text of OpenSSH's own format (OpenSSH 9.2 reads no PKCS#8 ed25519 key), with the newline at the end that ssh insists on. */
    privateKey: string;
}

/**
 * The ed25519 key pair of a version: computed, so that every run has the same text and the previous key is always known.
 * @param seed secret text
 * @param version 1, 2, … for rotation
 */
export function openSshKeyPair(seed: string, version: number, comment: string): OpenSshKeyPair {
    return openSshKeyOfSeed(crypto.createHash("sha256").update(`${seed}\0${version}`).digest(), comment);
}

/** The key pair whose private half is these 32 bytes (RFC 8032, 5.1.5). */
export function openSshKeyOfSeed(seed: Buffer, comment: string): OpenSshKeyPair {
    const pair = forge.pki.ed25519.generateKeyPair({ seed });
    const publicBlob = Buffer.concat([field("ssh-ed25519"), field(Buffer.from(pair.publicKey))]);
    // Two equal words by which ssh recognises a right passphrase. Random ones would be a change of the file at each run.
    const checkWord = crypto.createHash("sha256").update("check words").update(seed).digest().subarray(0, 4);
    const secret = pad(Buffer.concat([checkWord, checkWord, publicBlob, field(Buffer.from(pair.privateKey)), field(comment)]));
    const body = Buffer.concat([
        Buffer.from("openssh-key-v1\0"),
        field("none"),
        field("none"),
        field(""),
        uint32(1),
        field(publicBlob),
        field(secret),
    ]);
    const lines = body.toString("base64").match(/.{1,70}/g)!;
    return {
        publicKey: `ssh-ed25519 ${publicBlob.toString("base64")} ${comment}`,
        privateKey: ["-----BEGIN OPENSSH PRIVATE KEY-----", ...lines, "-----END OPENSSH PRIVATE KEY-----", ""].join("\n"),
    };
}

function uint32(value: number): Buffer {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
}

function field(content: string | Buffer): Buffer {
    const bytes = Buffer.from(content as string);
    return Buffer.concat([uint32(bytes.length), bytes]);
}

/** To a multiple of 8 bytes with 1, 2, 3, … */
function pad(bytes: Buffer): Buffer {
    const missing = (8 - (bytes.length % 8)) % 8;
    return Buffer.concat([bytes, Buffer.from(Array.from({ length: missing }, (_, i) => i + 1))]);
}
