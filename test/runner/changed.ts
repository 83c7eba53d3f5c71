/** Which lab files a change can reach: by what they import, and by what of the library they say that they are about. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { LabError } from "../../lab/command";

/** Reads a file of the repository, by its path there; undefined where there is none. */
export type Read = (path: string) => string | undefined;

export interface Choice {
    /** Names of lab files, each with the changed paths that reach it. */
    files: Map<string, string[]>;
    /** Paths that may reach anything, so that all files are chosen. */
    unknown: string[];
}

const testOf = (name: string) => `test/lab/${name}.test.ts`;

/** The end-to-end test: what any change of the library reaches. */
const always = "cluster";

/** Texts for people, and what the other parts of `npm test` look at. */
const noLab = /\.md$|^docs\/|^test\/unit\/|^test\/(run\.ts$|runner\/)|^(LICENSE|biome\.json|\.gitignore)$/;
/** Places that the lab files are about: programs import the library, and Pulumi starts the plugins. */
const covered = /^(lib|examples|program|stacks|engine\/(plugins|provider|bin))\//;
/** Commands of persons, which no test runs. */
const ofPersons = /^(lab\/(demo|bench)|engine\/main)\.(ts|js)$|^lab\/bench\//;

/** Paths that a lab file is about, from its line `// Covers: lib/steps/drain examples/ci`: whatever begins with one of them. */
export function coveredBy(source: string): string[] {
    return /^\/\/ Covers: (.+)$/m.exec(source)?.[1]?.split(" ") ?? [];
}

/** A file with all that it imports, directly or not. */
export function importsOf(path: string, read: Read, known = new Set<string>()): Set<string> {
    if (known.has(path)) return known;
    const source = read(path);
    if (source === undefined) return known;
    known.add(path);
    for (const [, from] of source.matchAll(/(?:from|import|require\()\s*"(\.[^"]*)"/g)) {
        importsOf(`${normalize(join(dirname(path), from!))}.ts`, read, known);
    }
    return known;
}

/** @param names of all lab files */
export function choose(changed: readonly string[], names: readonly string[], read: Read): Choice {
    const about = names.map(name => ({ name, imports: importsOf(testOf(name), read), covers: coveredBy(read(testOf(name)) ?? "") }));
    const choice: Choice = { files: new Map(), unknown: [] };
    const add = (name: string, path: string) => choice.files.set(name, [...(choice.files.get(name) ?? []), path]);
    for (const path of changed.filter(each => !noLab.test(each))) {
        const isCovered = covered.test(path);
        const reached = about.filter(({ imports, covers }) => imports.has(path) || covers.some(prefix => path.startsWith(prefix)));
        for (const { name } of reached) add(name, path);
        const isKnown = reached.length > 0 || ofPersons.test(path);
        if (!isKnown) choice.unknown.push(path);
        else if (isCovered && !reached.some(({ name }) => name === always)) add(always, path);
    }
    for (const path of choice.unknown) for (const name of names) add(name, path);
    return choice;
}

/** Paths that differ from a revision, new ones among them. @throws LabError where git knows no such revision */
export function changedSince(revision: string, root: string): string[] {
    const git = (...args: string[]) =>
        execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: "pipe" }).split("\0").filter(Boolean);
    try {
        return [
            ...git("diff", "--name-only", "--no-renames", "-z", revision, "--"),
            ...git("ls-files", "--others", "--exclude-standard", "-z"),
        ];
    } catch (error) {
        throw new LabError(
            `git cannot tell what has changed since '${revision}': ${String((error as { stderr?: string }).stderr ?? error).trim()}`,
        );
    }
}

export function reader(root: string): Read {
    return path => (existsSync(join(root, path)) ? readFileSync(join(root, path), "utf8") : undefined);
}

/** What was chosen and why, a line each. */
export function explain({ files, unknown }: Choice, revision: string): string {
    const reasons = [...files].map(([name, paths]) => `  ${name}: ${paths.join(", ")}`);
    if (unknown.length > 0) return `All files run, since any may be reached by ${unknown.join(", ")}, changed since ${revision}.`;
    return reasons.length > 0
        ? `Reached by changes since ${revision}:\n${reasons.join("\n")}`
        : `No lab file is reached by changes since ${revision}.`;
}
