import { generateKeyPairSync } from "node:crypto";
import { expect } from "chai";
import { utils } from "ssh2";
import { readableKey } from "../../../lib/drift/privateKey";
import { openSshKeyPair } from "../../../lib/openSshKey";

const kinds = {
    ed25519: () => generateKeyPairSync("ed25519"),
    ecdsa: () => generateKeyPairSync("ec", { namedCurve: "P-256" }),
    rsa: () => generateKeyPairSync("rsa", { modulusLength: 2048 }),
};

/** The public key that ssh2 finds in a private one. */
function publicKeyIn({ privateKey, passphrase }: { privateKey?: string; passphrase?: string }): Buffer {
    const parsed = utils.parseKey(privateKey!, passphrase);
    if (parsed instanceof Error) throw parsed;
    return parsed.getPublicSSH();
}

describe("drift/privateKey", () => {
    for (const [kind, generate] of Object.entries(kinds)) {
        for (const passphrase of [undefined, "open sesame"]) {
            it(`reads a PKCS #8 key: ${kind}${passphrase ? " with a passphrase" : ""}`, () => {
                const { privateKey } = generate();
                const protection = passphrase === undefined ? {} : { cipher: "aes-256-cbc", passphrase };
                const pem = privateKey.export({ type: "pkcs8", format: "pem", ...protection }) as string;
                const found = publicKeyIn(readableKey(pem, passphrase));
                const { n, x, y } = privateKey.export({ format: "jwk" });
                const expected = Buffer.from((n ?? y ?? x) as string, "base64url");
                expect(found.includes(expected)).to.equal(true);
            });
        }
    }

    it("leaves OpenSSH's own format as it is", () => {
        const { privateKey } = openSshKeyPair("seed", 1, "comment");
        expect(readableKey(privateKey, undefined)).to.deep.equal({ privateKey, passphrase: undefined });
    });

    it("leaves what is no key for ssh2 to refuse", () => {
        expect(readableKey("no key", "x")).to.deep.equal({ privateKey: "no key", passphrase: "x" });
    });
});
