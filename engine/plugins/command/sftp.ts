/** The few sftp calls that copying needs, as promises. */
import { posix } from "node:path";
import type { Client, SFTPWrapper } from "ssh2";

const NO_SUCH_FILE = 2;

export class Remote {
    readonly #sftp: SFTPWrapper;

    private constructor(sftp: SFTPWrapper) {
        this.#sftp = sftp;
        // Whoever waits for an answer then hears of the connection's end; one without a listener would end the process.
        sftp.on("error", () => {});
    }

    static open(client: Client): Promise<Remote> {
        return new Promise((resolve, reject) => {
            client.once("close", () => reject(new Error("connection lost")));
            client.sftp((error, sftp) => (error ? reject(error) : resolve(new Remote(sftp))));
        });
    }

    async stat(path: string): Promise<"file" | "folder" | "nothing"> {
        try {
            const stats = await this.#call<{ isDirectory(): boolean }>(done => this.#sftp.stat(path, done));
            return stats.isDirectory() ? "folder" : "file";
        } catch (error) {
            if ((error as { code?: number }).code === NO_SUCH_FILE) return "nothing";
            throw new Error(`failed to stat remote path ${path}: ${(error as Error).message}`);
        }
    }

    mkdir(path: string): Promise<void> {
        return this.#call(done => this.#sftp.mkdir(path, done));
    }

    /** Makes a folder with its parents, where they do not exist. */
    async mkdirAll(path: string): Promise<void> {
        const kind = await this.stat(path);
        if (kind === "folder") return;
        if (kind === "file") throw new Error(`${path} is not a directory`);
        if (posix.dirname(path) !== path) await this.mkdirAll(posix.dirname(path));
        await this.mkdir(path);
    }

    /** Replaces or makes a file. Its bytes arrive in place, not all at once. */
    put(localFile: string, path: string): Promise<void> {
        return this.#call(done => this.#sftp.fastPut(localFile, path, done));
    }

    write(path: string, content: string): Promise<void> {
        return this.#call(done => this.#sftp.writeFile(path, content, done));
    }

    #call<T>(start: (done: (error: Error | null | undefined, value?: T) => void) => void): Promise<T> {
        return new Promise((resolve, reject) => start((error, value) => (error ? reject(error) : resolve(value as T))));
    }
}
