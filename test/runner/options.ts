/** The command line of `npm test` and its parts: a pure function. */
import { LabError } from "../../lab/command";

const usage = `npm test, npm run lint, npm run test:unit, npm run test:lab [-- [FILE…] [options]]
  FILE             of the lab tests only these: drain for test/lab/drain.test.ts
  --changed [REV]  only the lab files that the changes since REV can reach, by default since the last commit
  --keep           the lab of a file that failed stays
  --retry          a file that failed is run once more; the last line counts what failed only once as flaky
Other words are mocha's: -- --grep 'some words'`;

export type Part = "lint" | "unit" | "lab";

export interface TestOptions {
    parts: Part[];
    /** Names of lab files; none means all. */
    files: string[];
    /** A revision of git. */
    changed?: string;
    keep: boolean;
    retry: boolean;
    /** For mocha. */
    words: string[];
}

const parts: Part[] = ["lint", "unit", "lab"];

/** @throws LabError that says what is wrong with the arguments */
export function readOptions([first, ...rest]: readonly string[]): TestOptions {
    const isPart = parts.includes(first as Part);
    if (first !== undefined && !isPart && !first.startsWith("-")) throw new LabError(`There is no part '${first}':\n${usage}`);
    const options: TestOptions = { parts: isPart ? [first as Part] : parts, files: [], keep: false, retry: false, words: [] };
    const words = isPart || first === undefined ? rest : [first, ...rest];
    for (let i = 0; i < words.length; i++) {
        const word = words[i]!;
        if (first === "lab" && !word.startsWith("-") && options.words.length === 0) options.files.push(word);
        else if (word === "--help") throw new LabError(usage);
        else if (word === "--keep") options.keep = true;
        else if (word === "--retry") options.retry = true;
        else if (word === "--changed") options.changed = words[i + 1]?.startsWith("-") === false ? words[++i]! : "HEAD";
        else options.words.push(word);
    }
    return options;
}
