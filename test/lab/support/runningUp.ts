import type { ChildProcess } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import type { Outcome, Stack } from "../../../engine/stack";
import { ownProviders } from "./attached";
import { until } from "./until";

/** A `pulumi up`, or `destroy`, that is under way. */
export class RunningUp {
    private text = "";
    readonly outcome: Promise<Outcome>;
    private readonly process: ChildProcess;

    constructor(stack: Stack, command: "up" | "destroy" = "up") {
        const { process, outcome } = stack.start([command, "--yes", "--skip-preview", "--non-interactive"], "", ownProviders);
        this.process = process;
        this.outcome = outcome;
        for (const stream of [process.stdout, process.stderr]) stream?.on("data", (part: string) => (this.text += part));
    }

    /** Resolves when Pulumi has printed it. */
    async prints(pattern: RegExp): Promise<void> {
        const isPrinted = () => {
            if (pattern.test(this.text)) return true;
            if (this.process.exitCode !== null) throw new Error(`Pulumi ended before it printed ${pattern}:\n${this.text}`);
            return this.text.split("\n").slice(-5);
        };
        await until(`${pattern} in Pulumi's output`, isPrinted, 300);
    }

    /** SIGKILL for Pulumi and all that it started: plugins have process groups of their own. */
    async kill(): Promise<void> {
        const all = withDescendants(this.process.pid!);
        process.kill(-this.process.pid!, "SIGKILL");
        for (const pid of all) signal(pid);
        await this.outcome;
    }
}

function signal(pid: number): void {
    try {
        process.kill(pid, "SIGKILL");
    } catch {
        // It ended with its group.
    }
}

function withDescendants(root: number): number[] {
    const parents = readdirSync("/proc")
        .filter(name => /^\d+$/.test(name))
        .map(name => ({ pid: Number(name), parent: parentOf(name) }));
    const found = [root];
    for (const pid of found) found.push(...parents.filter(({ parent }) => parent === pid).map(process => process.pid));
    return found;
}

function parentOf(pid: string): number | undefined {
    try {
        // The name, in parentheses, may hold anything; after it come state and parent (proc(5)).
        return Number(readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ")[1]);
    } catch {
        return undefined;
    }
}
