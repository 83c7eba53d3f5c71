import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { parse } from "yaml";
import { repositoryRoot } from "../../engine/root";

const root = repositoryRoot();
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const { jobs, permissions, on } = parse(readFileSync(join(root, ".github/workflows/release.yml"), "utf8"));
const commands: string[] = jobs.publish.steps.flatMap(({ run }: { run?: string }) => run ?? []);

const npm = (args: string[], env: NodeJS.ProcessEnv = {}) =>
    spawnSync("npm", args, { cwd: root, encoding: "utf8", env: { ...process.env, ...env } });

describe("a release", function () {
    // It installs the package, with Pulumi's SDK, in an empty folder.
    this.timeout(3_600_000);

    it("is published for a tag, with provenance, after the suite and the check, by npm scripts alone", () => {
        expect(on.push.tags).to.deep.equal(["v*"]);
        expect(permissions["id-token"]).to.equal("write");
        const scripts = commands.flatMap(command => /\bnpm (?:run )?([\w:]+)/.exec(command)?.[1] ?? []);
        expect(scripts).to.deep.equal(["test", "release:check", "release:publish"]);
        for (const name of scripts) expect(manifest.scripts).to.have.property(name);
        expect(manifest.scripts["release:publish"]).to.equal("npm publish --provenance --access public --ignore-scripts=false");
    });

    it("is checked up to the upload, and holds, installs and runs as it should", () => {
        const folder = mkdtempSync(join(tmpdir(), "pulumi-hrm-release-"));
        try {
            const { status, stdout, stderr } = npm(["run", "release:check", "--", "--keep", folder]);
            expect(status, stdout + stderr).to.equal(0);
            expect(stdout).not.to.contain("WRONG");
            for (const said of [
                "publint has nothing to say",
                "runs from CommonJS",
                "runs from an ES module",
                "runs from TypeScript",
                "ssh2 1.",
            ])
                expect(stdout).to.contain(said);
            // The upload itself, without the upload. What it would be signed with is GitHub's.
            const [tarball] = readdirSync(folder);
            const upload = npm(["publish", join(folder, tarball!), "--access", "public", "--dry-run", "--ignore-scripts"]);
            expect(upload.status, upload.stderr).to.equal(0);
            expect(upload.stderr).to.contain(`pulumi-hrm@${manifest.version}`);
        } finally {
            rmSync(folder, { recursive: true });
        }
    });
});
