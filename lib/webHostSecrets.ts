/** The secrets of a web host: those that are described, or generated ones, which stay what they are. */
import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { fitting } from "./description/arguments";
import { chainOf } from "./description/certificates";
import * as rules from "./description/rules";
import type { DatabaseArgs } from "./description/webHost";
import { openSshKeyPair } from "./hosts/openSshKey";

export function databaseOf(name: string, hrmPath: string, args: DatabaseArgs = {}, parent: pulumi.Resource) {
    const { host = "localhost", name: database = "hrm", user = "hrm", tls } = args;
    // One of each kind, as password policies of database servers want it. Few special characters: somebody will have to type it into a client one day.
    const characters = { length: 32, overrideSpecial: "-_.", minLower: 1, minUpper: 1, minNumeric: 1, minSpecial: 1 };
    const password =
        args.password ??
        // A password that is there stays: each of these inputs would make another one.
        new random.RandomPassword(`${name}-database-password`, characters, {
            parent,
            ignoreChanges: [...Object.keys(characters), "special"],
        }).result;
    const ca = tls?.ca === undefined ? "" : `${chainOf(tls.ca)}\n`;
    // HRM's folder `config` outlives its releases. Another authority has another file, so that HRM's configuration changes with it, and the queue manager is started anew.
    const sum = createHash("sha256").update(ca).digest("hex").slice(0, 8);
    const caFile = ca === "" ? "/etc/ssl/certs/ca-certificates.crt" : `${hrmPath}/config/pulumi-hrm-database-ca-${sum}.pem`;
    return {
        // As MariaDB's client compares, which goes to the socket then.
        ...{ host: rules.isLocalhost(host) ? "localhost" : host, name: database, user, ca, caFile: tls ? caFile : "" },
        password: fitting(`${name}: database.password`, pulumi.secret(password), rules.password),
    };
}

export function adminPasswordOf(name: string, given: pulumi.Input<string> | undefined, parent: pulumi.Resource): pulumi.Output<string> {
    const password =
        given ??
        new random.RandomPassword(
            `${name}-admin-password`,
            { length: 20, overrideSpecial: "-_.", minSpecial: 1, minNumeric: 1 },
            { parent },
        ).result;
    return fitting(`${name}: adminPassword`, pulumi.secret(password), rules.adminPassword);
}

export function keyPairOf(name: string, version: number, given: pulumi.Input<string> | undefined, parent: pulumi.Resource) {
    // Not RandomBytes, whose base64 text is also its id, which Pulumi keeps in plain text.
    const text = given ?? new random.RandomPassword(`${name}-key-seed`, { length: 64, special: false }, { parent }).result;
    const seed = fitting(`${name}: keySeed`, pulumi.secret(text), rules.keySeed);
    const pair = seed.apply(known => openSshKeyPair(known, version, "hrm-cluster"));
    // Earlier ones may still be authorised on a node: the last of them where a web host has moved, more where runs were skipped.
    const versions = Array.from({ length: version - 1 }, (_, index) => index + 1).slice(-5);
    const old = seed.apply(known => versions.map(each => openSshKeyPair(known, each, "hrm-cluster").publicKey));
    const [publicKey, oldPublicKeys] = [pulumi.unsecret(pair.publicKey), pulumi.unsecret(old)];
    const publicKeys = pulumi.all([publicKey, oldPublicKeys]).apply(([key, older]) => [key, ...older]);
    return { privateKey: pair.privateKey, publicKey, oldPublicKeys, publicKeys };
}
