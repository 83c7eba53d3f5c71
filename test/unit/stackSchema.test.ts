import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import Ajv from "ajv";
import { expect } from "chai";
import fc from "fast-check";
import { parse } from "yaml";
import { repositoryRoot } from "../../engine/root";
import { clusterFromConfig } from "../../lib";
import { declare } from "./support/declare";
import { connection, example, hostKey } from "./support/descriptions";
import { changed, problemsOf, withoutAgent } from "./support/refused";
import { validDescription } from "./support/validDescription";

const root = repositoryRoot();
const read = (path: string) => readFileSync(join(root, path), "utf8");
// Editors' own, for their messages.
const validate = new Ajv({ allErrors: true, strict: true, strictTypes: false, strictRequired: false })
    .addVocabulary(["errorMessage"])
    .compile(JSON.parse(read("schemas/stack.schema.json")));

/** A description as a stack file has it. */
const stackOf = (values: object) => ({ config: Object.fromEntries(Object.entries(values).map(([key, value]) => [`hrm:${key}`, value])) });

/** Where the schema finds something wrong: `web.connection.port`. */
function refusedBySchema(values: object): string[] {
    validate(JSON.parse(JSON.stringify(stackOf(values))));
    return (validate.errors ?? []).map(({ instancePath, params }) =>
        [instancePath.replace("/config/hrm:", "").replaceAll("/", "."), params.additionalProperty ?? params.missingProperty ?? ""]
            .filter(part => part !== "")
            .join("."),
    );
}

function configure(values: object): void {
    const { config } = JSON.parse(JSON.stringify(stackOf(values)));
    const texts = Object.entries(config).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]);
    pulumi.runtime.setAllConfig(Object.fromEntries(texts));
    clusterFromConfig("hrm", new pulumi.Config("hrm"));
}

const path61 = `/${"h".repeat(60)}`;
const ldap = { host: "ldap.example.org", root: "dc=example", userSearchDn: "ou=people", manager: "hrm", password: "secret" };
const withLdap = (more: object) => ({ methods: ["ldap"], ldap: { ...ldap, ...more } });
const release = { release: "https://example.org/hrm.zip", sha256: "a".repeat(64), version: "3.10.0" };
const deb = { package: "https://example.org/h.deb", sha256: "a".repeat(64) };
const node = "nodes.huygens1";

