// `npm run release:check`: whether what would be published is what its users need. `-- --tag v0.1.0` also wants the version of that tag, as the workflow that publishes does;
// `-- --keep FOLDER` leaves the tarball there.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const { tag, keep } = parseArgs({ options: { tag: { type: "string" }, keep: { type: "string" } } }).values;

const problems = [];
/** Says how it went; what is wrong is said at the end, all of it. */
function look(title, find) {
    const found = find() ?? [];
    console.log(`${found.length === 0 ? "ok   " : "WRONG"} ${title}`);
    problems.push(...found.map(problem => `${title}: ${problem}`));
}

/** @returns what it printed, where it has failed */
function failing(command, args, cwd = root) {
    const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8" });
    return status === 0
        ? []
        : [`'${[basename(command), ...args].join(" ")}' ends with ${status}: ${error?.message ?? `${stdout}${stderr}`.trim()}`];
}

const bin = name => join(root, "node_modules", ".bin", name);

/** Licences that ask for no more than to be named. */
const permissive = /^(MIT|MIT-0|ISC|BSD-[23]-Clause|Apache-2\.0|0BSD|BlueOak-1\.0\.0|Unlicense|CC0-1\.0)$/;

/** Licences of an SPDX expression, of which all that are joined by AND, and one of those joined by OR, have to do. */
const isPermissive = expression =>
    expression
        .replace(/[()]/g, "")
        .split(" AND ")
        .every(all => all.split(" OR ").some(one => permissive.test(one.trim())));

/** What the package brings along, but for Pulumi's SDK, which its users have anyway, and what only that needs. */
function dependencies(folder) {
    const found = new Map();
    const walk = name => {
        const path = join(folder, "node_modules", name, "package.json");
        if (found.has(name) || name === "@pulumi/pulumi" || !existsSync(path)) return;
        const { version, license, licenses, dependencies = {}, optionalDependencies = {} } = JSON.parse(readFileSync(path, "utf8"));
        found.set(name, { name, version, licence: license ?? licenses?.map(({ type }) => type).join(" AND ") ?? "none is named" });
        for (const each of Object.keys({ ...dependencies, ...optionalDependencies })) walk(each);
    };
    for (const name of Object.keys(manifest.dependencies)) walk(name);
    return [...found.values()];
}

/** A program of each kind, which declares a cluster with Pulumi's mocks and prints its resources. */
const program = `pulumi.runtime.setMocks({
    newResource: ({ name, inputs }) => ({ id: name, state: inputs }),
    call: ({ inputs }) => inputs,
}, "project", "stack", true);
const connection = (host: string, key: string) => ({ host, user: "admin", password: "secret", hostKey: "ssh-ed25519 " + key });
const cluster = new HrmCluster("hrm", {
    web: { host: "hrm.example.org", connection: connection("192.0.2.1", "AAAAC3NzaC1lZDI1NTE5AAAAIP2Or1SKZSIyj7mkEZUlj0dxMmrSEDC/TREBDFUjJfte") },
    nodes: { huygens1: { connection: connection("192.0.2.2", "AAAAC3NzaC1lZDI1NTE5AAAAILuTE1HW9CR1atPhgpxB/TxBuDU9xd2XPoRTwjOSqHMX"), gpus: [0] } },
    settings: { logVerbosity: LogVerbosity.Debugging },
    drift: { check: false },
});
cluster.servers.apply(servers => console.log(JSON.stringify(servers)));
`;
const plain = program.replaceAll(": string", "");
const programs = {
    "commonjs.cjs": `const pulumi = require("@pulumi/pulumi");\nconst { HrmCluster, LogVerbosity } = require("pulumi-hrm");\n${plain}`,
    "module.mjs": `import * as pulumi from "@pulumi/pulumi";\nimport { HrmCluster, LogVerbosity } from "pulumi-hrm";\n${plain}`,
    "typescript.ts": `import * as pulumi from "@pulumi/pulumi";\nimport { HrmCluster, LogVerbosity } from "pulumi-hrm";\n${program}`,
};
const printed = `${JSON.stringify([{ name: "huygens1 0", hucore: "/usr/local/bin/hucore", gpuId: 0 }])}\n`;

