import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { HrmCluster } from "../../lib";
import { declare } from "./support/declare";
import { adminKey, connection, example, hostKey, partsOf } from "./support/descriptions";
import { changed, clusterProblems, withoutAgent } from "./support/refused";

const good = connection(1);
const path = "web.connection";

describe("checkConnection", () => {
    withoutAgent();

    const wrong: [title: string, connection: unknown, problem: RegExp | string][] = [
        ["a list as host key", { ...connection(1), hostKey: [hostKey(1)] }, `${path}.hostKey: not a text, want 'ssh-ed25519 AAAA…'`],
        ["none", undefined, `${path}: is missing; it is how the administrator logs in`],
        ["null", null, `${path}: null, want an object`],
        ["a text", "admin@host", `${path}: a text, want an object`],
        ["a list", [], `${path}: an empty list, want an object`],
        ["an output", pulumi.output(good), `${path}: an output, want an object`],
        ["no host key", { ...good, hostKey: undefined }, `${path}.hostKey: is missing; 'ssh-keyscan -t ed25519 198.18.0.1' prints it`],
        [
            "no host key, on another port",
            { ...good, host: undefined, port: 2222, hostKey: undefined },
            `${path}.hostKey: is missing; 'ssh-keyscan -t ed25519 -p 2222 hrm.example.org' prints it`,
        ],
        ["a host key that is null", { ...good, hostKey: null }, `${path}.hostKey: `],
        [
            "an RSA host key",
            { ...good, hostKey: "ssh-rsa AAAAB3" },
            /hostKey: begins with 'ssh-rsa', want.*ssh-keyscan -t ed25519 198\.18\.0\.1/,
        ],
        [
            "no way to log in",
            { host: "198.18.0.1", hostKey: hostKey(1) },
            `${path}.privateKey: is missing; give it, or password or agentSocketPath`,
        ],
        ["an empty key", { ...good, privateKey: "" }, `${path}.privateKey: what is given`],
        ["a key that is a number", { ...good, privateKey: 5 }, `${path}.privateKey: what is given`],
        ["a password that is a number", { ...good, password: 5 }, `${path}.password: what is given`],
        ["port 0", { ...good, port: 0 }, `${path}.port: 0, want a whole number from 1 to 65535`],
        ["a port as a text", { ...good, port: "22" }, `${path}.port: '22', want a whole number`],
        ["a host with a blank", { ...good, host: "a b" }, `${path}.host: 'a b', want a host name or address`],
        ["a user with a blank", { ...good, user: "a b" }, `${path}.user: 'a b', want a user name`],
        ["0 attempts", { ...good, dialErrorLimit: 0 }, `${path}.dialErrorLimit: 0, want`],
        ["a misspelt argument", { ...good, hostkey: "x" }, `${path}.hostkey: there is no such argument, only host, port`],
        ["a bastion as a text", { ...good, proxy: "bastion" }, `${path}.proxy: a text, want an object`],
        [
            "a bastion without a host",
            { ...good, proxy: { privateKey: adminKey, hostKey: hostKey(9) } },
            `${path}.proxy.host: is missing; it is the name or address of the bastion`,
        ],
        [
            "a bastion without a host key",
            { ...good, proxy: { privateKey: adminKey, host: "bastion" } },
            `${path}.proxy.hostKey: is missing; 'ssh-keyscan -t ed25519 bastion' prints it`,
        ],
        [
            "a bastion behind a bastion",
            { ...good, proxy: { ...connection(9), proxy: connection(10) } },
            `${path}.proxy.proxy: there is no such argument`,
        ],
    ];
    for (const [title, value, problem] of wrong) {
        it(`refuses ${title}`, async () => {
            const found = await clusterProblems(changed(example(), path, value));
            expect(found).to.have.lengthOf(1);
            if (typeof problem === "string")
                expect(found[0])
                    .to.include(problem)
                    .and.satisfy((line: string) => line.startsWith(problem));
            else expect(found[0]).to.match(problem);
        });
    }

    it("never shows a secret", async () => {
        const found = await clusterProblems(changed(example(), path, { ...good, privateKey: adminKey, password: "hush", user: 5 }));
        for (const secret of ["hush", ...partsOf(adminKey)]) expect(found.join()).not.to.contain(secret);
    });

    it("takes outputs and promises", async () => {
        const later = {
            ...{ host: pulumi.output("10.0.0.7"), port: pulumi.output(22), user: Promise.resolve("admin") },
            ...{ privateKey: pulumi.secret(adminKey), hostKey: pulumi.output(hostKey(1)) },
        };
        const { resources } = await declare(() => new HrmCluster("hrm", changed(example(), path, later) as never));
        expect(resources).not.to.deep.equal([]);
    });
});

describe("checkConnection, where an ssh agent runs", () => {
    withoutAgent();
    before(() => {
        process.env.SSH_AUTH_SOCK = "/run/agent";
    });
    after(() => {
        delete process.env.SSH_AUTH_SOCK;
    });

    it("needs no other way to log in", async () => {
        const args = changed(example(), path, { hostKey: hostKey(1) });
        const { resources } = await declare(() => new HrmCluster("hrm", args as never));
        expect(resources).not.to.deep.equal([]);
    });
});