/** Inputs that both have to refuse, or both have to take. */
const inputs: [path: string, value: unknown, isTaken?: true][] = [
    ["web", "hrm.example.org"],
    ["nodes", {}],
    ["nodes", []],
    ["setings", {}],
    ["web.hots", "x"],
    ["web.host", undefined],
    ["web.host", "hrm example"],
    ["web.host", "10.0.0.300"],
    ["web.host", "224.0.0.1"],
    ["web.host", "10.0.0.5", true],
    ["web.host", "HRM-1.example.org", true],
    ["web.connection", undefined],
    ["web.connection.port", 0],
    ["web.connection.port", "22"],
    ["web.connection.port", 2222, true],
    ["web.connection.user", "no user"],
    ["web.connection.user", "ACME\\admin", true],
    ["web.connection.host", "fe80::1", true],
    ["web.connection.host", "a..b"],
    ["web.connection.hostKey", undefined],
    ["web.connection.hostKey", "ssh-rsa AAAAB3NzaC1yc2E"],
    ["web.connection.hostKey", `${hostKey(1)} root@web`, true],
    ["web.connection.dialErrorLimit", 0],
    ["web.connection.proxy", { host: "bastion" }],
    ["web.connection.proxy", { ...connection(9), host: "bastion" }, true],
    ["web.connection.proxy", { ...connection(9), host: undefined }],
    ["web.user", "root"],
    ["web.user", "www-data"],
    ["web.user", "Hrm"],
    ["web.user", "huygens", true],
    ["web.group", "sudo"],
    ["web.group", "video"],
    ["web.imageFolder", "data"],
    ["web.imageFolder", "/data/"],
    ["web.imageFolder", "/etc/hrm"],
    ["web.imageFolder", "/var/lib/docker"],
    ["web.imageFolder", "/var/lib/hrm-data", true],
    ["web.imageFolder", "/srv/images", true],
    ["web.hrmPath", "/usr/bin"],
    ["web.hrmPath", "/usr/local/share/hrm", true],
    ["web.hrmPath", "/opt/hrm", true],
    ["web.database.name", "mysql"],
    ["web.database.name", "hrm-1"],
    ["web.database.password", "two\nlines"],
    ["web.database.password", "one' line\"", true],
    ["web.adminPassword", "short"],
    ["web.adminPassword", "with a blank"],
    ["web.adminPassword", "long-enough", true],
    ["web.keySeed", "x".repeat(31)],
    ["web.keySeed", "seed-".repeat(8), true],
    ["web.application", { ...release, version: "3.10" }],
    ["web.application", { ...release, release: "http://example.org/hrm.zip" }],
    ["web.application", { ...release, sha256: "abc" }],
    ["web.application", release, true],
    ["web.packages", { install: "yes" }],
    ["web.webServer", { serverName: "hrm", aliases: ["*"] }],
    ["web.webServer", { serverName: "hrm", aliases: ["hrm.example.org"], timeZone: "Europe/Zurich" }, true],
    ["web.webServer", { timeZone: "Europe Zurich" }],
    ["web.webServer", { https: { certificate: "none" } }],
    ["web.mail", { relay: {} }],
    ["web.mail", { relay: { host: "mail", port: 70000 } }],
    ["web.mail", { relay: { host: "mail", port: 2525, tls: true }, sender: "hrm" }],
    ["web.mail", { relay: { host: "mail" }, sender: "hrm@example.org" }, true],
    ["web.signIn", { methods: [] }],
    ["web.signIn", { methods: ["kerberos"] }],
    ["web.signIn", withLdap({ root: "example.org" })],
    ["web.signIn", withLdap({ validGroups: "users" })],
    ["web.signIn", withLdap({ validGroups: ["users"], port: 636 }), true],
    [`${node}.gpus`, [0, -1]],
    [`${node}.gpus`, "0"],
    [`${node}.gpus`, [0, 1], true],
    [`${node}.hucore`, path61],
    [`${node}.hucore`, path61.slice(1)],
    [`${node}.maintenance`, "no"],
    [`${node}.maintenance`, true, true],
    [`${node}.huygensCore`, deb, true],
    [`${node}.huygensCore`, { ...deb, licence: "\u0007" }],
    [node, null],
    ["settings", { logVerbosity: 7 }],
    ["settings", { log_verbosity: 1 }],
    ["settings", { authenticateAgainst: [] }],
    ["settings", { authenticateAgainst: ["ldap", "kerberos"] }],
    ["settings", { emailAdmin: "me" }],
    ["settings", { pingCommand: "rm -rf /" }],
    ["settings", { hrmUrl: "hrm.example.org" }],
    ["settings", { compressBin: "cd %DEST%\n/usr/bin/zip -0 ", decompressBin: { zip: "unzip -o " }, hrmUrl: "https://hrm.org/a@b" }, true],
    ["settings", { decompressBin: { zip: "rm " } }],
    ["settings", { decompressBin: { "z/p": "unzip " } }],
    ["keyVersion", 0],
    ["keyVersion", "two"],
    ["keyVersion", "2", true],
    ["storage", { shared: "yes" }],
    ["storage", { takeOver: "/data/hrm_data" }],
    ["storage", { takeOver: ["/data/hrm_data"], minFreeGb: 0 }, true],
    ["drainTimeout", 0],
    ["drift", { connectSeconds: 601 }],
    ["drift", { strict: true, checkSeconds: 20 }, true],
    ["huygensCore", deb, true],
    ["huygensCore", { sha256: deb.sha256 }],
];

