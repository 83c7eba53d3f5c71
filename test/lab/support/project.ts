import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repositoryRoot } from "../../../engine/root";
import { Stack } from "../../../engine/stack";

/** A copy of a Pulumi project of this repository, as a person would have it, with a state of its own. Nothing is written into the repository. */
export class Project {
    private readonly folder = mkdtempSync(join(tmpdir(), "pulumi-hrm-project-"));
    readonly program = join(this.folder, "program");
    readonly state = join(this.folder, "stack", "state");

    /** @param source in the repository */
    constructor(source: string) {
        cpSync(join(repositoryRoot(), source), this.program, { recursive: true });
        // In it pulumi-hrm is this repository.
        symlinkSync(join(repositoryRoot(), "node_modules"), join(this.program, "node_modules"));
    }

    openStack(name: string, env: Record<string, string> = {}): Promise<Stack> {
        return Stack.open({ program: this.program, folder: join(this.folder, "stack"), name, env });
    }

    /** Where `openStack` keeps the configuration of a stack. */
    configFile(stack: string): string {
        return join(this.folder, "stack", `Pulumi.${stack}.yaml`);
    }

    remove(): void {
        rmSync(this.folder, { recursive: true, force: true });
    }
}