function runs(folder, file) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [file], { cwd: folder, encoding: "utf8" });
    return status === 0 && stdout === printed ? [] : [`it ends with ${status}, and prints ${stdout}${stderr}`];
}

/** The part of the changelog that is about this version. */
function changes() {
    const [, text = ""] =
        new RegExp(`^## ${manifest.version.replaceAll(".", "\\.")}\\b(.*?)(?=^## |(?![^]))`, "ms").exec(
            readFileSync(join(root, "CHANGELOG.md"), "utf8"),
        ) ?? [];
    return text;
}

/** The properties of each type, for what other languages see: `WebHostArgs.host`. */
function propertiesOf({ types, resources }) {
    const inputs = Object.values(resources).map(({ inputProperties }) => ["HrmCluster", inputProperties]);
    const all = [...Object.entries(types).map(([token, { properties }]) => [token.split(":").at(-1), properties ?? {}]), ...inputs];
    return all.flatMap(([type, properties]) => Object.keys(properties).map(name => `${type}.${name}`));
}

/** Tarballs of earlier versions, the last one first. */
function earlier() {
    const folder = join(root, "test", "versions");
    const versions = readdirSync(folder).filter(name => name.endsWith(".tgz") && name !== `pulumi-hrm-${manifest.version}.tgz`);
    return versions.sort((one, other) => other.localeCompare(one, "en", { numeric: true })).map(name => join(folder, name));
}

function schemaChanges(tarball) {
    const { stdout } = spawnSync("tar", ["-xzOf", tarball, "package/plugin/schema.json"], { encoding: "utf8" });
    // One from before there was a schema.
    if (stdout === "") return [];
    const [before, now] = [JSON.parse(stdout), createRequire(import.meta.url)("../plugin/schema.json")].map(propertiesOf);
    const different = [...before.filter(name => !now.includes(name)), ...now.filter(name => !before.includes(name))];
    return different
        .filter(name => !new RegExp(`\\b${name.split(".")[1]}\\b`).test(changes()))
        .map(name => `${name} came or went since ${basename(tarball)}, and the changelog does not say so`);
}

