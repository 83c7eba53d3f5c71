/** One Pulumi stack with its state in a folder of its own, driven through the CLI as a person would. */
import { type ChildProcess, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, parseDocument } from "yaml";
import { engine } from "./engine";
import { EngineError } from "./error";

export interface Outcome {
    code: number;
    /** Both streams, as they came. */
    output: string;
    seconds: number;
}

/** A process that runs a program for Pulumi. */
export interface LentProgram {
    /** Where it listens. */
    address: string;
    /** What the program has printed, which is in Pulumi's output where that has started it. */
    printed: () => string;
    release: () => void;
}

/** @returns nothing where Pulumi is to start the program itself */
export type ProgramHost = (program: string, env: NodeJS.ProcessEnv) => Promise<LentProgram | undefined>;

export interface StackOptions {
    /** The folder with the program's Pulumi.yaml. */
    program: string;
    /** Holds state, plugins' cache and configuration; made where missing. */
    folder: string;
    name?: string;
    env?: Record<string, string>;
    /** Whether Pulumi keeps a log of each command. @default true */
    keepsLogs?: boolean;
    /** What runs the program of `run`, `up` and `preview`. @default Pulumi starts it each time */
    programHost?: ProgramHost;
    /** Gets every line that Pulumi prints. */
    log?: (line: string) => void;
}

export class Stack {
    private constructor(
        private readonly pulumi: string,
        private readonly env: NodeJS.ProcessEnv,
        private readonly options: StackOptions,
    ) {}

    /** Opens the stack, or makes it. */
    static async open(options: StackOptions): Promise<Stack> {
        const { pulumi, env } = await engine(options.log ?? (() => {}));
        const state = join(options.folder, "state");
        mkdirSync(state, { recursive: true, mode: 0o700 });
        const own = {
            PULUMI_BACKEND_URL: `file://${state}`,
            PULUMI_HOME: join(options.folder, "home"),
            // The state lies in a folder of the same person, as the passphrase would.
            PULUMI_CONFIG_PASSPHRASE: "lab",
            // One dead host must not keep the others from what they need.
            PULUMI_CONTINUE_ON_ERROR: "true",
            // The description's own login, not what the person's agent holds.
            SSH_AUTH_SOCK: undefined,
        };
        if (options.keepsLogs === false) keepNoLogs(own.PULUMI_HOME);
        const stack = new Stack(pulumi, { ...process.env, ...env, ...own, ...options.env }, options);
        // With the state's salt, or what else keeps the key of its secrets: Pulumi makes a key of each salt that it meets, which takes most of a short command's time.
        const given = join(options.program, `Pulumi.${stack.name}.yaml`);
        if (existsSync(given) && !existsSync(stack.configFile)) copyFileSync(given, stack.configFile);
        // Pulumi would put a passphrase in the place of a keeper that is not named again.
        const keeper = existsSync(given) ? parse(readFileSync(given, "utf8")).secretsprovider : undefined;
        await stack.must(["stack", "select", "--create", ...(keeper ? ["--secrets-provider", keeper] : []), stack.name]);
        return stack;
    }

    get name(): string {
        return this.options.name ?? "lab";
    }

    private get project(): string {
        return parse(readFileSync(join(this.options.program, "Pulumi.yaml"), "utf8")).name;
    }

    get folder(): string {
        return this.options.folder;
    }

    private get configFile(): string {
        return join(this.folder, `Pulumi.${this.name}.yaml`);
    }

    async configure(key: string, value: string, { secret = false } = {}): Promise<void> {
        if (secret) {
            await this.must(["config", "set", "--secret", key], value);
            return;
        }
        // Pulumi would make a key of the passphrase for it, which takes as long as all else of a short command.
        const file = parseDocument(existsSync(this.configFile) ? readFileSync(this.configFile, "utf8") : "");
        file.setIn(["config", `${this.project}:${key}`], value);
        writeFileSync(this.configFile, file.toString());
    }

    up(...options: string[]): Promise<Outcome> {
        return this.run(["up", "--yes", "--skip-preview", "--non-interactive", ...options]);
    }

    preview(...options: string[]): Promise<Outcome> {
        return this.run(["preview", "--non-interactive", ...options]);
    }

    destroy(...options: string[]): Promise<Outcome> {
        return this.run(["destroy", "--yes", "--skip-preview", "--non-interactive", ...options]);
    }

    cancel(): Promise<Outcome> {
        return this.run(["cancel", "--yes", this.name]);
    }

    async run(args: string[], stdin = ""): Promise<Outcome> {
        const { program, programHost } = this.options;
        const host = ["up", "preview"].includes(args[0] ?? "") ? await programHost?.(program, this.env) : undefined;
        if (!host) return this.start(args, stdin).outcome;
        try {
            const outcome = await this.start([...args, `--client=${host.address}`], stdin).outcome;
            return { ...outcome, output: outcome.output + host.printed() };
        } finally {
            host.release();
        }
    }

    /**
     * Starts a command of the CLI in a process group of its own, so that it can be killed with all that it started.
     * @param env beside the stack's
     */
    start(args: string[], stdin = "", env: NodeJS.ProcessEnv = {}): { process: ChildProcess; outcome: Promise<Outcome> } {
        const began = Date.now();
        const own = ["--cwd", this.options.program, ...(takesConfig(args) ? ["--config-file", this.configFile] : [])];
        const child = spawn(this.pulumi, [...args, ...own], { env: { ...this.env, ...env }, detached: true });
        child.stdin.on("error", () => {}); // it may end without reading
        child.stdin.end(stdin);
        let output = "";
        const lines = lineReader(this.options.log ?? (() => {}));
        for (const stream of [child.stdout, child.stderr]) {
            stream.setEncoding("utf8").on("data", (text: string) => {
                output += text;
                lines(text);
            });
        }
        const outcome = new Promise<Outcome>((resolve, reject) => {
            child.on("error", reject);
            child.on("close", code => resolve({ code: code ?? 137, output, seconds: (Date.now() - began) / 1000 }));
        });
        return { process: child, outcome };
    }

    private async must(args: string[], stdin = ""): Promise<string> {
        const { code, output } = await this.run(args, stdin);
        if (code !== 0) throw new EngineError(`pulumi ${args.join(" ")} ended with ${code}:\n${output}`);
        return output;
    }
}

/**
 * Keeps Pulumi from the log that it makes of each command, compressed and encrypted, at a fifth of the CPU time of a preview (3.259, which has no option for
 * it): where its folder cannot be made, it goes on without.
 */
export function keepNoLogs(home: string): void {
    rmSync(join(home, "logs"), { recursive: true, force: true });
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, "logs"), "");
}

/** The stack's configuration is kept with its state, so that a run leaves nothing in the program's folder. */
function takesConfig([command]: string[]): boolean {
    return ["up", "preview", "destroy", "refresh", "config"].includes(command ?? "");
}

function lineReader(log: (line: string) => void): (text: string) => void {
    let rest = "";
    return text => {
        const lines = (rest + text).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) log(line);
    };
}
