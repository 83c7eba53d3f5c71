import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { clusterFromConfig, HrmCluster } from "../../lib";
import { openSshKeyPair } from "../../lib/hosts/openSshKey";
import { commandsOf, type Declared, declare } from "./support/declare";
import { adminKey, connection, example, hostKey, partsOf } from "./support/descriptions";
import { changed, problemsOf, withoutAgent } from "./support/refused";

/** The stack's configuration, as the engine hands it over: JSON but for texts. */
function configure(values: Record<string, unknown>, secretKeys: string[] = []): void {
    const texts = Object.entries(values).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]);
    pulumi.runtime.setAllConfig(Object.fromEntries(texts), secretKeys);
}

const inNamespace = (values: object) => Object.fromEntries(Object.entries(values).map(([key, value]) => [`hrm:${key}`, value]));
const fromConfig = () => clusterFromConfig("hrm", new pulumi.Config("hrm"));

async function declaredBy(values: object, secretKeys: string[] = []): Promise<Declared[]> {
    const { resources } = await declare(() => {
        configure(inNamespace(values), secretKeys);
        fromConfig();
    });
    return resources;
}

const problems = (values: object, secretKeys: string[] = []) =>
    problemsOf(() => {
        configure(inNamespace(values), secretKeys);
        fromConfig();
    });

/** The example, with the login of all hosts in one place. */
function withAdmin() {
    const { user, privateKey } = connection(1);
    const reach = (number: number) => ({ host: `198.18.0.${number}`, hostKey: hostKey(number) });
    return {
        admin: { user, privateKey },
        web: { host: "hrm.example.org", connection: reach(1) },
        nodes: { huygens1: { connection: reach(2), gpus: [0, 1] }, huygens2: { connection: reach(3) } },
    };
}

const connectionOf = (resources: Declared[], name: string) =>
    commandsOf(resources).find(resource => resource.name === name)!.inputs.connection;

