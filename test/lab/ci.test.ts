// Covers: examples/ci examples/from-config lib/description/fromConfig lib/hosts/drift
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { parse } from "yaml";
import { repositoryRoot } from "../../engine/root";
import { type Lab, labDown, labUp } from "../../lab/lab";
import { Project, type ShellOutcome } from "./support/project";
import { Visits } from "./support/visits";

interface Workflow {
    jobs: Record<string, { env: Record<string, string>; steps: { name?: string; run?: string }[] }>;
}

const folder = join(repositoryRoot(), "examples/ci/.github/workflows");

/** The last command of a workflow, and the plain values among its environment: what a runner would run. */
function commandOf(workflow: string): { command: string; env: Record<string, string> } {
    const { jobs } = parse(readFileSync(join(folder, workflow), "utf8")) as Workflow;
    const [job] = Object.values(jobs);
    const plain = Object.entries(job!.env).filter(([, value]) => !value.includes("${{"));
    return { command: job!.steps.at(-1)!.run!, env: Object.fromEntries(plain) };
}

describe("the commands of examples/ci", () => {
    let lab: Lab;
    let project: Project;
    let visits: Visits;

    const runWorkflow = (name: string) => {
        const { command, env } = commandOf(name);
        return project.run(command, { env });
    };

    before(async () => {
        await labDown("t-ex2");
        lab = await labUp({ name: "t-ex2", gpus: [[0], []], log: () => {} });
        visits = new Visits(lab);
        project = await Project.make("examples/from-config");
        // The stack's own file, from the commands of docs/stacks.md.
        await project.must("pulumi stack init production");
        await project.must("pulumi config set --path hrm:admin.user admin");
        await project.must("pulumi config set --path hrm:admin.privateKey --secret", readFileSync(lab.admin.privateKey, "utf8"));
        await project.must("pulumi config set --path hrm:web.host web");
        // Hosts that share a busy machine need longer than any of the default's.
        for (const limit of ["connectSeconds", "checkSeconds"]) await project.must(`pulumi config set --path hrm:drift.${limit} 60`);
        for (const { name, role, address, hostKey } of lab.hosts) {
            const path = role === "web" ? "hrm:web" : `hrm:nodes.${name}`;
            await project.must(`pulumi config set --path ${path}.connection.host ${address}`);
            await project.must(`pulumi config set --path ${path}.connection.hostKey '${hostKey}'`);
        }
        await project.must("pulumi config set --path 'hrm:nodes.huygens1.gpus[0]' 0");
        await project.must("pulumi up --yes --skip-preview --non-interactive");
    });
    after(async () => {
        project?.remove();
        await lab?.down();
    });

    it("look at the hosts in the night, and succeed where nothing differs", async () => {
        await visits.since();
        const { code, output } = await runWorkflow("drift.yml");
        expect(code, output).to.equal(0);
        const visited = await visits.since();
        for (const { name } of lab.hosts) expect(visited.join("\n")).to.match(new RegExp(`^${name}: .*Accepted publickey for admin`, "m"));
    });

    it("contact no host for a pull request, and show what it changes", async () => {
        await lab.run("huygens1", "chmod 00755 /data/hrm_data");
        await project.must("pulumi config set --path hrm:settings.logVerbosity 3");
        await visits.since();
        const { code, output } = await runWorkflow("preview.yml");
        expect(code, output).to.equal(0);
        expect(output).to.match(/hrm-web update/);
        expect(output).not.to.match(/hrm-huygens1 update|not looked at/);
        expect(await visits.since()).to.deep.equal([]);
        await project.must("pulumi config rm --path hrm:settings");
        await lab.run("huygens1", "chmod 02770 /data/hrm_data");
    });

    it("need no right to write the state for a pull request", async () => {
        // Root writes whatever a file's mode says, but not to a file system that is mounted for reading.
        const readOnly = `mount --bind ${project.state} ${project.state} && mount -o remount,bind,ro ${project.state} && ! touch ${project.state}/x 2>/dev/null && `;
        const { command, env } = commandOf("preview.yml");
        const { code, output } = await project.run(`unshare --mount bash -c "$SCRIPT"`, { env: { ...env, SCRIPT: readOnly + command } });
        expect(code, output).to.equal(0);
        expect(output).to.match(/\d+ unchanged/);
    });

    describe("where somebody changed a host by hand", () => {
        let outcome: ShellOutcome;
        before(async () => {
            await lab.run("huygens1", "chmod 00755 /data/hrm_data");
            outcome = await runWorkflow("drift.yml");
        });

        it("fail in the night, and name the host, what was found and what was wanted", () => {
            expect(outcome.code, outcome.output).not.to.equal(0);
            expect(outcome.output).to.match(/huygens1: \/data\/hrm_data: mode 755, want at least 2770/);
            expect(outcome.output).not.to.match(/^ *(web|huygens2): /m);
        });

        it("have changed nothing", async () => expect(await lab.run("huygens1", "stat -c %a /data/hrm_data")).to.equal("755\n"));

        it("succeed again after pulumi up", async () => {
            await project.must("pulumi up --yes --skip-preview --non-interactive");
            expect(await lab.run("huygens1", "stat -c %a /data/hrm_data")).to.equal("2775\n"); // bits that somebody added stay
            const { code, output } = await runWorkflow("drift.yml");
            expect(code, output).to.equal(0);
        });
    });

    describe("where a host is off", () => {
        before(() => lab.powerOff("huygens2"));
        after(() => lab.powerOn("huygens2"));

        it("fail in the night, and name it", async () => {
            const { code, output } = await runWorkflow("drift.yml");
            expect(code, output).not.to.equal(0);
            expect(output).to.match(/error: huygens2: not looked at/);
            expect(output).not.to.match(/(web|huygens1): not looked at/);
        });

        it("do not notice for a pull request", async () => {
            const { code, output } = await runWorkflow("preview.yml");
            expect(code, output).to.equal(0);
            expect(output).not.to.match(/not looked at/);
        });
    });
});
