/** `npm test [lint|unit|lab] [options]`: runs the parts, and ends with one line for all together. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pythonHostFolder, yamlHostFolder } from "../engine/build";
import { cacheFolder } from "../engine/cache";
import { engine } from "../engine/engine";
import { EngineError } from "../engine/error";
import { repositoryRoot } from "../engine/root";
import { LabError } from "../lab/command";
import { images, releases } from "../lab/image";
import { checkMachine, installTools } from "../lab/requirements";
import { changedSince, choose, explain, reader } from "./runner/changed";
import { type Ran, runFiles, type TestFile } from "./runner/files";
import { readOptions, type TestOptions } from "./runner/options";
import { keepTimes, longestFirst, readTimes, type TimesByFile, timesTable } from "./runner/times";

const root = repositoryRoot();
const bin = (name: string) => join(root, "node_modules", ".bin", name);

interface Count {
    passed: number;
    failed: number;
    /** Tests that failed at first; their files passed when they were run again. */
    flaky: number;
}

async function lint(): Promise<Count> {
    const shellFiles = ["lib/steps", "engine", "lab", ".ci"].flatMap(folder => shellScripts(join(root, folder)));
    await installTools(["shellcheck"], console.log);
    const checks = [
        run("biome: format and lint", bin("biome"), ["ci", "--error-on-warnings"]),
        run("docs: as the docstrings have them", process.execPath, ["scripts/docs.mjs", "--check"]),
        run("schemas: as the declarations have them", process.execPath, ["scripts/schemas.mjs", "--check"]),
        run(`shellcheck: ${shellFiles.length} files`, "shellcheck", shellFiles),
    ];
    return { passed: checks.filter(ok => ok).length, failed: checks.filter(ok => !ok).length, flaky: 0 };
}

