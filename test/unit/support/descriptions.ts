import type { ConnectionArgs, HrmClusterArgs } from "../../../lib";
import { openSshKeyPair } from "../../../lib/hosts/openSshKey";
import { certificateFor } from "../../lab/support/certificate";

/** A well-formed ed25519 host key, another one for each number. */
export function hostKey(number: number): string {
    const type = "ssh-ed25519";
    const blob = Buffer.alloc(4 + type.length + 4 + 32, number);
    blob.writeUInt32BE(type.length, 0);
    blob.write(type, 4);
    blob.writeUInt32BE(32, 4 + type.length);
    return `${type} ${blob.toString("base64")}`;
}

export const adminKey = openSshKeyPair("the administrator's", 1, "admin").privateKey;

/** What of a private key must not be in any message. */
export const partsOf = (privateKey: string) => privateKey.split("\n").filter(line => line !== "" && !line.startsWith("-----"));

export function connection(number: number): ConnectionArgs {
    return { user: "admin", privateKey: adminKey, host: `198.18.0.${number}`, hostKey: hostKey(number) };
}

/** The example of the README: two nodes with GPUs, one without. */
export function example(): HrmClusterArgs {
    return {
        web: { host: "hrm.example.org", connection: connection(1) },
        nodes: {
            huygens1: { connection: connection(2), gpus: [0, 1] },
            Huygens2: { connection: { ...connection(3), port: 2222 }, gpus: [0], hucore: "/opt/hucore" },
            cpu1: { connection: connection(4) },
        },
    };
}

/** One machine that is its own node. */
export function oneMachine(): HrmClusterArgs {
    return { web: { host: "one.example.org", connection: connection(11) }, nodes: { localhost: { gpus: [0] } } };
}

/** A web host on which everything is to be installed. */
export function bareHost(): HrmClusterArgs {
    const { certificate, key } = certificateFor(["bare.example.org"]);
    return {
        web: {
            ...{ host: "bare.example.org", connection: connection(21) },
            application: { release: "https://example.org/hrm.zip", sha256: "a".repeat(64), version: "3.10.0" },
            webServer: { https: { certificate, privateKey: key } },
            database: { name: "bare" },
            signIn: {
                methods: ["ldap"],
                ldap: {
                    host: "ldap.example.org",
                    root: "dc=example,dc=org",
                    userSearchDn: "ou=people",
                    manager: "hrm",
                    password: "a password",
                },
            },
            mail: { relay: { host: "mail.example.org" } },
        },
        huygensCore: { package: "https://example.org/huygens.deb", sha256: "b".repeat(64), licence: "a licence" },
        nodes: { huygens21: { connection: connection(22), gpus: [0] } },
    };
}
