import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { repositoryRoot } from "../../engine/root";
import * as library from "../../lib";

const root = repositoryRoot();
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const assets = ["steps", "templates"].flatMap(folder => readdirSync(join(root, "lib", folder)).map(file => join(folder, file)));

describe("package", () => {
    it("exports the components and nothing of its insides", () =>
        expect(Object.keys(library)).to.have.members(["clusterFromConfig", "HrmCluster", "HuygensNode", "ServerRegistry", "WebQueueHost"]));

    it("its compiled folder has the steps and templates as they are in the source tree", () => {
        for (const file of assets) {
            const [compiled, source] = ["dist/lib", "lib"].map(folder => readFileSync(join(root, folder, file), "utf8"));
            expect(compiled, `${file} is of another build: npm run build`).to.equal(source);
        }
    });

    it("holds what the library needs when it runs, and no tests", () => {
        const [{ files }] = JSON.parse(
            execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: root, stdio: "pipe" }).toString(),
        );
        const paths: string[] = files.map(({ path }: { path: string }) => path);
        const modules = readdirSync(join(root, "lib"), { recursive: true, encoding: "utf8" }).filter(path => path.endsWith(".ts"));
        expect(paths).to.include.members(assets.map(path => `dist/lib/${path}`));
        expect(paths).to.include.members(modules.flatMap(path => [".js", ".d.ts"].map(end => `dist/lib/${path.replace(/\.ts$/, end)}`)));
        expect(paths).to.include.members([manifest.main, manifest.types]);
        expect(paths.filter(path => /^(dist\/)?(test|lab|engine|scripts|node_modules|\.)/.test(path))).to.deep.equal([]);
    }).timeout(20_000);

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
});
