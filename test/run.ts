/** `npm test [lint|unit|lab] [mocha options]`: runs the parts, and ends with one line for all together. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repositoryRoot } from "../engine/root";
import { which } from "../engine/which";

const root = repositoryRoot();
const bin = (name: string) => join(root, "node_modules", ".bin", name);
const parts = { lint, unit: () => mocha("unit", ["--timeout", "20000"]), lab: () => mocha("lab", ["--timeout", "600000"]) };

interface Count {
    passed: number;
    failed: number;
}

function lint(): Count {
    const shellFiles = ["lib/steps", "engine/bin", "lab", ".ci"].flatMap(folder => shellScripts(join(root, folder)));
    if (which("shellcheck") === undefined) run("installing shellcheck", "apt-get", ["install", "-qy", "shellcheck"]);
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

function mocha(part: string, options: string[]): Count {
    const folder = mkdtempSync(join(tmpdir(), "pulumi-hrm-test-"));
    try {
        const counts = join(folder, "counts.json");
        const reporter = join(root, "dist", "test", "support", "countingReporter.js");
        const ok = run(`${part} tests`, bin("mocha"), [
            ...[`dist/test/${part}/**/*.test.js`, "--reporter", reporter, "--reporter-option", `counts=${counts}`],
            ...options,
            ...process.argv.slice(3),
        ]);
        const count = JSON.parse(readFileSync(counts, "utf8")) as Count;
        // A run that died, or found no test, is no success.
        return ok || count.failed > 0 ? count : { passed: count.passed, failed: 1 };
    } catch {
        return { passed: 0, failed: 1 };
    } finally {
        rmSync(folder, { recursive: true });
    }
}

function main(): void {
    const wanted = process.argv[2];
    if (wanted !== undefined && !(wanted in parts)) {
        console.error(`There is no part '${wanted}': npm test, npm run lint, npm run test:unit, npm run test:lab.`);
        process.exitCode = 2;
        return;
    }
    const results = Object.entries(parts).flatMap(([name, part]) => (wanted === undefined || wanted === name ? [part()] : []));
    const sum = (key: keyof Count) => results.reduce((total, count) => total + count[key], 0);
    console.log(`\n${sum("passed")} passed, ${sum("failed")} failed`);
    if (sum("failed") > 0 || sum("passed") === 0) process.exitCode = 1;
}

main();
