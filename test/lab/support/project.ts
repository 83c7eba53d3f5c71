import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { engine } from "../../../engine/engine";
import { repositoryRoot } from "../../../engine/root";
import { keepNoLogs } from "../../../engine/stack";

export interface ShellOutcome {
    code: number | null;
    /** Both streams, as they came. */
    output: string;
}

/** A copy of a Pulumi project of this repository, as a person would have it, with a state of its own. Nothing is written into the repository. */
export class Project {
    private readonly folder = mkdtempSync(join(tmpdir(), "pulumi-hrm-project-"));
    readonly program = join(this.folder, "program");
    readonly state = join(this.folder, "state");

    private constructor(private readonly env: NodeJS.ProcessEnv) {
        mkdirSync(this.state);
    }

    /** @param sources a folder's content, or single files and folders, in the repository */
    static async make(...sources: string[]): Promise<Project> {
        const { env } = await engine(() => {});
        const project = new Project({ ...process.env, ...env, SSH_AUTH_SOCK: undefined, PULUMI_CONTINUE_ON_ERROR: "true" });
        const root = repositoryRoot();
        for (const source of sources) {
            cpSync(join(root, source), sources.length === 1 ? project.program : join(project.program, basename(source)), {
                recursive: true,
            });
        }
        keepNoLogs(join(project.folder, "home"));
        // In it, pulumi-hrm is this repository.
        symlinkSync(join(root, "node_modules"), join(project.program, "node_modules"));
        return project;
    }

    /** The root project, with the stacks' configuration. */
    static async root(): Promise<Project> {
        const project = await Project.make("Pulumi.yaml", "package.json", "stacks");
        symlinkSync(join(repositoryRoot(), "dist"), join(project.program, "dist"));
        return project;
    }

    /** Runs a command as a person does in the project's folder. */
    run(command: string, { stdin = "", env = {} as NodeJS.ProcessEnv } = {}): Promise<ShellOutcome> {
        const own = {
            PULUMI_BACKEND_URL: `file://${this.state}`,
            PULUMI_HOME: join(this.folder, "home"),
            PULUMI_CONFIG_PASSPHRASE: "lab",
        };
        const child = spawn("bash", ["-c", command], { cwd: this.program, env: { ...this.env, ...own, ...env } });
        child.stdin.on("error", () => {}); // it may end without reading
        child.stdin.end(stdin);
        let output = "";
        for (const stream of [child.stdout, child.stderr]) {
            stream.setEncoding("utf8").on("data", (text: string) => {
                output += text;
            });
        }
        return new Promise((resolve, reject) => {
            child.on("error", reject);
            child.on("close", code => resolve({ code, output }));
        });
    }

    /** `run`, but any exit code other than 0 is an error. @returns what was printed */
    async must(command: string, stdin = ""): Promise<string> {
        const { code, output } = await this.run(command, { stdin });
        if (code !== 0) throw new Error(`${command} ended with ${code}:\n${output}`);
        return output;
    }

    remove(): void {
        rmSync(this.folder, { recursive: true, force: true });
    }
}
