// Covers: program stacks lib/description/fromConfig lib/description/arguments lib/description/problems lib/preload
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { type Lab, labDown, labUp } from "../../lab/lab";
import { adminKey } from "../unit/support/descriptions";
import { Project } from "./support/project";

/** Every file of a state, whatever it is. */
function filesBelow(folder: string): string {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
    return files.map(entry => readFileSync(join(entry.parentPath, entry.name), "utf8")).join("\n");
}

describe("the root program", () => {
    let project: Project;
    beforeEach(async () => {
        project = await Project.root();
    });
    afterEach(() => project?.remove());

    it("previews the production stack once it has a key", async () => {
        await project.must("pulumi stack init production");
        const before = await project.run("pulumi preview --non-interactive");
        expect(before.code).not.to.equal(0);
        expect(before.output).to.include("hrm:web.connection.privateKey: is missing");
        await project.must("pulumi config set --path hrm:admin.privateKey --secret", adminKey);
        const output = await project.must("pulumi preview --non-interactive");
        for (const row of ["huygens1 0", "huygens1 1", "huygens2 0", "cpu1 -1"]) expect(output).to.include(`"${row}"`);
    });

    it("tells all problems at once, with their paths, and no stack trace", async () => {
        await project.must("pulumi stack init production");
        await project.must("pulumi config set --path hrm:admin.privateKey --secret", adminKey);
        await project.must(`pulumi config set --path hrm:nodes.huygens1.hucore /${"x".repeat(66)}`);
        await project.must("pulumi config set --path hrm:web.imagefolder /data");
        await project.must("pulumi config set --path hrm:settings.emailAdmin --secret", "me@example.org");
        const { code, output } = await project.run("pulumi preview --non-interactive");
        expect(code).not.to.equal(0);
        expect(output).to.match(/Configuration of stack production: 3 problems in the description; no host was touched\.\n/);
        expect(output).to.match(
            / hrm:nodes\.huygens1\.hucore: '\/x+\.\.\.', want at most 60 characters, which is what HRM's registry holds\n/,
        );
        expect(output).to.match(/ hrm:web\.imagefolder: there is no such argument, only host, /);
        expect(output).to.match(/ hrm:settings: is or holds a secret/);
        expect(output).not.to.match(/\.js:\d|at .*\(/);
    });

    it("says what to do where there is no such lab", async () => {
        writeFileSync(join(project.program, "stacks/Pulumi.lab.yaml"), "config:\n  hrm:lab: t-none\n");
        await project.must("pulumi stack init lab");
        const { code, output } = await project.run("pulumi preview --non-interactive");
        expect(code).not.to.equal(0);
        expect(output).to.include("There is no lab named t-none. Make it with: npm run lab -- up --name t-none");
        expect(output).not.to.match(/\.js:\d|at .*\(/);
    });

    describe("with the lab stack", () => {
        let lab: Lab;
        before(async () => {
            await labDown("t-ex1");
            lab = await labUp({ name: "t-ex1", gpus: [[0]], log: () => {} });
        });
        after(() => lab?.down());

        it("makes a cluster of the lab as it stands, and keeps secrets out of what is readable", async () => {
            const file = join(project.program, "stacks/Pulumi.lab.yaml");
            const committed = readFileSync(file, "utf8");
            expect(committed).to.match(/^ {2}hrm:lab: lab$/m);
            writeFileSync(file, committed.replace("hrm:lab: lab", "hrm:lab: t-ex1"));
            await project.must("pulumi stack init lab");
            expect(readFileSync(file, "utf8"), "the stack's file after init").to.match(/^encryptionsalt: /m);

            // Secrets in the places where a person may put them.
            const { address, hostKey } = lab.host("huygens1");
            const password = `a'b"c$d\\e|f%g{{h}}`;
            await project.must("pulumi config set --path hrm:web.host web");
            // Hosts that share a busy machine need longer than any of the default's.
            for (const limit of ["connectSeconds", "checkSeconds"]) await project.must(`pulumi config set --path hrm:drift.${limit} 60`);
            await project.must("pulumi config set --path hrm:web.connection.host", lab.web.address);
            await project.must("pulumi config set --path hrm:web.connection.hostKey", lab.web.hostKey);
            await project.must("pulumi config set --path hrm:web.database.password --secret", password);
            await project.must("pulumi config set --path hrm:nodes.huygens1.connection.host --secret", address);
            await project.must("pulumi config set --path hrm:nodes.huygens1.connection.hostKey --secret", hostKey);
            await project.must("pulumi config set --path hrm:nodes.huygens1.gpus[0] 0");

            const printed = await project.must("pulumi up --yes --non-interactive --diff");
            expect(await lab.run("web", "mariadb hrm -Ne 'SELECT name FROM server'")).to.equal("huygens1 0\n");
            expect(await project.must("pulumi stack output url")).to.match(/^http:\/\/web\/hrm\n/);
            expect(await project.must("pulumi preview --non-interactive --expect-no-changes --diff")).not.to.match(/not looked at/);

            const key = readFileSync(lab.admin.privateKey, "utf8").split("\n")[2] as string;
            const readable = filesBelow(project.state);
            expect(readable, "the state has the stack").to.include("hrm-huygens1-link");
            const secrets = {
                "the admin's key": key,
                password,
                "the node's address": address,
                "its host key": hostKey.split(" ")[1] as string,
            };
            for (const [what, secret] of Object.entries(secrets)) {
                const written = JSON.stringify(secret).slice(1, -1);
                for (const form of [secret, written]) {
                    expect(readable.includes(form), `${what} in the state`).to.equal(false);
                    expect(printed.includes(form), `${what} in the output`).to.equal(false);
                }
            }
        });
    });
});
