// Covers: lib/hosts/drift lib/hosts/part.ts lib/description/problems
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { type Lab, labDown, labUp } from "../../lab/lab";
import { reach } from "./support/cluster";
import { Project } from "./support/project";
import { Visits } from "./support/visits";

/** Pulumi's own, about the stand-ins, is none of ours. */
const warnings = (output: string) =>
    output.split("\n").filter(line => /warning/.test(line) && !/using pulumi-resource-|\d warnings?$/.test(line));

describe("a host that the same program makes", () => {
    let lab: Lab;
    let project: Project;
    let visits: Visits;
    before(async () => {
        await labDown("t-ex3");
        lab = await labUp({ name: "t-ex3", gpus: [[]], log: () => {} });
        visits = new Visits(lab);
        project = await Project.make("test/lab/newHosts");
        await project.must("pulumi stack init test");
        await project.must("pulumi config set --secret adminKey", readFileSync(lab.admin.privateKey, "utf8"));
        await project.must("pulumi config set hosts", JSON.stringify({ web: reach(lab.web), node: reach(lab.host("huygens1")) }));
        await project.must("pulumi config set machine 8");
    });
    after(async () => {
        project?.remove();
        await lab?.down();
    });

    it("has a preview that contacts no host and warns of nothing", async () => {
        await visits.since();
        const output = await project.must("pulumi preview --non-interactive");
        expect(output).to.include("hrm-huygens1-link create");
        expect(warnings(output)).to.deep.equal([]);
        expect(await visits.since()).to.deep.equal([]);
    });

    it("is waited for by up until it answers ssh", async () => {
        await lab.powerOff("huygens1");
        const up = project.must("pulumi up --yes --skip-preview --non-interactive");
        await sleep(15_000);
        await lab.powerOn("huygens1");
        expect(warnings(await up)).to.deep.equal([]);
        expect(await lab.run("web", "mariadb hrm -Ne 'SELECT name FROM server'")).to.equal("huygens1 -1\n");
    });

    it("is looked at by the next preview, which finds nothing", async () => {
        await visits.since();
        expect(warnings(await project.must("pulumi preview --non-interactive --expect-no-changes"))).to.deep.equal([]);
        expect(await visits.since()).to.satisfy((lines: string[]) => lines.some(line => line.startsWith("huygens1: ")));
    });

    it("is not looked at where the program is about to replace it", async () => {
        await project.must("pulumi config set machine 9");
        await visits.since();
        const output = await project.must("pulumi preview --non-interactive");
        expect(output).to.match(/machine replace/);
        expect(output).to.match(/hrm-huygens1 update/);
        expect(warnings(output)).to.deep.equal([]);
        expect((await visits.since()).filter(line => line.startsWith("huygens1: "))).to.deep.equal([]);
    });
});
