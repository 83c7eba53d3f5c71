/**
 * What is the same for every clone (engine, host images) is made once and kept in the user's cache folder. An entry is made in a
 * temporary sibling and renamed when it is complete, so that what has the final name is always whole.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { EngineError } from "./error";
import { locked } from "./lock";

const run = promisify(execFile);

export type Log = (line: string) => void;

/** `$XDG_CACHE_HOME/pulumi-hrm`, by default `~/.cache/pulumi-hrm`. */
export function cacheFolder(): string {
    return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "pulumi-hrm");
}

/** A short name for everything that an entry is made from: 16 hexadecimal digits that change when a part or the order changes. */
export function cacheKey(...parts: (string | Buffer)[]): string {
    const hash = createHash("sha256");
    // Lengths keep ("ab", "c") and ("a", "bc") apart.
    for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
    return hash.digest("hex").slice(0, 16);
}

/**
 * The folder `<cache>/<kind>-<key>`, made by `make` where it does not exist yet. Of several processes that want it, one makes it and the
 * others wait.
 * @param make fills the empty folder that it is given. When the process is interrupted (INT, TERM, HUP), `signal` is aborted: stop child
 *   processes then (`spawn` takes it as it is). What was made up to then is removed and the process ends.
 * @throws what `make` throws, after the half-made folder was removed
 */
export async function cached(
    kind: string,
    key: string,
    log: Log,
    make: (folder: string, signal: AbortSignal) => Promise<void>,
): Promise<string> {
    const folder = join(cacheFolder(), `${kind}-${key}`);
    if (existsSync(folder)) return folder;
    await mkdir(cacheFolder(), { recursive: true });
    await locked(`${folder}.lock`, kind, log, async () => {
        if (existsSync(folder)) return;
        for (const name of await readdir(cacheFolder())) {
            if (name.startsWith(`${kind}-${key}.tmp-`)) await removeTree(join(cacheFolder(), name));
        }
        await makeWhole(folder, make);
    });
    return folder;
}

async function makeWhole(folder: string, make: (folder: string, signal: AbortSignal) => Promise<void>): Promise<void> {
    const half = `${folder}.tmp-${process.pid}`;
    await mkdir(half);
    const interruption = new AbortController();
    const interrupt = (name: NodeJS.Signals) => interruption.abort(new EngineError(`interrupted by ${name}`));
    const signals: NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
    for (const name of signals) process.on(name, interrupt);
    try {
        await Promise.race([make(half, interruption.signal), abortedFor(interruption.signal, 5000)]);
        interruption.signal.throwIfAborted();
        await rename(half, folder);
    } catch (error) {
        await removeTree(half);
        throw interruption.signal.aborted ? interruption.signal.reason : error;
    } finally {
        for (const name of signals) process.off(name, interrupt);
    }
}

/** Rejects a while after an interruption, for a `make` that does not listen to it. */
function abortedFor(signal: AbortSignal, milliseconds: number): Promise<never> {
    return new Promise((_, reject) => {
        signal.addEventListener("abort", () => setTimeout(() => reject(signal.reason), milliseconds).unref());
    });
}

/** Removes a folder, but nothing on another file system: a half-made host image may have `/proc` or `/dev` mounted in it. */
async function removeTree(folder: string): Promise<void> {
    const options = process.platform === "linux" ? ["-rf", "--one-file-system"] : ["-rf"];
    await run("rm", [...options, "--", folder]);
}

/** Waits for `work`, and says every 8 s that it still goes on: "still building the engine, 16 s". A label may change with time. */
export async function progress<T>(log: Log, label: string | (() => string), work: Promise<T>): Promise<T> {
    const text = () => (typeof label === "string" ? label : label());
    const start = Date.now();
    const timer = setInterval(() => log(`still ${text()}, ${Math.round((Date.now() - start) / 1000)} s`), 8000);
    try {
        return await work;
    } finally {
        clearInterval(timer);
    }
}
