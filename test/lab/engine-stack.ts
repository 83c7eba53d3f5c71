/** A small Pulumi stack with a state of its own, whose resources tests describe as data. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine } from "../../engine/engine";
import { repositoryRoot } from "../../engine/root";
import { keepNoLogs } from "../../engine/stack";
import { programOptions } from "../support/programOptions";

/** Arguments of resources; `{ $secret }`, `{ $output: "resource.property" }`, `{ $file }`, `{ $text }` and `{ $folder }` stand for what JSON cannot say. */
export type Resources = Record<
    string,
    { type: "Command" | "CopyToRemote" | "RandomBytes" | "RandomPassword"; args: object; options?: object }
>;

const PROGRAM = `
const { readFileSync } = require("node:fs");
const pulumi = require("@pulumi/pulumi");
const { remote } = require("@pulumi/command");
const random = require("@pulumi/random");
const types = { ...remote, ...random };
const made = {};
function value(json) {
    if (Array.isArray(json)) return json.map(value);
    if (typeof json !== "object" || json === null) return json;
    if ("$secret" in json) return pulumi.secret(json.$secret);
    if ("$output" in json) { const [name, property] = json.$output.split("."); return made[name][property]; }
    if ("$file" in json) return new pulumi.asset.FileAsset(json.$file);
    if ("$text" in json) return new pulumi.asset.StringAsset(json.$text);
    if ("$folder" in json) return new pulumi.asset.FileArchive(json.$folder);
    return Object.fromEntries(Object.entries(json).map(([key, inner]) => [key, value(inner)]));
}
for (const [name, { type, args, options }] of Object.entries(JSON.parse(readFileSync("resources.json", "utf8")))) {
    made[name] = new types[type](name, value(args), options);
}
`;

export interface Result {
    code: number;
    /** Both outputs. */
    text: string;
    seconds: number;
    /** "create", "update", "replace", "delete", "same": how many resources, the stack itself not counted. */
    changes: Record<string, number>;
    /** What providers and engine logged, with the resource's name. */
    diagnostics: { name: string; severity: string; message: string; ephemeral: boolean }[];
}

export interface StateResource {
    name: string;
    id: string;
    inputs: Record<string, unknown>;
    outputs: Record<string, unknown>;
}

type Event = Record<string, { [key: string]: unknown; metadata?: { op: string; urn: string; type: string } }>;

export class Stack {
    readonly folder = mkdtempSync(join(tmpdir(), "engine-stack-"));
    readonly #engine: Engine;
    readonly #env: Record<string, string>;

    constructor(engine: Engine, env: Record<string, string> = {}) {
        this.#engine = engine;
        const home = join(this.folder, "home");
        mkdirSync(join(this.folder, "state"));
        keepNoLogs(home);
        this.#env = {
            ...engine.env,
            PULUMI_BACKEND_URL: `file://${this.folder}/state`,
            PULUMI_CONFIG_PASSPHRASE: "for a test",
            PULUMI_HOME: home,
            NO_COLOR: "1",
            NODE_OPTIONS: programOptions,
            // Shows the flag --event-log.
            PULUMI_DEBUG_COMMANDS: "true",
            ...env,
        };
        writeFileSync(
            join(this.folder, "Pulumi.yaml"),
            "name: engine\nmain: program.js\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n",
        );
        writeFileSync(join(this.folder, "package.json"), "{}");
        writeFileSync(join(this.folder, "program.js"), PROGRAM);
        symlinkSync(join(repositoryRoot(), "node_modules"), join(this.folder, "node_modules"));
    }

    /** Sets what the program declares and runs `pulumi up`. */
    async up(resources: Resources, options: string[] = []): Promise<Result> {
        return this.run(["up", "--skip-preview", "--yes", ...options], resources);
    }

    async run(parameters: string[], resources?: Resources, env: Record<string, string> = {}): Promise<Result> {
        const events = join(this.folder, "events.json");
        rmSync(events, { force: true });
        const start = Date.now();
        const child = await this.start([...parameters, "--event-log", events], resources, env);
        let text = "";
        child.stdout?.on("data", chunk => (text += chunk));
        child.stderr?.on("data", chunk => (text += chunk));
        const code = await new Promise<number>(resolve => child.on("close", status => resolve(status ?? -1)));
        return { code, text, seconds: (Date.now() - start) / 1000, ...summary(events) };
    }

    /** Starts Pulumi and does not wait. */
    async start(parameters: string[], resources?: Resources, env: Record<string, string> = {}): Promise<ChildProcess> {
        if (!existsSync(join(this.folder, "state", ".pulumi"))) await this.#pulumi(["stack", "init", "test"]);
        if (resources !== undefined) writeFileSync(join(this.folder, "resources.json"), JSON.stringify(resources));
        return this.#spawn([...parameters, "--non-interactive", "--stack", "test"], env);
    }

    /** Takes away the lock of a run that was killed. */
    async cancel(): Promise<void> {
        await this.#pulumi(["cancel", "--yes", "--stack", "test"]);
    }

    /** The state as the engine would give it away, secrets readable. */
    async state(): Promise<Record<string, StateResource>> {
        const { deployment } = JSON.parse(await this.#pulumi(["stack", "export", "--show-secrets", "--stack", "test"]));
        const named = (deployment.resources ?? []).map((resource: StateResource & { urn: string }) => ({
            ...resource,
            name: resource.urn.split("::").pop(),
        }));
        return Object.fromEntries(named.map((resource: StateResource) => [resource.name, resource]));
    }

    /** The state as it lies in its file. */
    stateFile(): string {
        return readFileSync(join(this.folder, "state", ".pulumi", "stacks", "engine", "test.json"), "utf8");
    }

    remove(): void {
        rmSync(this.folder, { recursive: true, force: true });
    }

    async #pulumi(parameters: string[]): Promise<string> {
        const child = this.#spawn(parameters, {});
        let [text, errors] = ["", ""];
        child.stdout?.on("data", chunk => (text += chunk));
        child.stderr?.on("data", chunk => (errors += chunk));
        const code = await new Promise(resolve => child.on("close", resolve));
        if (code !== 0) throw new Error(`pulumi ${parameters.join(" ")}: ${errors}${text}`);
        return text;
    }

    #spawn(parameters: string[], env: Record<string, string>): ChildProcess {
        return spawn(this.#engine.pulumi, parameters, {
            cwd: this.folder,
            env: { ...process.env, ...this.#env, ...env },
            stdio: ["ignore", "pipe", "pipe"],
        });
    }
}

function summary(file: string): Pick<Result, "changes" | "diagnostics"> {
    const events: Event[] = existsSync(file)
        ? readFileSync(file, "utf8")
              .split("\n")
              .filter(Boolean)
              .map(line => JSON.parse(line))
        : [];
    const changes: Record<string, number> = {};
    for (const { resOutputsEvent: event, resourcePreEvent: before } of events) {
        const metadata = event !== undefined && !event.planning ? event.metadata : before?.planning ? before.metadata : undefined;
        if (metadata === undefined || /^pulumi:/.test(metadata.type)) continue;
        changes[metadata.op] = (changes[metadata.op] ?? 0) + 1;
    }
    const diagnostics = events.flatMap(({ diagnosticEvent: event }) =>
        event === undefined || event.severity === "debug"
            ? []
            : [
                  {
                      name:
                          String(event.urn ?? "")
                              .split("::")
                              .pop() ?? "",
                      severity: String(event.severity),
                      message: String(event.message).replace(/<\{%.*?%\}>/g, ""),
                      ephemeral: event.ephemeral === true,
                  },
              ],
    );
    return { changes, diagnostics };
}
