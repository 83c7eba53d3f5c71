import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { type Arguments, plain, type Rule, required, text } from "./arguments";

/** What a file has to be. */
export interface FileKind {
    /** For messages: "HRM's release, a zip file". */
    what: string;
    /** What every file of its kind begins with. */
    begins: string;
}

/** A file that a host takes. */
export interface Download {
    sha256: string;
    /** From where the host fetches it, or else the file that is brought. */
    from: { address: string } | { file: string };
}

const checksum = text(/^[0-9a-fA-F]{64}$/, "a SHA-256: 64 hexadecimal digits");
/** It stands in the state and in what is said. */
const address = text(/^https:\/\/[A-Za-z0-9._-]+(:\d+)?\/[!-~]*$/, "a path, or an address https://HOST/PATH without a user and a password");

const isAddress = (given: unknown): given is string => typeof given === "string" && /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(given);

const place: Rule = {
    fits: given => (isAddress(given) ? address.fits(given) : typeof given === "string" && given !== ""),
    want: address.want,
    schema: { type: "string", anyOf: [address.schema, { pattern: "^(?![A-Za-z][A-Za-z0-9+.-]*://)[\\s\\S]" }] },
};

const sums = new Map<string, string>();

/** Piece by piece: some are larger than Node.js reads at once. @throws Error of Node.js where it cannot be read */
function checksumOf(file: string): string {
    const hash = createHash("sha256");
    const piece = Buffer.allocUnsafe(1 << 20);
    const opened = openSync(file, "r");
    try {
        // A process may live longer than the file stays as it is.
        const { mtimeMs, size } = fstatSync(opened);
        const key = `${file} ${mtimeMs} ${size}`;
        const known = sums.get(key);
        if (known !== undefined) return known;
        for (let length = readSync(opened, piece); length > 0; length = readSync(opened, piece)) hash.update(piece.subarray(0, length));
        const sum = hash.digest("hex");
        sums.set(key, sum);
        return sum;
    } finally {
        closeSync(opened);
    }
}

function firstBytes(file: string, count: number): string {
    const opened = openSync(file, "r");
    try {
        const bytes = Buffer.alloc(count);
        return bytes.toString("latin1", 0, readSync(opened, bytes));
    } finally {
        closeSync(opened);
    }
}

export const downloadForm = <Name extends string>(name: Name, { what }: FileKind) =>
    ({
        [name]: required(`it is the path of ${what}, or an https address`, plain(place)),
        sha256: plain(checksum),
    }) as Record<Name, { missing: string }> & { sha256: object };

/** Looks at the file, where it is here, and for the checksum, where it is not. */
export function checkDownload(args: Arguments, name: string, kind: FileKind): void {
    const given = args.known(name);
    if (isAddress(given)) args.require("sha256", "what comes over the network is compared with it; 'sha256sum FILE' prints it");
    if (isAddress(given) || !place.fits(given)) return;
    const problem = fileProblem(resolve(given as string), args.known("sha256"), kind);
    if (problem) args.add(name, problem);
}

function fileProblem(file: string, sha256: unknown, { what, begins }: FileKind): string | undefined {
    try {
        if (!statSync(file).isFile()) return `${file} is not a file, want ${what}`;
        if (firstBytes(file, begins.length) !== begins)
            return `${file} is none, want ${what}; a download may have brought a page about an error`;
        const found = checksumOf(file);
        if (checksum.fits(sha256) && (sha256 as string).toLowerCase() !== found)
            return `${file} has another checksum than sha256: ${found}; get it again, or give its own`;
    } catch (error) {
        const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
        return isMissing
            ? `there is no ${file}; a path begins in the folder in which the program runs`
            : `${file} cannot be read (${(error as NodeJS.ErrnoException).code})`;
    }
    return undefined;
}

/** What is described, after `checkDownload`. */
export function downloadOf(given: string, sha256?: string): Download {
    if (isAddress(given)) return { sha256: sha256!.toLowerCase(), from: { address: given } };
    const file = resolve(given);
    return { sha256: checksumOf(file), from: { file } };
}
