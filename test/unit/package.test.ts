import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect } from "chai";
import { gzipSync, strToU8 } from "fflate";
import { repositoryRoot } from "../../engine/root";
import * as library from "../../lib";
import { fileVariable } from "../../lib/hosts/stepText";

const root = repositoryRoot();
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const assets = ["steps", "templates"].flatMap(folder => readdirSync(join(root, "lib", folder)).map(file => join(folder, file)));

describe("package", () => {
    it("exports the components and nothing of its insides", () =>
        expect(Object.keys(library)).to.have.members([
            ...["clusterFromConfig", "HrmCluster", "HuygensNode", "ServerRegistry", "WebQueueHost"],
            // Values of settings.
            ...["Authentication", "CompressExt", "EmailListSeparator", "LogVerbosity", "OutputFormat"],
        ]));

    it("its compiled folder has the steps and templates as they are in the source tree", () => {
        for (const file of assets) {
            const [compiled, source] = ["dist/lib", "lib"].map(folder => readFileSync(join(root, folder, file), "utf8"));
            expect(compiled, `${file} is of another build: npm run build`).to.equal(source);
        }
    });

    it("its compressed steps are those, in bytes that are the same whatever has made them", () => {
        for (const name of readdirSync(join(root, "lib/steps")).map(file => file.replace(/\.sh$/, ""))) {
            const compressed = readFileSync(join(root, `dist/lib/steps/${name}.gz`));
            const text = `${fileVariable(name)}\n`;
            expect(gunzipSync(compressed).toString(), `${name}.gz is of another build: npm run build`).to.equal(text);
            expect(compressed.equals(gzipSync(strToU8(text), { level: 9, mtime: 0 })), name).to.equal(true);
        }
    });

    it("holds what the library needs when it runs, and no tests", () => {
        const [{ files }] = JSON.parse(
            execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: root, stdio: "pipe" }).toString(),
        );
        const paths: string[] = files.map(({ path }: { path: string }) => path);
        const modules = readdirSync(join(root, "lib"), { recursive: true, encoding: "utf8" }).filter(path => path.endsWith(".ts"));
        expect(paths).to.include.members(assets.map(path => `dist/lib/${path}`));
        expect(paths.filter(path => path.endsWith(".gz"))).to.have.length(paths.filter(path => path.endsWith(".sh")).length);
        expect(paths).to.include.members(modules.flatMap(path => [".js", ".d.ts"].map(end => `dist/lib/${path.replace(/\.ts$/, end)}`)));
        expect(paths).to.include.members([manifest.main, manifest.types]);
        expect(paths.filter(path => /^(dist\/)?(test|lab|engine|scripts|node_modules|\.)/.test(path))).to.deep.equal([]);
    });

    it("depends on what it imports, and on no more", () => {
        const modules = readdirSync(join(root, "lib"), { recursive: true, encoding: "utf8" }).filter(path => path.endsWith(".ts"));
        const imported = modules.flatMap(path =>
            [...readFileSync(join(root, "lib", path), "utf8").matchAll(/from "([^".][^"]*)"/g)].map(([, name]) =>
                name!
                    .split("/")
                    .slice(0, name!.startsWith("@") ? 2 : 1)
                    .join("/"),
            ),
        );
        const packages = imported.filter(name => !name.startsWith("node:"));
        expect([...new Set(packages)]).to.have.members([...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)]);
    });

    it("is packed with its code from a clone that was never compiled", () => {
        const clone = mkdtempSync(join(tmpdir(), "pulumi-hrm-pack-"));
        try {
            const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], { cwd: root, encoding: "utf8" });
            for (const file of files.split("\n").filter(name => name !== "" && existsSync(join(root, name))))
                cpSync(join(root, file), join(clone, file), { recursive: true });
            // What `npm ci` would bring, which takes a while. It must not think that there is something newer to bring: it would empty the folder behind the link.
            utimesSync(join(clone, "package-lock.json"), 0, 0);
            symlinkSync(join(root, "node_modules"), join(clone, "node_modules"));
            const [packed] = JSON.parse(
                execFileSync("npm", ["pack", "--json", "--ignore-scripts=false"], {
                    cwd: clone,
                    encoding: "utf8",
                    stdio: ["ignore", "pipe", "pipe"],
                }),
            );
            const paths = (packed.files as { path: string }[]).map(({ path }) => path);
            expect(paths).to.include.members(["dist/lib/index.js", "dist/lib/index.d.ts", "dist/lib/steps/webServer.sh", "README.md"]);
        } finally {
            rmSync(clone, { recursive: true });
        }
    }).timeout(900_000);
});
