import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { utils } from "ssh2";
import { privateKeyProblem, readableKey } from "../../lib/description/privateKey";
import { openSshKeyPair } from "../../lib/hosts/openSshKey";

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

describe("readableKey", () => {
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

describe("privateKeyProblem", () => {
    let folder: string;
    before(() => {
        folder = mkdtempSync(join(tmpdir(), "pulumi-hrm-keys-"));
    });
    after(() => rmSync(folder, { recursive: true }));

    /** As OpenSSH writes it; one round makes a lock that opens fast. */
    function sshKeygen(name: string, passphrase: string, ...options: string[]): string {
        const file = join(folder, name);
        execFileSync("ssh-keygen", ["-q", "-a", "1", "-N", passphrase, "-C", "hush", "-f", file, ...options], { stdio: "pipe" });
        return readFileSync(file, "utf8");
    }
    const plain = openSshKeyPair("seed", 1, "hush").privateKey;
    const pkcs8 = (passphrase?: string) =>
        kinds
            .ed25519()
            .privateKey.export({ type: "pkcs8", format: "pem", ...(passphrase && { cipher: "aes-256-cbc", passphrase }) }) as string;

    const wrong: [title: string, key: () => string, passphrase: string | undefined, problem: string][] = [
        ["a path", () => "/home/me/.ssh/id_ed25519", undefined, "privateKey is a path, want the text of the file"],
        ["a path in the home", () => "~/.ssh/id_ed25519", undefined, "privateKey is a path"],
        ["a path of Windows", () => "C:\\Users\\me\\id_rsa", undefined, "privateKey is a path"],
        ["a public key", () => openSshKeyPair("seed", 1, "x").publicKey, undefined, "privateKey is a public key, want the private one"],
        ["a public key of another format", () => plain.replaceAll("PRIVATE", "PUBLIC"), undefined, "privateKey is a public key"],
        ["another text", () => "no key", undefined, "privateKey is no private key, want the text of the file"],
        ["one that is cut off", () => plain.slice(0, 200), undefined, "privateKey is not all of the key"],
        [
            "one with a line less",
            () =>
                plain
                    .split("\n")
                    .filter((_, index) => index !== 2)
                    .join("\n"),
            undefined,
            "privateKey is damaged",
        ],
        ["one on one line", () => plain.replaceAll("\n", " "), undefined, "privateKey is all on one line"],
        ["one with Windows line ends", () => plain.replaceAll("\n", "\r\n"), undefined, "privateKey has Windows line ends"],
        ["one of PuTTY's", () => "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n", undefined, "privateKey is a key of PuTTY's"],
        [
            "a locked one without a passphrase",
            () => sshKeygen("locked", "sesame"),
            undefined,
            "privateKey is locked with a passphrase; give it as privateKeyPassword",
        ],
        ["a locked one with a wrong passphrase", () => sshKeygen("wrong", "sesame"), "hush", "privateKeyPassword does not open the key"],
        [
            "a locked PEM without a passphrase",
            () => sshKeygen("pem", "sesame", "-m", "PEM", "-t", "rsa"),
            undefined,
            "privateKey is locked with a passphrase",
        ],
        [
            "a locked PEM with a wrong passphrase",
            () => sshKeygen("pem2", "sesame", "-m", "PEM", "-t", "rsa"),
            "hush",
            "privateKeyPassword does not open",
        ],
        [
            "one that is locked with another cipher",
            () => sshKeygen("cipher", "sesame", "-Z", "aes128-ctr"),
            "sesame",
            "privateKey is locked with aes128-ctr, which @pulumi/command",
        ],
        ["a passphrase for one that is not locked", () => plain, "hush", "privateKeyPassword is given, but the key is not locked"],
        [
            "a passphrase for a PKCS #8 key that is not locked",
            () => pkcs8(),
            "hush",
            "privateKeyPassword is given, but the key is not locked",
        ],
        [
            "a locked PKCS #8 key",
            () => pkcs8("sesame"),
            "sesame",
            "privateKey is locked in a way that @pulumi/command does not read (PKCS #8); 'ssh-keygen -p -f KEY'",
        ],
    ];
    for (const [title, key, passphrase, problem] of wrong)
        it(`refuses ${title}`, () => {
            const found = privateKeyProblem(key(), passphrase);
            expect(`${found?.argument} ${found?.problem}`.slice(0, problem.length)).to.equal(problem);
            expect(found!.problem).not.to.contain("hush");
        });

    const right: [title: string, key: () => string, passphrase?: string][] = [
        ["OpenSSH's", () => plain],
        ["OpenSSH's without the newline at its end", () => plain.trim()],
        ["OpenSSH's, locked", () => sshKeygen("ed", "sesame"), "sesame"],
        ["OpenSSH's ECDSA, locked", () => sshKeygen("ec", "sesame", "-t", "ecdsa"), "sesame"],
        ["OpenSSH's RSA", () => sshKeygen("rsa", "", "-t", "rsa")],
        ["PEM", () => sshKeygen("p", "", "-m", "PEM", "-t", "rsa")],
        ["PEM, locked", () => sshKeygen("lp", "sesame", "-m", "PEM", "-t", "ecdsa"), "sesame"],
        ["PKCS #8", () => pkcs8()],
    ];
    for (const [title, key, passphrase] of right)
        it(`takes a key in the format ${title}`, () => {
            expect(privateKeyProblem(key(), passphrase)).to.equal(undefined);
        });
});
