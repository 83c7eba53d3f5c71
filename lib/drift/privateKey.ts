import * as crypto from "node:crypto";
import { utils } from "ssh2";
import { openSshKeyOfSeed } from "../openSshKey";

export interface ReadableKey {
    privateKey?: string;
    passphrase?: string;
}

/** A private key as ssh2 reads it. It reads no PKCS #8 (`BEGIN PRIVATE KEY`), which @pulumi/command does. */
export function readableKey(privateKey: string | undefined, passphrase: string | undefined): ReadableKey {
    if (privateKey === undefined || !(utils.parseKey(privateKey, passphrase) instanceof Error)) return { privateKey, passphrase };
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
