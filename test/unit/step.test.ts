import { expect } from "chai";
import { HrmCluster } from "../../lib";
import { launcher } from "../../lib/launcher";
import { declare } from "./support/declare";
import { adminKey, example } from "./support/descriptions";
import { withoutAgent } from "./support/refused";
import { exampleSteps, renderedSteps } from "./support/steps";

describe("step", () => {
    withoutAgent();

    it("a cluster's steps wait for each other as architecture.md says", async () => {
        const found = (await exampleSteps()).map(({ resource: { name, after } }) => `${name} after ${after.sort().join(", ")}`);
        const node = (name: string) => [
            `hrm-${name}-account after `,
            `hrm-${name}-folders after hrm-${name}-account`,
            `hrm-${name}-hucore after hrm-${name}-folders`,
            `hrm-${name}-access after hrm-${name}-hucore, hrm-web-identity`,
            `hrm-${name}-link after hrm-${name}-access, hrm-web-identity`,
            `hrm-registry-rows-${name} after hrm-${name}-link, hrm-registry-departures`,
        ];
        expect(found).to.have.members([
            "hrm-web-account after ",
            "hrm-web-folders after hrm-web-account",
            "hrm-web-application after hrm-web-folders",
            "hrm-web-database after hrm-web-application",
            "hrm-web-config after hrm-web-database",
            "hrm-web-schema after hrm-web-config",
            "hrm-web-webServer after hrm-web-schema",
            "hrm-web-identity after hrm-web-webServer",
            "hrm-web-queueManager after hrm-web-identity",
            ...["huygens1", "huygens2", "cpu1"].flatMap(node),
            "hrm-registry-departures after hrm-web-queueManager",
            // After all rows too, but they may leave.
            "hrm-registry-restart after hrm-registry-departures",
            "hrm-registry-keys after hrm-registry-restart",
        ]);
    });

    it("a single machine has its steps on the web host, and hucore is proven before its rows", async () => {
        const steps = (await renderedSteps()).filter(({ resource }) => resource.name.startsWith("one-"));
        const after = Object.fromEntries(steps.map(({ resource }) => [resource.name, resource.after.sort().join(", ")]));
        expect(after).to.include({
            "one-localhost-hucore": "one-web-identity",
            "one-localhost-localHucore": "one-localhost-hucore",
            "one-registry-rows-localhost": "one-localhost-localHucore, one-registry-departures",
        });
        expect(steps.map(({ step }) => step)).not.to.include.any.members(["link", "access"]);
        for (const { resource } of steps) expect(resource.inputs.connection.host).to.equal("198.18.0.11");
    });

    it("runs on the host that it is about, as the text on standard input", async () => {
        for (const { resource, step, values } of await exampleSteps()) {
            const { create, connection, logging, addPreviousOutputInEnv } = resource.inputs;
            const host = resource.name.match(/^hrm-(\w+)-(account|folders|hucore|access)$/)?.[1] ?? "web";
            const address = { web: "198.18.0.1", huygens1: "198.18.0.2", huygens2: "198.18.0.3", cpu1: "198.18.0.4" }[host];
            expect(connection, resource.name).to.include({ host: address, user: "admin", privateKey: adminKey });
            expect(create).to.equal(`${launcher("ensure")} # ${create.split(" # ")[1]}`);
            expect(create.split(" # ")[1]).to.match(new RegExp(`^${step} on ${values.host}: [ -~]+$`));
            expect({ logging, addPreviousOutputInEnv }).to.deep.equal({ logging: "stderr", addPreviousOutputInEnv: false });
        }
    });

    it("is undone where Pulumi destroys it in some cases only, and never replaced", async () => {
        const steps = await exampleSteps();
        const undone = steps.filter(({ resource }) => resource.inputs.delete !== undefined);
        expect(undone.map(({ resource }) => resource.name)).to.have.members([
            "hrm-web-identity",
            "hrm-web-queueManager",
            "hrm-registry-departures",
            ...["huygens1", "huygens2", "cpu1"].flatMap(node => [`hrm-${node}-link`, `hrm-registry-rows-${node}`]),
        ]);
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
        const stdin = (name: string) => resources.find(each => each.name === name)!;
        expect(stdin("hrm-web-database").inputs.stdin).to.include(password);
        expect(stdin("hrm-web-config").inputs.stdin).to.include(password);
        expect(stdin("hrm-web-identity").inputs.stdin).to.include("BEGIN OPENSSH PRIVATE KEY");
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
        const secret = (await exampleSteps()).filter(({ resource }) => resource.secrets.includes("stdin")).map(({ step }) => step);
        expect(secret).to.have.members(["database", "config", "schema", "identity", "restart"]);
    });
});
