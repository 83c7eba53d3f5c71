import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Not random: the state of a cluster that is made once for all test files is read by other processes. */
const key = createHash("sha256").update("pulumi-hrm lab tests").digest();
const prefix = "vault:v1:";
const [ivBytes, tagBytes] = [12, 16];

let listening: Promise<string> | undefined;

/**
 * Pulumi's environment for a stack whose file says that Vault keeps the key of its secrets (test/lab/program/Pulumi.lab.yaml), of which this is what Pulumi asks: to encrypt and to decrypt that key. Of a passphrase it makes the key
 * anew with each command, by a million rounds of SHA-256, which are a quarter of a second of CPU time. Secrets are sealed in the state as with any other keeper.
 */
export async function vault(): Promise<Record<string, string>> {
    listening ??= listen();
    return { VAULT_SERVER_URL: await listening, VAULT_SERVER_TOKEN: "lab" };
}

function listen(): Promise<string> {
    const server = createServer(async (request, response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk);
        const asked = JSON.parse(Buffer.concat(chunks).toString("utf8"));
        const isEncryption = request.url?.startsWith("/v1/transit/encrypt/");
        const data = isEncryption ? { ciphertext: encrypt(asked.plaintext) } : { plaintext: decrypt(asked.ciphertext) };
        response.setHeader("Content-Type", "application/json");
        response.end(JSON.stringify({ data }));
    });
    // It serves as long as the tests run.
    server.unref();
    return new Promise(resolve =>
        server.listen(0, "127.0.0.1", () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)),
    );
}

function encrypt(base64: string): string {
    const iv = randomBytes(ivBytes);
    const cipher = createCipheriv("aes-256-gcm", key, iv);
    const sealed = Buffer.concat([cipher.update(base64, "base64"), cipher.final()]);
    return prefix + Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString("base64");
}

function decrypt(text: string): string {
    const all = Buffer.from(text.slice(prefix.length), "base64");
    const decipher = createDecipheriv("aes-256-gcm", key, all.subarray(0, ivBytes));
    decipher.setAuthTag(all.subarray(ivBytes, ivBytes + tagBytes));
    return Buffer.concat([decipher.update(all.subarray(ivBytes + tagBytes)), decipher.final()]).toString("base64");
}