/** Files named *.sh, and others that begin as shell scripts do. */
function shellScripts(folder: string): string[] {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter(entry => entry.isFile() && !entry.name.endsWith(".ts"))
        .map(entry => join(entry.parentPath, entry.name))
        .filter(path => path.endsWith(".sh") || /^#!\S*[ /](ba|da)?sh\b/.test(readFileSync(path, "utf8").slice(0, 60)));
}

function run(title: string, command: string, args: string[]): boolean {
    console.log(`\n== ${title}`);
    return spawnSync(command, args, { cwd: root, stdio: "inherit" }).status === 0;
}

/** One process for all that need no host. */
const unit: TestFile = {
    name: "unit",
    paths: ["dist/test/unit/**/*.test.js"],
    expectedSeconds: Infinity,
    timeoutSeconds: 120,
    isolated: false,
};

function labFiles(): TestFile[] {
    const folder = join(root, "test/lab");
    const names = readdirSync(folder).filter(name => name.endsWith(".test.ts"));
    return names.map(source => {
        const name = basename(source, ".test.ts");
        const text = readFileSync(join(folder, source), "utf8");
        // About what files take, in the middle; those that take much longer for their text say so in a line.
        const expectedSeconds = Number(/^\/\/ Takes (\d+) s\b/m.exec(text)?.[1] ?? text.length / 40);
        return { name, paths: [`dist/test/lab/${name}.test.js`], expectedSeconds, timeoutSeconds: 600, isolated: true };
    });
}

function chosen({ files, changed }: TestOptions): TestFile[] {
    const all = labFiles();
    if (changed !== undefined && files.length > 0) throw new LabError("--changed chooses the files: name none beside it.");
    if (changed !== undefined) {
        const choice = choose(
            changedSince(changed, root),
            all.map(({ name }) => name),
            reader(root),
        );
        console.log(explain(choice, changed));
        return all.filter(({ name }) => choice.files.has(name));
    }
    const unknown = files.filter(name => !all.some(file => file.name === name));
    if (unknown.length > 0)
        throw new LabError(`There is no lab test ${unknown.join(", ")}, only ${all.map(({ name }) => name).join(", ")}.`);
    return files.length > 0 ? all.filter(({ name }) => files.includes(name)) : all;
}

/** What several files need is made before the first of them, which would wait for it. */
async function prepare(files: TestFile[]): Promise<void> {
    await checkMachine(console.log);
    await engine(console.log);
    await images(console.log);
    // Files have no way to a mirror themselves. One whose own needs cannot be met fails alone.
    for (const { name } of files) await ownNeeds[name]?.().catch(error => console.error(`${name}: ${error.message}`));
}

/** What only the test file of that name needs. */
const ownNeeds: Record<string, () => Promise<unknown>> = {
    ...Object.fromEntries(releases.map(release => [release, () => images(console.log, { release })])),
    ...Object.fromEntries(["bare", "mail"].map(name => [name, () => images(console.log, { bare: true })])),
    loginPage: async () => {
        await images(console.log, { bare: true, release: "trixie" });
        await installTools(["chromium"], console.log);
    },
    yaml: () => yamlHostFolder(console.log),
    python: () => pythonHostFolder(console.log),
};

async function tests(files: TestFile[], { words, keep, retry }: TestOptions): Promise<Count> {
    const total: Count = { passed: 0, failed: 0, flaky: 0 };
    const times: TimesByFile = {};
    /** What is kept: a file that fails, or is interrupted, ends early or late. */
    const ofPassed: TimesByFile = {};
    const kept: string[] = [];
    /** What mocha says of failed tests, once more at the end: the begin of a long output may be cut off by who shows it. */
    const failures: string[] = [];
    /** Of files that are run again: how many tests failed at first. */
    const failedBefore = new Map<TestFile, number>();
    const ended = ({ file, passed, failed, times: own, output, keptLabs }: Ran): TestFile | undefined => {
        if (output && (passed > 0 || failed > 0)) console.log(`\n== ${file.name}: ${own.wall.toFixed(0)} s\n${output.trimEnd()}`);
        if (passed + failed > 0) times[file.name] = own;
        if (passed > 0 && failed === 0) ofPassed[file.name] = own;
        if (failed > 0 && retry && !failedBefore.has(file)) {
            failedBefore.set(file, failed);
            console.log(`${file.name} is run once more, since ${failed} of its tests failed`);
            return file;
        }
        kept.push(
            ...keptLabs.map(
                lab => `The lab of ${file.name} is still there: npm run lab -- exec --name ${lab} web bash, and … down --name ${lab}`,
            ),
        );
        if (failed > 0 && output)
            failures.push(`== of ${file.name}\n${output.slice(Math.max(0, output.search(/^ +\d+ failing$/m))).trimEnd()}\n\n`);
        total.passed += passed;
        total.failed += failed;
        if (failed === 0) total.flaky += failedBefore.get(file) ?? 0;
        return undefined;
    };
    await runFiles(longestFirst(files, readTimes(cacheFolder())), { words, keep, live: files.length === 1, log: console.log }, ended);
    // Some tests of a file tell nothing about the whole.
    if (words.length === 0) keepTimes(cacheFolder(), ofPassed);
    console.log(`\n${timesTable(times)}${[...failures, ...kept.map(line => `${line}\n`)].join("")}`);
    return total;
}

async function main(): Promise<void> {
    const options = readOptions(process.argv.slice(2));
    const results: Count[] = [];
    if (options.parts.includes("lint")) results.push(await lint());
    const files = [...(options.parts.includes("unit") ? [unit] : []), ...(options.parts.includes("lab") ? chosen(options) : [])];
    if (files.some(({ isolated }) => isolated)) await prepare(files);
    if (files.length > 0) results.push(await tests(files, options));
    const sum = (key: keyof Count) => results.reduce((total, count) => total + count[key], 0);
    console.log(`\n${sum("passed")} passed, ${sum("failed")} failed${options.retry ? `, ${sum("flaky")} flaky` : ""}`);
    // A change that reaches no test is no failure; a run that was to find some is one.
    const none = sum("passed") === 0 && (files.length > 0 || options.changed === undefined);
    if (sum("failed") > 0 || none) process.exitCode = 1;
}

main().catch(error => {
    console.error(error instanceof EngineError ? error.message : error);
    process.exitCode = 1;
});
