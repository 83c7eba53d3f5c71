import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { type Arguments, text } from "./arguments";
import type { ApplicationArgs } from "./webHost";

/** A release of HRM as the step `release` takes it. */
export interface Release {
    version: string;
    sha256: string;
    /** From where the host fetches it, or else the file that is brought. */
    from: { address: string } | { file: string };
}

const version = text(/^\d{1,4}\.\d{1,4}\.\d{1,4}$/, "a version of HRM, three numbers such as 3.10.0");
const checksum = text(/^[0-9a-f]{64}$/i, "a SHA-256: 64 hexadecimal digits");
/** It stands in the state and in what is said. */
const address = text(/^https:\/\/[A-Za-z0-9._-]+(:\d+)?\/[!-~]*$/, "a path, or an address https://HOST/PATH without a user and a password");

const isAddress = (release: unknown): release is string => typeof release === "string" && /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(release);

const sums = new Map<string, string>();

/** @throws Error of Node.js where it cannot be read */
function checksumOf(file: string): string {
    const sum = sums.get(file) ?? createHash("sha256").update(readFileSync(file)).digest("hex");
    sums.set(file, sum);
    return sum;
}

/** Looks at the argument `application`, and at the file, where it is here. */
export function checkRelease(web: Arguments): void {
    const args = web.inner("application", ["release", "sha256", "version"]);
    if (!args) return;
    if (args.require("version", "it is HRM's, as the release's inc/System.php has it, such as 3.10.0")) args.plain("version", version);
    args.plain("sha256", checksum);
    if (!args.require("release", "it is the path of HRM's release, a zip file, or an https address")) return;
    const release = args.known("release");
    if (isAddress(release)) {
        args.plain("release", address);
        args.require("sha256", "what comes over the network is compared with it; 'sha256sum FILE' prints it");
        return;
    }
    args.plain("release", { fits: value => typeof value === "string" && value !== "", want: address.want });
    if (typeof release !== "string" || release === "") return;
    const problem = fileProblem(resolve(release), args.known("sha256"));
    if (problem) args.add("release", problem);
}

function fileProblem(file: string, sha256: unknown): string | undefined {
    try {
        if (!statSync(file).isFile()) return `${file} is not a file, want HRM's release, a zip file`;
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

export function releaseOf({ release, sha256, version }: ApplicationArgs): Release {
    if (isAddress(release)) return { version, sha256: sha256!.toLowerCase(), from: { address: release } };
    const file = resolve(release);
    return { version, sha256: checksumOf(file), from: { file } };
}