describe("clusterFromConfig", () => {
    // On a busy machine.
    withoutAgent();
    afterEach(() => pulumi.runtime.setAllConfig({}));

    it("declares what the same description in TypeScript declares", async () => {
        const description = {
            ...changed(example(), "web.database", { password: "a'b\"c$d" }),
            settings: { logVerbosity: 2, authenticateAgainst: ["ldap"] },
            keyVersion: 3,
            drift: { checkSeconds: 20 },
        };
        const { resources } = await declare(() => new HrmCluster("hrm", description as never));
        expect(await declaredBy(description)).to.deep.equal(resources);
    });

    it("reads the project's namespace by default, and no other", async () => {
        const { resources } = await declare(() => {
            const own = Object.entries(example()).map(([key, value]) => [`${pulumi.getProject()}:${key}`, value]);
            configure({ ...Object.fromEntries(own), "hrm:web": "of another program", [`${pulumi.getProject()}x:web`]: "too" });
            clusterFromConfig("hrm");
        });
        expect(commandsOf(resources)).not.to.be.empty;
    });

    it("reads numbers that the command line has stored as texts", async () => {
        const resources = await declaredBy({ ...example(), keyVersion: "2" });
        expect(resources.find(({ name }) => name === "hrm-web-identity")?.inputs.create).to.include("ssh key 2");
    });

    it("merges admin into each connection, where the host's own values come first", async () => {
        const bastion = {
            host: "bastion",
            user: "jump",
            privateKey: openSshKeyPair("the bastion's", 1, "jump").privateKey,
            hostKey: hostKey(9),
        };
        const described = changed(
            { ...withAdmin(), admin: { ...withAdmin().admin, port: 2222, proxy: bastion } },
            "nodes.huygens2.connection",
            {
                ...withAdmin().nodes.huygens2.connection,
                ...{ user: "other", password: "pass", port: 22 },
            },
        );
        const resources = await declaredBy(described);
        expect(connectionOf(resources, "hrm-web")).to.deep.include({
            host: "198.18.0.1",
            user: "admin",
            port: 2222,
            privateKey: adminKey,
        });
        expect(connectionOf(resources, "hrm-huygens2")).to.deep.include({
            user: "other",
            port: 22,
            password: "pass",
            privateKey: adminKey,
        });
        for (const name of ["hrm-web", "hrm-huygens1", "hrm-huygens2"]) {
            expect(connectionOf(resources, name).proxy).to.deep.include(bastion);
        }
    });

    it("gives the web host that is its own node no connection to itself", async () => {
        const { nodes, ...rest } = withAdmin();
        const resources = await declaredBy({ ...rest, nodes: { localhost: { gpus: [0] } } });
        expect(new Set(commandsOf(resources).map(({ inputs }) => inputs.connection.host))).to.deep.equal(new Set(["198.18.0.1"]));
    });

    it("tells every problem with its path in the configuration", async () => {
        const wrong = [
            ["nodes.huygens1.hucore", `/${"x".repeat(66)}`],
            ["nodes.huygens2.gpus", [0, 0]],
            ["web.imageFolder", "data"],
            ["settings.logVerbosity", 7],
            ["keyVersion", "two"],
            ["admin.user", "no user"],
            ["node", {}],
        ] as const;
        const described = wrong.reduce<object>((values, [path, value]) => changed(values, path, value), { ...withAdmin(), settings: {} });
        const lines = await problems(described);
        expect(lines).to.have.members([
            "hrm:node: there is no such argument, only web, nodes, settings, keyVersion, storage, drainTimeout, drift, huygensCore, admin; did you mean nodes?",
            "hrm:admin.user: 'no user', want a user name",
            `hrm:nodes.huygens1.hucore: '/${"x".repeat(39)}...', want at most 60 characters, which is what HRM's registry holds`,
            "hrm:nodes.huygens2.gpus[1]: 0 is there twice",
            lines.find(line => line.startsWith("hrm:web.imageFolder: 'data', want an absolute path")),
            lines.find(line => line.startsWith("hrm:settings.logVerbosity: 7, want 0, 1, 2, 3")),
            "hrm:keyVersion: 'two', want a whole number from 1 to 1000000",
        ]);
    });

    it("tells a problem of what all hosts have in common once", async () => {
        const bastion = { host: "bastion", privateKey: adminKey };
        const lines = await problems(changed(withAdmin(), "admin", { ...withAdmin().admin, port: 0, proxy: bastion, hostKey: hostKey(1) }));
        expect(lines.map(line => line.split(": ")[0])).to.have.members(["hrm:admin.port", "hrm:admin.proxy.hostKey", "hrm:admin.hostKey"]);
    });

    it("asks for what is missing", async () => {
        const web = "hrm:web: is missing; it describes the web and queue host";
        const nodes = "hrm:nodes: is missing; it describes the machines with Huygens Core";
        expect(await problems({})).to.deep.equal([web, nodes]);
        const noKey = await problems({ ...withAdmin(), admin: { user: "admin" } });
        expect(noKey.map(line => line.slice(0, line.indexOf(";")))).to.have.members([
            "hrm:web.connection.privateKey: is missing",
            "hrm:nodes.huygens1.connection.privateKey: is missing",
            "hrm:nodes.huygens2.connection.privateKey: is missing",
        ]);
        const noHostKey = await problems(changed(withAdmin(), "nodes.huygens1.connection", { host: "198.18.0.2" }));
        expect(noHostKey).to.have.lengthOf(1);
        expect(noHostKey[0]).to.match(/^hrm:nodes\.huygens1\.connection\.hostKey: is missing; 'ssh-keyscan -t ed25519 198\.18\.0\.2'/);
    });

    for (const value of ["hello", [], null, 7]) {
        it(`refuses ${JSON.stringify(value)} where an object belongs`, async () => {
            for (const key of ["admin", "web", "nodes", "web.connection", "web.database", "nodes.huygens1", "nodes.huygens1.connection"]) {
                expect(await problems(changed(withAdmin(), key, value))).to.satisfy((lines: string[]) =>
                    lines.some(line => line.startsWith(`hrm:${key}: `)),
                );
            }
        });
    }

    describe("with secrets", () => {
        it("treats keys and passwords as secrets, also where they were not set as such", async () => {
            const secrets = { database: { password: "SECRET OF THE DATABASE" }, keySeed: "seed-".repeat(8) };
            const described = withAdmin();
            const resources = await declaredBy({ ...described, web: { ...described.web, ...secrets } });
            expect(commandsOf(resources).find(({ name }) => name.endsWith("-identity"))!.secrets).to.include("stdin");
            for (const command of commandsOf(resources)) {
                if (JSON.stringify(command.inputs.connection).includes(adminKey)) expect(command.secrets).to.include("connection");
                if (JSON.stringify(command.inputs.stdin).includes("SECRET OF THE DATABASE")) expect(command.secrets).to.include("stdin");
            }
        });

        it("treats what is secret anywhere in the description as such, and takes it as a secret of the configuration", async () => {
            const described = withAdmin();
            const ldap = { host: "ldap.example.org", root: "dc=example", userSearchDn: "ou=people", manager: "hrm", password: "SECRET 1" };
            const web = {
                ...{ ...described.web, signIn: { methods: ["ldap"], ldap } },
                mail: { relay: { host: "mail.example.org", user: "hrm", password: "SECRET 2" } },
            };
            const huygensCore = { package: "https://example.org/h.deb", sha256: "0".repeat(64), licence: "SECRET 3" };
            const resources = await declaredBy({ ...described, web, huygensCore }, ["hrm:web", "hrm:huygensCore"]);
            for (const secret of ["SECRET 1", "SECRET 2", "SECRET 3"]) {
                const holders = commandsOf(resources).filter(({ inputs }) => JSON.stringify(inputs).includes(secret));
                expect(holders, secret).not.to.be.empty;
                for (const { secrets } of holders) expect(secrets, secret).to.include("stdin");
            }
        });

        it("treats a host key as a secret where its key in the configuration has a secret part", async () => {
            const secretLinks = async (...keys: string[]) =>
                (await declaredBy(withAdmin(), keys)).filter(({ name, secrets }) => name.endsWith("-link") && secrets.includes("stdin"));
            expect(await secretLinks()).to.deep.equal([]);
            expect(await secretLinks("hrm:web")).to.deep.equal([]);
            expect(await secretLinks("hrm:nodes")).to.have.lengthOf(2);
        });

        it("refuses them where they would be readable", async () =>
            expect(await problems({ ...withAdmin(), settings: { emailAdmin: "me@example.org" } }, ["hrm:settings"])).to.deep.equal([
                "hrm:settings: is or holds a secret, and would be readable in Pulumi's state; only admin, web, nodes, huygensCore may hold secrets",
            ]));

        it("does not show them in messages", async () => {
            const lines = await problems(
                changed({ ...withAdmin(), admin: { privateKey: adminKey, port: 0 } }, "web.database", {
                    password: "SECRET\nPASSWORD",
                }),
                ["hrm:admin"],
            );
            expect(lines.map(line => line.split(":").slice(0, 2).join(":"))).to.have.members([
                "hrm:admin.port",
                "hrm:web.database.password",
            ]);
            for (const secret of ["SECRET", ...partsOf(adminKey)]) expect(lines.join()).not.to.contain(secret);
        });

        it("wants a password that is a text", async () => {
            const lines = await problems(changed(changed(withAdmin(), "web.database", { password: 12345 }), "admin.password", ""));
            expect(lines.map(line => line.split(": ")[0])).to.have.members(["hrm:web.database.password", "hrm:admin.password"]);
        });
    });
});
