import { randomBytes } from "node:crypto";
import { fileVariable, type StepWord, source } from "../stepText";

/** What a check on a host has left; no code where it gave no answer. */
export interface Result {
    code: number | undefined;
    stdout: string;
    stderr: string;
}

// The connection ends before.
const longestSeconds = 7 * 24 * 3600;
const longestOutput = 1024 * 1024;

/**
 * A shell of root's on a host, which runs checks while they are asked for. What it gets on standard input has the form of a step's, and the
 * launcher starts it. If it prints something else (a greeting), or ends (a refused sudo), that is the answer of every check.
 */
export class RootShell {
    private output = "";
    private asked = 0;
    /** Files that it has in variables. */
    private readonly has = new Set<string>();
    private readonly waiting = new Map<string, (result: Result) => void>();
    private isReady = false;
    private isSpoilt = false;
    private end: Result | undefined;
    private readonly answer: RegExp;

    /** @param write to its standard input; without a text, the end of that @param mark a word that nobody on the host can guess */
    constructor(
        private readonly write: (text?: string) => void,
        private readonly mark = randomBytes(16).toString("hex"),
    ) {
        this.answer = new RegExp(`^${mark} (\\d+) out\\n([^]*?)\\n${mark} \\1 err\\n([^]*?)\\n${mark} \\1 (\\d+)\\n`);
        write(`${longestSeconds}\nmark=${mark}\n${source("checks")}\n`);
    }

    /** Runs a step's text with `check`. */
    check({ word, files }: StepWord, seconds: number): Promise<Result> {
        return new Promise(resolve => {
            if (this.end) return resolve(this.end);
            const number = String(++this.asked);
            this.waiting.set(number, resolve);
            if (this.isSpoilt) return;
            const missing = files.filter(file => !this.has.has(file));
            for (const file of missing) this.has.add(file);
            // In a subshell that ends at once, so that nobody has to wait(2) for it.
            this.write([...missing.map(fileVariable), `(one ${number} ${seconds} ${word} &)`, ""].join("\n"));
        });
    }

    /** What it has printed. */
    read(output: string): void {
        this.output += output;
        if (!this.isReady) this.begin();
        for (let found = this.answer.exec(this.output); found; found = this.answer.exec(this.output)) {
            const [all, number = "", stdout = "", stderr = "", code] = found;
            this.output = this.output.slice(all.length);
            this.waiting.get(number)?.({ code: Number(code), stdout, stderr });
            this.waiting.delete(number);
        }
        const isWhole = this.output.length <= longestOutput && this.output.startsWith(this.mark.slice(0, this.output.length));
        if (isWhole) return;
        // Where something else has come in between, nothing that follows can be trusted.
        this.output = this.output.slice(0, longestOutput);
        if (!this.isSpoilt) this.write();
        this.isSpoilt = true;
    }

    private begin(): void {
        this.output = this.output.trimStart();
        const ready = `${this.mark} ready\n`;
        this.isReady = this.output.startsWith(ready);
        if (this.isReady) this.output = this.output.slice(ready.length);
    }

    /** It has ended. */
    ended(code: number | undefined, stderr: string): void {
        // What came without the mark is no answer, whatever it says, and however well the shell has ended.
        const [stdout = ""] = this.output.split(this.mark);
        this.end = { code: code || undefined, stdout, stderr };
        for (const resolve of this.waiting.values()) resolve(this.end);
        this.waiting.clear();
    }
}
