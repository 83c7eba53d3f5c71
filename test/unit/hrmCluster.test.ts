import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import fc from "fast-check";
import { HrmCluster, type HrmClusterArgs } from "../../lib";
import { commandsOf, declare, known } from "./support/declare";
import { adminKey, connection, example, hostKey } from "./support/descriptions";
import { changed, clusterProblems, refusal, withoutAgent } from "./support/refused";
import { validDescription } from "./support/validDescription";

describe("HrmCluster", () => {
    withoutAgent();

    const wrong: [title: string, args: unknown, problems: string[]][] = [
        [
            "no arguments",
            undefined,
            ["args: undefined, want an object with web, nodes, settings, keyVersion, storage, drainTimeout, drift"],
        ],
        ["null", null, ["args: null, want an object with web, nodes, settings, keyVersion, storage, drainTimeout, drift"]],
        [
            "no web and no nodes",
            {},
            ["web: is missing; it describes the web and queue host", "nodes: is missing; it describes the machines with Huygens Core"],
        ],
        ["no node", changed(example(), "nodes", {}), ["nodes: is empty; HRM's queue manager needs at least one node"]],
        ["nodes as a list", changed(example(), "nodes", [{ connection: connection(2) }]), ["nodes: a list, want"]],
        ["nodes that are null", changed(example(), "nodes", null), ["nodes: null, want"]],
        ["web as a text", changed(example(), "web", "hrm.example.org"), ["web: a text, want an object with host, connection"]],
        ["web as a list", changed(example(), "web", []), ["web: an empty list, want"]],
        ["a node that is null", changed(example(), "nodes.huygens1", null), ["nodes.huygens1: null, want an object with connection"]],
        [
            "a misspelt argument",
            { ...example(), setings: {} },
            ["setings: there is no such argument, only web, nodes, settings, keyVersion, storage, drainTimeout, drift"],
        ],
        ["storage that is no object", { ...example(), storage: true }, ["storage: true, want an object with shared"]],
        ["storage shared as a text", { ...example(), storage: { shared: "yes" } }, ["storage.shared: 'yes', want true or false"]],
        // A promise would be taken for true, for nothing, or for an object without arguments.
        [
            "a maintenance that is known later",
            changed(example(), "nodes.huygens1.maintenance", Promise.resolve(false)),
            ["nodes.huygens1.maintenance: is a promise, want the plain value: true or false"],
        ],
        [
            "a user that is known later",
            changed(example(), "web.user", Promise.resolve("hrm")),
            ["web.user: is a promise, want the plain value: a user or group name"],
        ],
        ["storage that is known later", { ...example(), storage: Promise.resolve({}) }, ["storage: a promise, want an object with shared"]],
        ["storage as a Map", { ...example(), storage: new Map([["shared", true]]) }, ["storage: an object, want an object with shared"]],
        [
            "no text as the database's host",
            changed(example(), "web.database", { host: pulumi.output("db") }),
            ["web.database.host: is an output, want the plain value: a host name"],
        ],
        ["no time for a drain", { ...example(), drainTimeout: 0 }, ["drainTimeout: 0, want a whole number from 1"]],
        ["key version 0", changed(example(), "keyVersion", 0), ["keyVersion: 0, want a whole number from 1"]],
        ["key version as a text", changed(example(), "keyVersion", "2"), ["keyVersion: '2', want a whole number from 1"]],
        ["key version null", changed(example(), "keyVersion", null), ["keyVersion: null, want a whole number from 1"]],
        [
            "names that differ in case only",
            changed(example(), "nodes.HUYGENS1", { connection: connection(9) }),
            ["nodes.HUYGENS1: is the same name as nodes.huygens1 for HRM, which ignores case"],
        ],
        [
            "two nodes with one host key",
            changed(example(), "nodes.cpu1.connection", connection(2)),
            ["nodes.cpu1.connection.hostKey: is that of nodes.huygens1 too: one host under two names"],
        ],
        [
            "a node with the web host's key, with another comment",
            changed(example(), "nodes.cpu1.connection.hostKey", `${hostKey(1)} root@cpu1`),
            ["nodes.cpu1.connection.hostKey: is that of web too: one host under two names"],
        ],
    ];
    for (const [title, args, problems] of wrong) {
        it(`refuses ${title}`, async () => {
            const found = await clusterProblems(args);
            expect(found.map((line, index) => line.slice(0, problems[index]?.length))).to.deep.equal(problems);
        });
    }

    it("says all problems at once", async () =>
        expect(await refusal(() => new HrmCluster("hrm", wrongInManyWays as never))).to.equal(everyProblem));

    it("takes every valid description", async () => {
        await fc.assert(
            fc.asyncProperty(validDescription, async args => {
                const { resources, result } = await declare(() => new HrmCluster("hrm", args));
                const names = commandsOf(resources).map(({ name }) => name);
                expect(new Set(names).size, "distinct names of steps").to.equal(names.length);
                const rows = Object.values(args.nodes).flatMap(({ gpus }) => (gpus?.length ? gpus : [-1]));
                expect(await known(result.servers)).to.have.lengthOf(rows.length);
            }),
            { numRuns: 8 },
        );
    });

    it("has the outputs url, publicKey and servers", async () => {
        const { resources, result } = await declare(() => new HrmCluster("hrm", example()));
        expect(await known(result.url)).to.equal("http://hrm.example.org/hrm");
        expect(await known(result.publicKey)).to.match(/^ssh-ed25519 AAAA\S+ hrm-cluster$/);
        expect(await known(result.servers)).to.deep.equal([
            { name: "huygens1 0", hucore: "/usr/local/bin/hucore", gpuId: 0 },
            { name: "huygens1 1", hucore: "/usr/local/bin/hucore", gpuId: 1 },
            { name: "Huygens2 0", hucore: "/opt/hucore", gpuId: 0 },
            { name: "cpu1 -1", hucore: "/usr/local/bin/hucore", gpuId: -1 },
        ]);
        const components = resources.filter(({ type }) => type.startsWith("hrm:"));
        expect(components.map(({ type, name, parent }) => `${type} ${name} in ${parent}`)).to.have.members([
            "hrm:index:HrmCluster hrm in ",
            "hrm:index:WebQueueHost hrm-web in hrm",
            "hrm:index:HuygensNode hrm-huygens1 in hrm",
            "hrm:index:HuygensNode hrm-huygens2 in hrm",
            "hrm:index:HuygensNode hrm-cpu1 in hrm",
            "hrm:index:ServerRegistry hrm-registry in hrm",
        ]);
    });

    for (const preview of [true, false])
        it(`takes ordinary mocks, which make no passwords, in ${preview ? "a preview" : "an up"}`, async () => {
            await pulumi.runtime.setMocks(
                { call: ({ inputs }) => inputs, newResource: ({ name, inputs }) => ({ id: `${name}-id`, state: inputs }) },
                undefined,
                undefined,
                preview,
            );
            const cluster = new HrmCluster("hrm", example());
            await pulumi.runtime.disconnect();
            expect(await known(cluster.url)).to.equal("http://hrm.example.org/hrm");
            expect(await (cluster.publicKey as unknown as { isKnown: Promise<boolean> }).isKnown).to.equal(false);
        });

    it("has another key for another version, on the web host and on the nodes", async () => {
        const keys = async (args: HrmClusterArgs) => {
            const { resources, result } = await declare(() => new HrmCluster("hrm", args));
            const publicKey = await known(result.publicKey);
            const access = commandsOf(resources).find(({ name }) => name === "hrm-cpu1")!;
            expect(access.inputs.stdin).to.include(publicKey);
            return publicKey;
        };
        const first = await keys(example());
        expect(await keys({ ...example(), keyVersion: 1 })).to.equal(first);
        expect(await keys({ ...example(), keyVersion: 2 })).not.to.equal(first);
    });
});