describe("schema of stack files", () => {
    withoutAgent();
    afterEach(() => pulumi.runtime.setAllConfig({}));

    const stacks = ["stacks", ...readdirSync(join(root, "examples")).map(name => `examples/${name}`)].flatMap(folder =>
        readdirSync(join(root, folder))
            .filter(name => /^Pulumi\..+\.yaml$/.test(name))
            .map(name => `${folder}/${name}`)
            // Others are of programs that have the description in their code.
            .filter(path => /^\s+hrm:/m.test(read(path))),
    );
    for (const path of stacks)
        it(`takes ${path}, which names it`, () => {
            validate(parse(read(path)));
            expect(validate.errors).to.equal(null);
            const [, schema] = /^# yaml-language-server: \$schema=(\S+)$/m.exec(read(path)) ?? [];
            expect(join(path, "..", schema!)).to.equal("schemas/stack.schema.json");
        });

    it("looks at those of people and of the examples", () =>
        expect(stacks).to.have.members([
            "stacks/Pulumi.lab.yaml",
            "stacks/Pulumi.production.yaml",
            "examples/from-config/Pulumi.example.yaml",
        ]));

    for (const [path, value, isTaken] of inputs)
        it(`${isTaken ? "takes" : "refuses"} ${path}: ${(JSON.stringify(value) ?? "none").slice(0, 60)}, as a program does`, async () => {
            const values = changed(example(), path, value);
            const found = refusedBySchema(values);
            if (isTaken) {
                expect(found).to.deep.equal([]);
                expect((await declare(() => configure(values))).resources).not.to.deep.equal([]);
            } else {
                const told = await problemsOf(() => configure(values));
                expect(found, told.join("\n")).not.to.deep.equal([]);
            }
        });

    it("takes every valid description", () =>
        fc.assert(
            fc.property(validDescription, values => {
                expect(refusedBySchema(values), JSON.stringify(values)).to.deep.equal([]);
            }),
            { numRuns: 100 },
        ));

    it("takes secrets where there may be some, and nowhere else", () => {
        const secret = { secure: "v1:abc" };
        for (const path of [
            "admin.privateKey",
            "web.database.password",
            "web.connection.host",
            "web.mail.relay.password",
            "huygensCore.licence",
        ]) {
            const values = { ...example(), admin: {}, huygensCore: deb };
            const withRelay = changed(values, "web.mail", { relay: { host: "mail", user: "hrm" } });
            expect(refusedBySchema(changed(withRelay, path, secret)), path).to.deep.equal([]);
        }
        for (const path of ["web.host", "web.imageFolder", "settings.emailAdmin", "keyVersion"])
            expect(refusedBySchema(changed({ ...example(), settings: {} }, path, secret)), path).not.to.deep.equal([]);
    });

    it("takes a key that is a secret as a whole, or a text of JSON, as Pulumi's CLI writes them", () => {
        const secret = { secure: "v1:abc" };
        expect(refusedBySchema({ web: secret, nodes: secret, admin: secret, huygensCore: secret })).to.deep.equal([]);
        expect(refusedBySchema({ settings: '{"logVerbosity":2}', drift: "{}" })).to.deep.equal([]);
        for (const key of ["settings", "storage", "drift"]) expect(refusedBySchema({ [key]: secret }), key).not.to.deep.equal([]);
    });

    it("requires nothing of a stack that has its description from elsewhere", () => {
        for (const stack of [
            { environment: ["production"] },
            { config: {} },
            { config: { "aws:region": "eu-central-1" }, encryptionsalt: "v1:" },
        ])
            expect(validate(stack), JSON.stringify(validate.errors)).to.equal(true);
    });

    it("says of each argument what it is", () => {
        const silent: string[] = [];
        let seen = 0;
        const walk = (path: string, schema: { description?: string; properties?: object; then?: { properties?: object } }) => {
            seen++;
            if (path !== "" && !schema.description) silent.push(path);
            for (const [name, inner] of Object.entries((schema.then ?? schema).properties ?? {})) walk(`${path}.${name}`, inner);
        };
        const { properties } = JSON.parse(read("schemas/stack.schema.json"));
        walk("", properties.config);
        expect(silent).to.deep.equal([]);
        expect(seen).to.be.greaterThan(150);
    });

    it("knows defaults, examples and values", () => {
        const { properties } = JSON.parse(read("schemas/stack.schema.json")).properties.config;
        const web = properties["hrm:web"].then.properties;
        expect(web.imageFolder.default).to.equal("/data/hrm_data");
        expect(web.host.examples).to.deep.equal(["hrm.example.org"]);
        const { compressExt } = properties["hrm:settings"].then.properties;
        expect((compressExt.allOf ?? [compressExt]).map((each: { enum?: string[] }) => each.enum)).to.deep.include([
            ".zip",
            ".tgz",
            ".tar",
            ".tar.gz",
        ]);
    });

    it("has the words of the program's refusals, which editors show in place of a pattern", () => {
        const web = JSON.parse(read("schemas/stack.schema.json")).properties.config.properties["hrm:web"].then.properties;
        expect(web.hucore.errorMessage).to.match(/^want an absolute path/);
        expect(JSON.stringify(web.connection.properties.hostKey)).to.contain('"errorMessage":"want ');
        expect(JSON.stringify(web.imageFolder.allOf)).to.contain('"errorMessage":"want ');
        expect(web.connection.properties.privateKey.description).not.to.contain("requireSecret");
    });
});
