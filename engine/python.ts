/** Programs of Python's, with what they need from PyPI. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Log, progress } from "./cache";
import { EngineError } from "./error";

const run = promisify(execFile);

/**
 * Makes a virtual environment with these requirements.
 * @throws Error, a sentence with what is missing
 */
export async function virtualEnvironment(folder: string, requirements: readonly string[], log: Log, signal?: AbortSignal): Promise<void> {
    const failed = (what: string) => (error: Error & { stderr?: string; stdout?: string }) => {
        throw new EngineError(`${what}: ${(error.stderr || error.stdout || error.message).trimEnd().split("\n").slice(-3).join("\n")}`);
    };
    await run("python3", ["-m", "venv", folder], { signal }).catch(
        failed("python3 makes no virtual environment (Debian: apt-get install python3-venv)"),
    );
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...requirements];
    const installed = run(join(folder, "bin/python"), pip, { signal }).catch(
        failed(`${requirements.join(" and ")} cannot be had from PyPI`),
    );
    await progress(log, "installing them", installed);
}
