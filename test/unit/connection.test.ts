import { generateKeyPairSync } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { type ConnectionArgs, remoteConnection } from "../../lib/hosts/connection";
import { known } from "./support/declare";
import { adminKey, hostKey } from "./support/descriptions";

/** With the passphrase `p`. */
const lockedKey = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    ...{
        publicKeyEncoding: { type: "spki", format: "pem" },
        privateKeyEncoding: { type: "pkcs1", format: "pem", cipher: "aes-128-cbc", passphrase: "p" },
    },
}).privateKey;

/** What the provider gets, which knows no undefined values. */
const plain = async (args: Partial<ConnectionArgs>) =>
    JSON.parse(JSON.stringify(await known(pulumi.output(remoteConnection({ hostKey: hostKey(1), ...args }, "huygens1")))));

describe("connection", () => {
    it("has defaults", async () => {
        const byDefault = { host: "huygens1", hostKey: hostKey(1), port: 22, user: "root", dialErrorLimit: 8, perDialTimeout: 8 };
        expect(await plain({})).to.deep.equal(byDefault);
        // As `config.get` gives them where they are not set.
        const unset = { host: undefined, port: undefined, user: undefined, dialErrorLimit: undefined, perDialTimeout: undefined };
        expect(await plain({ ...unset, privateKey: undefined, proxy: undefined })).to.deep.include(byDefault);
    });

    it("takes everything that is given", async () => {
        const all = {
            ...{ host: "198.18.0.1", port: 2222, user: "admin", privateKey: lockedKey, privateKeyPassword: "p", password: "w" },
            ...{ agentSocketPath: "/run/agent", hostKey: hostKey(2), dialErrorLimit: 2, perDialTimeout: 3 },
        };
        expect(await plain(all)).to.deep.equal(all);
    });

    it("goes through a bastion that has its own login", async () => {
        const { proxy, host } = await plain({ proxy: { host: "bastion", user: "hop", hostKey: hostKey(3), privateKey: adminKey } });
        expect(host).to.equal("huygens1");
        expect(proxy).to.deep.equal({
            ...{ host: "bastion", user: "hop", hostKey: hostKey(3), privateKey: adminKey },
            ...{ port: 22, dialErrorLimit: 8, perDialTimeout: 8 },
        });
    });

    it("makes secrets of keys and passwords, the bastion's too", async () => {
        const login = { privateKey: lockedKey, privateKeyPassword: "p", password: "w" };
        const args = remoteConnection(
            { ...login, hostKey: hostKey(1), proxy: { ...login, host: "bastion", hostKey: hostKey(2) } },
            "huygens1",
        );
        for (const each of [args, args.proxy as typeof args]) {
            for (const name of ["privateKey", "privateKeyPassword", "password"] as const) {
                expect(await pulumi.isSecret(pulumi.output(each[name])), name).to.equal(true);
            }
        }
    });

    it("refuses an output that turns out to be no host key", async () => {
        const failure = await plain({ hostKey: pulumi.output("ssh-rsa AAAA") }).then(
            () => "was taken",
            error => error.message,
        );
        expect(failure).to.match(/^hostKey of huygens1: begins with 'ssh-rsa', want one of ssh-ed25519/);
    });
});
