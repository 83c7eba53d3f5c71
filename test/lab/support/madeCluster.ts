import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { cached, cacheFolder } from "../../../engine/cache";
import { repositoryRoot } from "../../../engine/root";
import { must } from "../../../lab/command";

/** What a made cluster depends on: change any of it, and another one is made. */
const parts = ["dist/lib", "dist/lab", "dist/engine", "lab/hrm", "lab/hucore", "lab/image", "test/lab/program", "package-lock.json"];

const hoursToKeep = 1;

/**
 * The folder of a cluster's hosts and stack after its first `up`, made by `make` where there is none of this code.
 * @param shape what tells it from others
 */
export async function madeCluster(shape: unknown, make: (folder: string) => Promise<void>): Promise<string> {
    const hash = createHash("sha256").update(JSON.stringify(shape));
    for (const file of parts.flatMap(part => filesOf(join(repositoryRoot(), part)))) hash.update(`${file}\0`).update(readFileSync(file));
    const folder = await cached(
        "cluster",
        hash.digest("hex").slice(0, 16),
        () => {},
        async made => {
            await make(made);
            await removeOld();
        },
    );
    utimesSync(folder, new Date(), new Date());
    return folder;
}

function filesOf(path: string): string[] {
    if (!statSync(path).isDirectory()) return [path];
    return readdirSync(path)
        .sort()
        .flatMap(name => filesOf(join(path, name)));
}

/** Each is of code that has changed since. One that a lab is a copy of stays. */
async function removeOld(): Promise<void> {
    const inUse = readFileSync("/proc/self/mountinfo", "utf8");
    for (const name of readdirSync(cacheFolder()).filter(entry => /^cluster-[0-9a-f]+$/.test(entry))) {
        const folder = join(cacheFolder(), name);
        const isOld = existsSync(folder) && Date.now() - statSync(folder).mtimeMs > hoursToKeep * 3600_000;
        if (isOld && !inUse.includes(folder)) await must("rm", ["-rf", "--one-file-system", "--", folder]);
    }
}
