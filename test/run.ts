/** `npm test [lint|unit|lab] [mocha options]`: runs the parts, and ends with one line for all together. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { progress } from "../engine/cache";
import { repositoryRoot } from "../engine/root";
import { LabError } from "../lab/command";
import { installTools } from "../lab/requirements";
import { labNames } from "../lab/state";

const root = repositoryRoot();
const bin = (name: string) => join(root, "node_modules", ".bin", name);
// Lab tests mostly wait for hosts, and each file has a lab of its own.
const jobs = Math.min(4, Math.max(2, availableParallelism()));
const parts = {
    lint,
    unit: () => mocha("unit", ["--timeout", "20000"]),
    lab: () => mocha("lab", ["--timeout", "600000", "--parallel", "--jobs", String(jobs)]),
};

interface Count {
    passed: number;
    failed: number;
}

async function lint(): Promise<Count> {
    const shellFiles = ["lib/steps", "engine/bin", "lab", ".ci"].flatMap(folder => shellScripts(join(root, folder)));
    await installTools(["shellcheck"], console.log);
    const checks = [
        run("biome: format and lint", bin("biome"), ["ci", "--error-on-warnings"]),
        run(`shellcheck: ${shellFiles.length} files`, "shellcheck", shellFiles),
    ];
    return { passed: checks.filter(ok => ok).length, failed: checks.filter(ok => !ok).length };
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

async function mocha(part: string, options: string[]): Promise<Count> {
    const folder = mkdtempSync(join(tmpdir(), "pulumi-hrm-test-"));
    try {
        const counts = join(folder, "counts.json");
        const reporter = join(root, "dist", "test", "support", "countingReporter.js");
        console.log(`\n== ${part} tests`);
        const args = [`dist/test/${part}/**/*.test.js`, "--reporter", reporter, "--reporter-option", `counts=${counts}`];
        const code = await progress(console.log, label(part), ended(bin("mocha"), [...args, ...options, ...process.argv.slice(3)]));
        const count = JSON.parse(readFileSync(counts, "utf8")) as Count;
        // A run that died, or found no test, is no success.
        return code === 0 || count.failed > 0 ? count : { passed: count.passed, failed: 1 };
    } catch {
        return { passed: 0, failed: 1 };
    } finally {
        rmSync(folder, { recursive: true });
    }
}

/** Files that run side by side tell what they did when they have ended; the labs tell what is going on. */
function label(part: string): () => string {
    return () => `running ${part} tests${part === "lab" ? `; labs: ${labNames().join(", ") || "none"}` : ""}`;
}

function ended(command: string, args: string[]): Promise<number | null> {
    return new Promise((resolve, reject) => {
        const child = spawn(command, args, { cwd: root, stdio: "inherit" });
        child.on("error", reject);
        child.on("close", resolve);
    });
}

async function main(): Promise<void> {
    const wanted = process.argv[2];
    if (wanted !== undefined && !(wanted in parts)) {
        console.error(`There is no part '${wanted}': npm test, npm run lint, npm run test:unit, npm run test:lab.`);
        process.exitCode = 2;
        return;
    }
    const results: Count[] = [];
    for (const [name, part] of Object.entries(parts)) if (wanted === undefined || wanted === name) results.push(await part());
    const sum = (key: keyof Count) => results.reduce((total, count) => total + count[key], 0);
    console.log(`\n${sum("passed")} passed, ${sum("failed")} failed`);
    if (sum("failed") > 0 || sum("passed") === 0) process.exitCode = 1;
}

main().catch(error => {
    console.error(error instanceof LabError ? error.message : error);
    process.exitCode = 1;
});
