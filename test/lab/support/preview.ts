import type { Outcome } from "../../../engine/stack";

/** What a run of Pulumi says, taken out of its output. */
export interface Said {
    /** Differences by resource, without the stack's prefix: `web`, `huygens1-link`. */
    differences: Record<string, string[]>;
    /** What follows of them: `web: huygens1 leaves the registry: …`. */
    follows: string[];
    /** Resources that are, or would be, changed. */
    changed: string[];
    /** Hosts that were not looked at, with why. */
    unchecked: string[];
}

/** The resource that carries a step: of `web-config`, `web`. */
export function partOf(step: string): string {
    const [, component, name] = /^(.*)-(\w+)$/.exec(step)!;
    if (name === "link") return step;
    return component === "web" && (name === "account" || name === "identity") ? "web-identity" : component!;
}

/** What is said of steps, by the resources that carry them. */
export function byPart<T>(said: Record<string, T[]>): Record<string, T[]> {
    const all: Record<string, T[]> = {};
    for (const [step, lines] of Object.entries(said)) all[partOf(step)] = [...(all[partOf(step)] ?? []), ...lines];
    return all;
}

/** Reads the part `Diagnostics` and the lines of the resources. */
export function said({ output }: Outcome): Said {
    const differences: Record<string, string[]> = {};
    const [follows, unchecked]: [string[], string[]] = [[], []];
    let resource = "";
    for (const line of (output.split("\nDiagnostics:\n")[1] ?? "").split(/\n(?=\S)/)[0]!.split("\n")) {
        const heading = /^ {2}(?:\S+) \((?:hrm-)?(.+)\):$/.exec(line)?.[1];
        if (heading) resource = heading;
        else if (/: not looked at for changes made by hand: /.test(line)) unchecked.push(line.trim().replace(/^(warning|error): /, ""));
        else if (/^ {4}\w+: then /.test(line)) follows.push(line.slice(4).replace(": then ", ": "));
        else if (/^ {4}\S/.test(line) && !/^ {4}(warning|error): /.test(line) && !resource.startsWith("test-")) {
            differences[resource] = [...(differences[resource] ?? []), line.slice(4)];
        }
    }
    const changed = [
        ...output.matchAll(/^ [~+-]+ {1,2}\S+ hrm-(\S+) (?:update|updated|create|created|replace|replaced|delete|deleted)\b/gm),
    ];
    return { differences, follows, changed: [...new Set(changed.map(([, name]) => name!))].sort(), unchecked: unchecked.sort() };
}

/** What Pulumi prints as JSON, behind its warnings. */
export const jsonIn = (output: string) => JSON.parse(output.slice(output.indexOf("{")));
