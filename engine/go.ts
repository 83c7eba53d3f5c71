/** Builds commands from Go modules whose versions and checksums are pinned by a go.mod and a go.sum of ours. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cacheKey, type Log, progress } from "./cache";
import { EngineError } from "./error";
import { which } from "./which";

export interface GoCommand {
    /** What it is called in messages. */
    label: string;
    /** Folder with go.mod and go.sum. */
    module: string;
    /** Import path of the command. */
    command: string;
    flags: string[];
}

/** The `go` command, also where Go's own installer puts it without PATH knowing. */
export function findGo(): string | undefined {
    return which("go") ?? which("go", ["/usr/local/go/bin"]);
}

export function goVersion(go: string): string {
    return execFileSync(go, ["env", "GOVERSION"], { env: environment(), encoding: "utf8" }).trim();
}

/** Changes with everything that the built command is made from. */
export function goKey(go: string, commands: GoCommand[]): string {
    const pins = commands.flatMap(({ module, command, flags }) => [
        readFileSync(join(module, "go.mod")),
        readFileSync(join(module, "go.sum")),
        command,
        ...flags,
    ]);
    return cacheKey(goVersion(go), process.platform, process.arch, ...pins);
}

/** Where Go keeps the sources of the module that a command is of. */
export function moduleFolder(go: string, { module, command }: GoCommand): string {
    const args = ["list", "-mod=readonly", "-f", "{{.Module.Dir}}", command];
    return execFileSync(go, args, { cwd: module, env: environment(), encoding: "utf8" }).trim();
}

/** @throws one sentence with the end of what Go printed */
export async function goBuild(go: string, what: GoCommand, output: string, log: Log, signal: AbortSignal): Promise<void> {
    // Without changes to go.mod, and with no traces of this machine's folders in the result. -v prints each package that it compiles.
    const parameters = ["build", "-mod=readonly", "-trimpath", "-v", ...what.flags, "-o", output, what.command];
    // INT, since Go removes its work folder then.
    const child = spawn(go, parameters, {
        cwd: what.module,
        env: environment(),
        signal,
        killSignal: "SIGINT",
        stdio: ["ignore", "pipe", "pipe"],
    });
    const printed: string[] = [];
    const label = () => `building ${what.label} (${stage(printed)})`;
    const code = await progress(log, label, finished(child, printed));
    if (code !== 0) throw new EngineError(`${what.label} could not be built: ${printed.slice(-5).join("; ") || `go ended with ${code}`}`);
}

function stage(printed: string[]): string {
    const downloads = printed.filter(line => line.startsWith("go: downloading")).length;
    return `${downloads} modules downloaded, ${printed.length - downloads} packages compiled`;
}

function finished(child: ChildProcess, printed: string[]): Promise<number | null> {
    const collect = (chunk: Buffer) => printed.push(...chunk.toString().split("\n").filter(Boolean));
    child.stdout?.on("data", collect);
    child.stderr?.on("data", collect);
    return new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
}

/** No settings of the user's that change the result, no download of another Go, no C compiler needed. */
function environment(): NodeJS.ProcessEnv {
    return { ...process.env, GOFLAGS: "", GOTOOLCHAIN: "local", GOWORK: "off", CGO_ENABLED: "0" };
}
