import { expect } from "chai";
import { HrmCluster } from "../../lib";
import { launcher } from "../../lib/hosts/launcher";
import { declare } from "./support/declare";
import { adminKey, example } from "./support/descriptions";
import { withoutAgent } from "./support/refused";
import { exampleSteps, renderedSteps, valuesOf } from "./support/steps";

describe("part", () => {
    withoutAgent();

    it("a cluster's parts wait for each other as docs/design says", async () => {
        const parts = new Map((await exampleSteps()).map(({ resource }) => [resource.name, resource]));
        const node = (name: string) => [`hrm-${name} after hrm-web-identity`, `hrm-${name}-link after hrm-${name}, hrm-web`];
        expect([...parts.values()].map(({ name, after }) => `${name} after ${after.sort().join(", ")}`)).to.have.members([
            "hrm-web-identity after ",
            "hrm-web after hrm-web-identity",
            ...["huygens1", "huygens2", "cpu1"].flatMap(node),
            // After all links too, but they may fail, and leave.
            "hrm-registry after hrm-web",
        ]);
    });

    it("a single machine has its steps on the web host, and hucore is proven before its rows", async () => {
        const steps = (await renderedSteps()).filter(({ resource }) => resource.name.startsWith("one-"));
        const after = Object.fromEntries(steps.map(({ resource }) => [resource.name, resource.after.sort().join(", ")]));
        expect(after).to.deep.equal({
            "one-web-identity": "",
            "one-web": "one-web-identity",
            "one-localhost": "one-web",
            "one-registry": "one-web",
        });
        expect(steps.map(({ step }) => step)).not.to.include.any.members(["link", "access"]);
        for (const { resource } of steps) expect(resource.inputs.connection.host).to.equal("198.18.0.11");
    });

    it("runs on the host that it is about, as the text on standard input", async () => {
        for (const { resource, values } of await exampleSteps()) {
            const { create, connection, logging, addPreviousOutputInEnv } = resource.inputs;
            const host = resource.name.match(/^hrm-(huygens\d|cpu1)$/)?.[1] ?? "web";
            const address = { web: "198.18.0.1", huygens1: "198.18.0.2", huygens2: "198.18.0.3", cpu1: "198.18.0.4" }[host];
            expect(connection, resource.name).to.include({ host: address, user: "admin", privateKey: adminKey });
            expect(create).to.equal(`${launcher("ensure")} # ${create.split(" # ")[1]}`);
            expect(create.split(" # ")[1]).to.match(new RegExp(`^${values.host}: [ -~]+$`));
            expect({ logging, addPreviousOutputInEnv }).to.deep.equal({ logging: "stderr", addPreviousOutputInEnv: false });
        }
    });

    it("is undone where Pulumi destroys it in some cases only, and never replaced", async () => {
        const steps = await exampleSteps();
        const undone = steps.filter(({ undoLimit }) => undoLimit !== "-");
        expect(undone.map(({ resource, step }) => `${resource.name} ${step}`)).to.have.members([
            ...["hrm-web-identity identity", "hrm-web queueManager", "hrm-registry departures"],
            ...["huygens1", "huygens2", "cpu1"].map(node => `hrm-${node}-link link`),
        ]);
        for (const { resource } of steps)
            expect(resource.inputs.delete !== undefined, resource.name).to.equal(undone.some(each => each.resource === resource));
        for (const { resource } of undone) expect(resource.inputs.delete).to.equal(launcher("undo"));
        for (const { resource } of steps) expect(resource.inputs).not.to.have.any.keys("triggers", "environment", "assetPaths");
    });

    it("keeps keys and passwords secret, and out of every command", async () => {
        const password = "Password-of-the-database";
        const args = example();
        args.web.database = { password };
        const { resources } = await declare(() => new HrmCluster("hrm", args));
        for (const { name, type, inputs, secrets } of resources) {
            if (type === "command:remote:Command") expect(secrets, name).to.include("connection");
            for (const [input, value] of Object.entries(inputs)) {
                if (!/OPENSSH PRIVATE KEY|Password-of-the-database|TEXT OF THE ADMINISTRATOR/.test(JSON.stringify(value))) continue;
                expect(secrets, `${name}.${input}`).to.include(input);
                expect(["stdin", "connection"], `${name}.${input}`).to.include(input);
            }
        }
        expect(valuesOf(resources, "hrm-web", "database").db_password).to.equal(password);
        expect(valuesOf(resources, "hrm-web", "config").hrm_config).to.include(password);
        expect(valuesOf(resources, "hrm-web-identity", "identity").private_key).to.include("BEGIN OPENSSH PRIVATE KEY");
    });

    it("ignores the command by which an earlier run repaired what somebody changed", async () => {
        for (const { resource } of await renderedSteps()) expect(resource.ignoreChanges, resource.name).to.deep.equal(["update"]);
    });

    it("has time for what it waits for", async () => {
        const limits = Object.fromEntries((await exampleSteps()).map(({ step, timeLimit }) => [step, Number(timeLimit)]));
        const { drain_seconds } = (await exampleSteps()).find(({ step }) => step === "departures")!.values;
        expect(limits.departures).to.be.greaterThan(Number(drain_seconds));
        expect(limits.rows).to.be.greaterThan(Number(drain_seconds));
        const { restart_seconds } = (await exampleSteps()).find(({ step }) => step === "restart")!.values;
        expect(limits.restart).to.be.greaterThan(Number(restart_seconds));
    });

    it("shows what is no secret in Pulumi's diffs", async () => {
        const secret = (await exampleSteps())
            .filter(({ resource }) => resource.secrets.includes("stdin"))
            .map(({ resource }) => resource.name);
        // The registry's by the checksum of the configuration, from which a weak password could be guessed.
        expect([...new Set(secret)]).to.have.members(["hrm-web-identity", "hrm-web", "hrm-registry"]);
    });
});
