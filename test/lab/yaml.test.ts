// Covers: plugin lib/hosts/drift/probe lib/hosts/drift/run lib/hosts/part.ts lib/hrmCluster
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect } from "chai";
import { yamlHostFolder } from "../../engine/build";
import { engine } from "../../engine/engine";
import { repositoryRoot } from "../../engine/root";
import { Stack } from "../../engine/stack";
import { TestCluster } from "./support/cluster";

/** A program without a line of TypeScript. JSON is YAML. */
function writeProgram(folder: string, { lab }: TestCluster): void {
    const connection = (host: string) => {
        const { address, hostKey } = lab.host(host);
        return { host: address, user: "admin", hostKey, privateKey: "$" + "{adminKey}" };
    };
    const properties = {
        web: { host: "web", connection: connection("web") },
        nodes: { huygens1: { connection: connection("huygens1"), gpus: [0] } },
        drift: { connectSeconds: 60, checkSeconds: 60 },
    };
    mkdirSync(folder);
    writeFileSync(
        join(folder, "Pulumi.yaml"),
        JSON.stringify({
            name: "yaml-test",
            runtime: "yaml",
            config: { adminKey: { type: "string", secret: true } },
            resources: { hrm: { type: "hrm:index:HrmCluster", properties } },
            outputs: { servers: "$" + "{hrm.servers}", adminPassword: "$" + "{hrm.adminPassword}" },
        }),
    );
}

describe("a program in YAML", () => {
    const folder = mkdtempSync(join(tmpdir(), "pulumi-hrm-yaml-"));
    let cluster: TestCluster;
    let path: string;
    const stack = (env: Record<string, string> = {}) =>
        Stack.open({ program: join(folder, "program"), folder: join(folder, "stack"), keepsLogs: false, env: { PATH: path, ...env } });

    before(async function () {
        const yamlHost = await yamlHostFolder(() => {});
        // The Pulumi that is installed here speaks no YAML, and nothing can build what does.
        if (yamlHost === undefined) this.skip();
        cluster = await TestCluster.make("t-yaml", [[0]]);
        writeProgram(join(folder, "program"), cluster);
        path = [yamlHost, join(repositoryRoot(), "plugin"), (await engine(() => {})).env.PATH].join(delimiter);
        await (await stack()).configure("adminKey", readFileSync(cluster.lab.admin.privateKey, "utf8"), { secret: true });
    });
    after(async () => {
        await cluster?.down();
        rmSync(folder, { recursive: true });
    });

    it("brings a cluster up, which has nothing to do then", async () => {
        const up = await (await stack()).up();
        expect(up.code, up.output).to.equal(0);
        expect(await cluster.rows()).to.deep.equal(["huygens1 0 | /usr/local/bin/hucore | 0"]);
        const preview = await (await stack()).preview("--expect-no-changes");
        expect(preview.code, preview.output).to.equal(0);
        expect(preview.output).not.to.contain("not looked at");
        const [job] = await cluster.runJobs(1);
        expect(job?.ok, job?.detail).to.equal(true);
    });

    it("shows what somebody changed by hand, repairs it, and shows the same again", async () => {
        for (const _ of [1, 2]) {
            await cluster.lab.run("web", "chmod g-rwx /data/hrm_data");
            const preview = await (await stack()).preview("--expect-no-changes");
            expect(preview.code, preview.output).to.equal(7);
            expect(preview.output).to.contain("web: /data/hrm_data: mode 2705, want at least 2770");
            const up = await (await stack()).up();
            expect(up.code, up.output).to.equal(0);
            expect(await cluster.lab.run("web", "stat -c %a /data/hrm_data")).to.equal("2775\n");
        }
    });

    it("warns of a host that it cannot look at, and fails with HRM_DRIFT=strict", async () => {
        await cluster.lab.powerOff("huygens1");
        const quick = { HRM_DRIFT: "on" };
        const preview = await (await stack(quick)).preview();
        expect(preview.code, preview.output).to.equal(0);
        expect(preview.output).to.match(/warning: huygens1: not looked at for changes made by hand/);
        const strict = await (await stack({ HRM_DRIFT: "strict" })).preview();
        expect(strict.code, strict.output).not.to.equal(0);
        expect(strict.output).to.match(/error: huygens1: not looked at/);
        await cluster.lab.powerOn("huygens1");
    });

    it("leaves no key and no password in the stack's state, its history or the plugin's output", async () => {
        const config = await cluster.lab.run("web", "cat /var/www/html/hrm/config/hrm_config.inc");
        const password = /db_password = '([\w.-]{32})'/.exec(config)![1]!;
        const files = readdirSync(join(folder, "stack"), { recursive: true, withFileTypes: true }).filter(each => each.isFile());
        const written = files.map(each => ({ name: each.name, text: readFileSync(join(each.parentPath, each.name), "utf8") }));
        expect(written.some(({ text }) => text.includes("hrm-web-identity"))).to.equal(true);
        for (const { name, text } of written) {
            expect(text.includes("BEGIN OPENSSH"), name).to.equal(false);
            expect(text.includes(password), name).to.equal(false);
        }
    });

    it("is destroyed", async () => {
        const { code, output } = await (await stack()).destroy();
        expect(code, output).to.equal(0);
        expect(await cluster.rows()).to.deep.equal([]);
    });
});
