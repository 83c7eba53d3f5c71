import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { openSshKeyPair } from "../../lib/hosts/openSshKey";
import { isInstalled, skipLoudly } from "./support/shell";

const someKey = fc.record({ seed: fc.string({ minLength: 16 }), version: fc.integer({ min: 1, max: 1000 }) });

describe("openSshKey", () => {
    it("ssh-keygen reads the private key, and gives the public one", function () {
        if (!isInstalled("ssh-keygen")) skipLoudly(this, "there is no ssh-keygen here; nothing else proves that OpenSSH reads the key");
        const folder = mkdtempSync(join(tmpdir(), "pulumi-hrm-key-"));
        try {
            const file = join(folder, "key");
            fc.assert(
                fc.property(someKey, ({ seed, version }) => {
                    const { privateKey, publicKey } = openSshKeyPair(seed, version, "hrm-cluster");
                    rmSync(file, { force: true });
                    writeFileSync(file, privateKey, { mode: 0o600 });
                    const { stdout, stderr } = spawnSync("ssh-keygen", ["-y", "-f", file], { encoding: "utf8" });
                    expect(stdout, stderr).to.equal(`${publicKey}\n`);
                }),
                { numRuns: 50 },
            );
        } finally {
            rmSync(folder, { recursive: true });
        }
    });

    it("is the same text in every run", () => {
        fc.assert(
            fc.property(someKey, ({ seed, version }) => {
                expect(openSshKeyPair(seed, version, "c")).to.deep.equal(openSshKeyPair(seed, version, "c"));
            }),
            { numRuns: 5 },
        );
    });

    it("is another key for another version, or another seed", () => {
        const keys = [openSshKeyPair("a", 1, "c"), openSshKeyPair("a", 2, "c"), openSshKeyPair("b", 1, "c"), openSshKeyPair("a", 11, "c")];
        expect(new Set(keys.map(({ publicKey }) => publicKey))).to.have.lengthOf(4);
        expect(new Set(keys.map(({ privateKey }) => privateKey))).to.have.lengthOf(4);
    });

    it("ends in a newline, on which ssh insists", () =>
        expect(openSshKeyPair("a", 1, "c").privateKey).to.match(
            /^-----BEGIN OPENSSH PRIVATE KEY-----\n[\s\S]+\n-----END OPENSSH PRIVATE KEY-----\n$/,
        ));

    // A change of this pair changes the key of every cluster that there is.
    it("has not changed since the first release", () => expect(openSshKeyPair("a fixed seed", 1, "hrm-cluster")).to.deep.equal(golden));
});

const golden = {
    publicKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIH/sPXf8rIzIjN3H+Nlp2Gmw4MasU2FjMI/1b/lfXdX5 hrm-cluster",
    privateKey: `-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW
QyNTUxOQAAACB/7D13/KyMyIzdx/jZadhpsODGrFNhYzCP9W/5X13V+QAAAJAZJfPMGSXz
zAAAAAtzc2gtZWQyNTUxOQAAACB/7D13/KyMyIzdx/jZadhpsODGrFNhYzCP9W/5X13V+Q
AAAEDU1jG8SE2FGdOSyDhKykIzl/WAudj33L0b7A7SPCBz4X/sPXf8rIzIjN3H+Nlp2Gmw
4MasU2FjMI/1b/lfXdX5AAAAC2hybS1jbHVzdGVyAQI=
-----END OPENSSH PRIVATE KEY-----
`,
};
