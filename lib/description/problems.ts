import { inspect } from "node:util";
import { RunError } from "@pulumi/pulumi";

/** An argument that was known only later, and does not fit. */
export class LateProblem extends RunError {
    // Pulumi inspects what an `apply` throws, with the resources that hang on it: minutes, in which it says nothing.
    [inspect.custom](): string {
        return this.message;
    }
}

/** Text that a person wrote, without control characters, and without the marks of Pulumi's colours, at which it panics. */
export function harmless(text: string): string {
    return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "?").replaceAll("<{%", "<?%");
}

/** What is wrong with the arguments of a component: collected, then thrown all at once, each with the argument's path and the way out. */
export class Problems {
    private readonly lines: string[] = [];

    /** @param prefix of every path, where the arguments come from elsewhere: `hrm:` for the stack's configuration */
    constructor(private readonly prefix = "") {}

    /** `path` is where the argument stands in the component's arguments: `nodes.huygens1.hucore`. */
    add(path: string, problem: string): void {
        this.lines.push(harmless(`${this.prefix}${path}: ${problem}`));
    }

    /** Adds the problem unless the condition holds. */
    expect(condition: boolean, path: string, problem: string): boolean {
        if (!condition) this.add(path, problem);
        return condition;
    }

    get all(): readonly string[] {
        return this.lines;
    }

    /**
     * Does nothing where there is no problem.
     * @throws RunError, which Pulumi prints without a stack trace
     */
    throwIfAny(subject: string): void {
        if (this.lines.length === 0) return;
        const lines = together(this.lines);
        const count = this.lines.length === 1 ? "1 problem" : `${this.lines.length} problems`;
        throw new RunError(`${subject}: ${count} in the description; no host was touched.\n${lines.map(line => `  ${line}`).join("\n")}`);
    }
}

/** In the order in which they were found, but what is of one argument, or of one node, in one place. */
function together(lines: readonly string[]): string[] {
    const groups = new Map<string, string[]>();
    for (const line of lines) {
        const [, argument = ""] = /^((?:nodes\.)?[^.:[]*)/.exec(line.replace(/^\w+:(?=\w)/, "")) ?? [];
        groups.set(argument, [...(groups.get(argument) ?? []), line]);
    }
    return [...groups.values()].flat();
}
