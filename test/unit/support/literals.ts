/**
 * Readers of literals, written from the languages' manuals and independent of the library's writers: what they read must be what was written.
 */
import { gunzipSync } from "node:zlib";

/** Reads a text from left to right. */
class Reader {
    at = 0;
    constructor(readonly text: string) {}

    get done(): boolean {
        return this.at >= this.text.length;
    }

    take(pattern: RegExp): string | undefined {
        const found = new RegExp(pattern, "y");
        found.lastIndex = this.at;
        const match = found.exec(this.text)?.[0];
        if (match !== undefined) this.at += match.length;
        return match;
    }

    expect(pattern: RegExp): string {
        const found = this.take(pattern);
        if (found === undefined) throw new Error(`want ${pattern} at '${this.text.slice(this.at, this.at + 60)}'`);
        return found;
    }
}

/** https://www.php.net/manual/en/language.types.string.php: in single quotes only \' and \\ are escapes. */
function phpText(reader: Reader): string {
    const body = reader.expect(/'(?:[^'\\]|\\[\s\S])*'/).slice(1, -1);
    return body.replace(/\\([\\'])/g, "$1");
}

function phpValue(reader: Reader): unknown {
    if (reader.take(/true/)) return true;
    if (reader.take(/false/)) return false;
    const number = reader.take(/-?\d+/);
    if (number !== undefined) return Number(number);
    return reader.take(/\[/) ? phpArray(reader) : phpText(reader);
}

/** A list, or a map where the items have keys; empty is both. */
function phpArray(reader: Reader): unknown {
    const [list, map] = [[] as unknown[], {} as Record<string, unknown>];
    while (!reader.take(/\]/)) {
        const item = phpValue(reader);
        if (reader.take(/ => /)) Object.defineProperty(map, String(item), { value: phpValue(reader), enumerable: true });
        else list.push(item);
        if (!reader.take(/, /)) {
            reader.expect(/\]/);
            break;
        }
    }
    return Object.keys(map).length > 0 ? map : list;
}

export function readPhp(text: string): unknown {
    const reader = new Reader(text);
    const value = phpValue(reader);
    reader.expect(/$/);
    return value;
}

/** A file of assignments and comments. */
export function readPhpFile(text: string): Map<string, unknown> {
    const reader = new Reader(text);
    reader.expect(/<\?php\n/);
    const variables = new Map<string, unknown>();
    while (!reader.done) {
        if (reader.take(/\s+|\/\/.*\n/) !== undefined) continue;
        const name = reader.expect(/\$\w+/).slice(1);
        reader.expect(/ = /);
        if (variables.has(name)) throw new Error(`${name} is set twice`);
        variables.set(name, phpValue(reader));
        reader.expect(/;\n/);
    }
    return variables;
}

/** https://mariadb.com/kb/en/string-literals/, without NO_BACKSLASH_ESCAPES. */
export function readSqlText(text: string): string {
    const reader = new Reader(text);
    const body = reader.expect(/'(?:[^'\\]|''|\\[\s\S])*'/).slice(1, -1);
    reader.expect(/$/);
    const escapes: Record<string, string> = { n: "\n", r: "\r", t: "\t", b: "\b", "0": "\0", Z: "\x1a", "%": "\\%", _: "\\_" };
    return body.replace(/''|\\([\s\S])/g, (_, character?: string) => (character === undefined ? "'" : (escapes[character] ?? character)));
}

/** Assignments of a shell at the begin of a text, a line each, and the rest. */
function assignments(reader: Reader): Record<string, string> {
    const values: Record<string, string> = {};
    for (let name = reader.take(/[A-Za-z_]\w*=(?=')/); name !== undefined; name = reader.take(/[A-Za-z_]\w*=(?=')/)) {
        // A shell word of quoted parts and, between them, backslash and quote; in double quotes nothing but variables.
        const word = reader.expect(/(?:'[^']*'|\\'|"(?:\$[A-Za-z_]+)+")+/);
        values[name.slice(0, -1)] = word.replace(/'([^']*)'|\\'|"([^"]*)"/g, (_, part?: string, names?: string) =>
            names === undefined ? (part ?? "'") : names.replace(/\$(\w+)/g, (_, variable) => values[variable]!),
        );
        reader.expect(/\n/);
    }
    return values;
}

/** The text of a step: the values, the rest. */
export function readStepText(text: string): { values: Record<string, string>; rest: string } {
    const reader = new Reader(text);
    const values = assignments(reader);
    return { values, rest: text.slice(reader.at) };
}

export interface StepOfPart {
    step: string;
    timeLimit: string;
    /** `-` without an undo. */
    undoLimit: string;
    evenAfterFailure: string;
    text: string;
}

/** The text of a part with the files that it has compressed. */
export function withFiles(text: string): string {
    const compressed = /^unset files\nfiles=\$\(base64 -d <<'FILES' \| gzip -dc\n([A-Za-z0-9+/=]+)\nFILES\n.*\n/m;
    return text.replace(compressed, (_, base64) => gunzipSync(Buffer.from(base64, "base64")).toString());
}

/** What a host gets on standard input: a line for the launcher, the steps' texts, their order, what runs them. */
export function readPartText(text: string): { steps: StepOfPart[]; rest: string } {
    const reader = new Reader(withFiles(text));
    reader.expect(/part\n/);
    const { steps: order = "", ...texts } = assignments(reader);
    const steps = order.split("\n").map(line => {
        const [step = "", timeLimit = "", undoLimit = "", evenAfterFailure = ""] = line.split(" ");
        return { step, timeLimit, undoLimit, evenAfterFailure, text: texts[`text_${step}`] as string };
    });
    return { steps, rest: reader.text.slice(reader.at) };
}
