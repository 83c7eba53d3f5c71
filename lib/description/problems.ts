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
    /** By the argument, or the node, that they are about: what belongs together is told together. */
    private readonly lines = new Map<string, string[]>();

    /** @param prefix of every path, where the arguments come from elsewhere: `hrm:` for the stack's configuration */
    constructor(private readonly prefix = "") {}

    /** `path` is where the argument stands in the component's arguments: `nodes.huygens1.hucore`. */
    add(path: string, problem: string): void {
        const [about] = /^(nodes\.)?[^.:[]*/.exec(path)!;
        this.lines.set(about, [...(this.lines.get(about) ?? []), harmless(`${this.prefix}${path}: ${problem}`)]);
    }

    /** Adds the problem unless the condition holds. */
    expect(condition: boolean, path: string, problem: string): boolean {
        if (!condition) this.add(path, problem);
        return condition;
    }

    get all(): readonly string[] {
        return [...this.lines.values()].flat();
    }

    /**
     * Does nothing where there is no problem.
     * @throws RunError, which Pulumi prints without a stack trace
     */
    throwIfAny(subject: string): void {
        const lines = this.all;
        if (lines.length === 0) return;
        const count = lines.length === 1 ? "1 problem" : `${lines.length} problems`;
        throw new RunError(`${subject}: ${count} in the description; no host was touched.\n${lines.map(line => `  ${line}`).join("\n")}`);
    }
}