const wrongInManyWays = {
    web: {
        host: "hrm example",
        connection: { user: "admin", hostKey: "ssh-rsa AAAA", port: 2222 },
        user: "root",
        imageFolder: "data/hrm",
        database: { host: "db.example.org", user: "hrm user" },
    },
    nodes: {
        huygens1: { connection: connection(2), gpus: [0, 1, 1, -1], hucore: `/opt/${"x".repeat(60)}` },
        localhost: { connection: { privateKey: adminKey, host: "198.18.0.9", port: 2022 } },
    },
    settings: { log_verbosity: 2, hrm_path: "/x", adodb: "x", logVerbosity: 7, sendMail: "yes" },
    keyVersion: 1.5,
};

const everyProblem = `HrmCluster hrm: 18 problems in the description; no host was touched.
  web.host: 'hrm example', want a host name: letters, digits, '-' and '.'
  web.user: 'root', want a user or group name, not root: lower-case letters, digits, '_' and '-', at most 32
  web.imageFolder: 'data/hrm', want an absolute path of letters, digits and ._+@-, without a slash at its end, which HRM can use unquoted
  web.database.user: 'hrm user', want letters, digits and '_', at most 32
  web.connection.privateKey: is missing; give it, or password or agentSocketPath, or start an ssh agent
  web.connection.hostKey: begins with 'ssh-rsa', want one of ssh-ed25519, ecdsa-sha2-nistp256, ecdsa-sha2-nistp384, ecdsa-sha2-nistp521 and the key after it; 'ssh-keyscan -t ed25519 -p 2222 hrm example' prints it after the host's name; compare it with /etc/ssh/ssh_host_ed25519_key.pub there
  web.database.password: is missing; the database on db.example.org has one already
  nodes.huygens1.gpus[3]: -1, want a GPU's number from 0; leave gpus out for CPU only
  nodes.huygens1.hucore: '/opt/${"x".repeat(35)}...', want at most 60 characters, which is what HRM's registry holds
  nodes.huygens1.gpus[2]: 1 is there twice
  settings.log_verbosity: is called logVerbosity here
  settings.hrm_path: is not a setting: set web.hrmPath
  settings.adodb: HRM has removed this variable and refuses a configuration with it; leave it out
  settings.logVerbosity: 7, want 0, 1, 2, 3
  settings.sendMail: 'yes', want true or false
  keyVersion: 1.5, want a whole number from 1 to 1000000
  nodes.localhost: would be the web host itself; give the node's own name, or describe the web host as its only node
  nodes.localhost.connection.hostKey: is missing; 'ssh-keyscan -t ed25519 -p 2022 198.18.0.9' prints it after the host's name; compare it with /etc/ssh/ssh_host_ed25519_key.pub there`;
