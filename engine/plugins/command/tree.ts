/**
 * Copies a file, a text or a folder to a host.
 *
 * | source | target is a folder | target does not exist | target is a file |
 * |--------|--------------------|-----------------------|------------------|
 * | folder | target/folder      | target/folder         | error            |
 * | folder/ | target/…          | target/…              | error            |
 * | file   | target/file        | target                | overwritten      |
 */
import { readdir, stat } from "node:fs/promises";
import { basename, join, posix } from "node:path";
import type { Remote } from "./sftp";

export async function copyText(remote: Remote, text: string, target: string): Promise<void> {
    if ((await remote.stat(target)) === "folder") {
        throw new Error(`remote path ${target} is a directory; when using a text asset, remotePath must be a file path`);
    }
    await explained(`failed to create parent directories for ${target}`, remote.mkdirAll(posix.dirname(target)));
    await explained(`failed to write text content to remote path ${target}`, remote.write(target, text));
}

export async function copyPath(remote: Remote, source: string, target: string): Promise<void> {
    const local = await stat(source).catch(() => {
        throw new Error(`open ${source}: no such file or directory`);
    });
    const there = await remote.stat(target);
    if (!local.isDirectory()) return copyFile(remote, source, target, there);
    if (there === "nothing") await explained(`failed to create remote directory ${target}`, remote.mkdirAll(target));
    await copyFolder(remote, source, source.endsWith("/") ? target : posix.join(target, basename(source)));
}

async function copyFile(remote: Remote, source: string, target: string, there: string): Promise<void> {
    if (there === "nothing") await explained(`failed to create parent directories for ${target}`, remote.mkdirAll(posix.dirname(target)));
    await put(remote, source, there === "folder" ? posix.join(target, basename(source)) : target);
}

async function copyFolder(remote: Remote, source: string, target: string): Promise<void> {
    const there = await remote.stat(target);
    if (there === "file") throw new Error(`remote path ${target} exists but is not a directory`);
    if (there === "nothing") await explained(`failed to create remote directory ${target}`, remote.mkdir(target));
    const entries = await readdir(source, { withFileTypes: true });
    for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
        const [from, to] = [join(source, entry.name), posix.join(target, entry.name)];
        await (entry.isDirectory() ? copyFolder(remote, from, to) : put(remote, from, to));
    }
}

function put(remote: Remote, source: string, target: string): Promise<void> {
    return explained(`failed to copy file ${source} to remote path ${target}`, remote.put(source, target));
}

async function explained<T>(what: string, work: Promise<T>): Promise<T> {
    try {
        return await work;
    } catch (error) {
        throw new Error(`${what}: ${(error as Error).message}`);
    }
}