const folder = mkdtempSync(join(tmpdir(), "pulumi-hrm-release-"));
try {
    look(`the changelog has version ${manifest.version}`, () =>
        changes().trim() === "" ? ["CHANGELOG.md has no such heading, or nothing below it"] : [],
    );
    if (process.env.GITHUB_REPOSITORY)
        look("package.json names the repository, which the provenance is about", () =>
            (manifest.repository?.url ?? "").endsWith(`/${process.env.GITHUB_REPOSITORY}.git`)
                ? []
                : [`its repository.url is ${manifest.repository?.url}`],
        );
    if (tag)
        look(`the tag ${tag} is that version, and the changelog calls it released`, () => [
            ...(tag === `v${manifest.version}` ? [] : [`package.json has version ${manifest.version}`]),
            ...(/^ \(not released\)/.test(changes()) ? ["its heading says (not released)"] : []),
        ]);
    look("reference and settings page are as the docstrings have them", () => failing(process.execPath, ["scripts/docs.mjs", "--check"]));
    look("schemas are as the declarations have them", () => failing(process.execPath, ["scripts/schemas.mjs", "--check"]));
    for (const tarball of earlier().slice(0, 1))
        look(`changes of the schema since ${basename(tarball)} are in the changelog`, () => schemaChanges(tarball));

    const packed = spawnSync("npm", ["pack", "--json", "--pack-destination", folder], {
        cwd: root,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "inherit"],
    });
    const [{ filename, files, size, unpackedSize }] = JSON.parse(packed.stdout);
    const tarball = join(folder, filename);
    const paths = files.map(({ path }) => path);
    look(
        `${filename} (${Math.round(size / 1024)} kB, ${Math.round(unpackedSize / 1024)} kB unpacked, ${paths.length} files) holds what it should`,
        () => [
            ...[
                "dist/lib/index.js",
                "dist/lib/index.d.ts",
                ...["dist/lib/steps/prelude.sh", "dist/lib/steps/prelude.gz"],
                "dist/lib/templates/hrm_config.inc.hbs",
                "plugin/index.js",
                "plugin/schema.json",
                "plugin/package.json",
                "plugin/PulumiPlugin.yaml",
                "examples/yaml/Pulumi.yaml",
                "examples/python/__main__.py",
                "examples/python/hrm.py",
                "schemas/stack.schema.json",
                "docs/reference/README.md",
                "README.md",
                "CHANGELOG.md",
                "LICENSE",
            ]
                .filter(path => !paths.includes(path))
                .map(path => `${path} is missing`),
            ...(files.some(({ path, mode }) => path === "plugin/pulumi-resource-hrm" && mode & 0o111)
                ? []
                : ["plugin/pulumi-resource-hrm is missing, or no program"]),
            ...paths
                .filter(path => /^(dist\/)?(test|lab|engine|scripts|program)\/|^node_modules/.test(path))
                .map(path => `${path} is nobody's business`),
        ],
    );
    look("publint has nothing to say", () => failing(bin("publint"), ["run", tarball, "--strict"]));
    look("its types are found by every kind of resolution (arethetypeswrong)", () => failing(bin("attw"), [tarball]));

    const empty = join(folder, "empty");
    mkdirSync(empty);
    writeFileSync(join(empty, "package.json"), JSON.stringify({ name: "empty", private: true }));
    const pulumi = `@pulumi/pulumi@${manifest.devDependencies["@pulumi/pulumi"]}`;
    look("it installs in an empty folder", () =>
        failing(
            "npm",
            ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", tarball, pulumi, `@types/node@20`],
            empty,
        ),
    );
    look("the plugin starts from where it was installed", () => {
        const args = ["-c", "exec timeout 60 node_modules/pulumi-hrm/plugin/pulumi-resource-hrm 127.0.0.1:1 | head -n 1"];
        const { stdout, stderr } = spawnSync("sh", args, { cwd: empty, encoding: "utf8" });
        // The port at which the engine finds it.
        return /^[0-9]+\n$/.test(stdout) ? [] : [`it prints ${stdout}${stderr}`];
    });
    for (const [name, text] of Object.entries(programs)) writeFileSync(join(empty, name), text);
    look("it runs from CommonJS", () => runs(empty, "commonjs.cjs"));
    look("it runs from an ES module", () => runs(empty, "module.mjs"));
    for (const module of ["commonjs", "node20"]) {
        const resolution = module === "commonjs" ? ["--moduleResolution", "node10"] : [];
        const args = ["--strict", "--target", "es2022", "--skipLibCheck", "--module", module, ...resolution, "typescript.ts"];
        look(`it runs from TypeScript, compiled to ${module}`, () => [
            ...failing(bin("tsc"), args, empty),
            ...runs(empty, "typescript.js"),
        ]);
    }
    look("what it brings along has licences that ask for no more than to be named", () => {
        const all = dependencies(empty);
        for (const { name, version, licence } of all) console.log(`       ${name} ${version}: ${licence}`);
        return all.filter(({ licence }) => !isPermissive(licence)).map(({ name, licence }) => `${name}: ${licence}`);
    });
    if (keep) {
        mkdirSync(keep, { recursive: true });
        cpSync(tarball, join(keep, filename));
    }
} finally {
    rmSync(folder, { recursive: true });
}
if (problems.length > 0) {
    console.error(`\n${problems.length} to mend before a release:\n${problems.map(problem => `  ${problem}`).join("\n")}`);
    process.exitCode = 1;
}
