import { existsSync, readdirSync, readFileSync, statSync, utimesSync } from "node:fs";
import { join, relative } from "node:path";
import { cached, cacheFolder, cacheKey } from "../../../engine/cache";
import { repositoryRoot } from "../../../engine/root";
import { must } from "../../../lab/command";

/** What a made cluster depends on: change any of it, and another one is made. */
const parts = [
    ...["dist/lib", "dist/lab", "dist/engine", "dist/test/support", "dist/test/lab/support/cluster.js"],
    ...["lab/hrm", "lab/hucore", "lab/image", "test/lab/program", "package-lock.json"],
];

const hoursToKeep = 1;

/**
 * The folder of a cluster's hosts and stack after its first `up`, made by `make` where there is none of this code.
 * @param shape what tells it from others
 */
export async function madeCluster(shape: unknown, make: (folder: string) => Promise<void>): Promise<string> {
    const root = repositoryRoot();
    const files = parts.flatMap(part => filesOf(join(root, part)));
    const key = cacheKey(JSON.stringify(shape), ...files.flatMap(file => [relative(root, file), readFileSync(file)]));
    const folder = await cached(
        "cluster",
        key,
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

/** Those that nobody has used for a while, most of them of code that has changed since. One that a lab is a copy of stays. */
async function removeOld(): Promise<void> {
    const inUse = readFileSync("/proc/self/mountinfo", "utf8");
    for (const name of readdirSync(cacheFolder()).filter(entry => /^cluster-[0-9a-f]+(\.tmp-\d+)?$/.test(entry))) {
        const folder = join(cacheFolder(), name);
        const isOld = existsSync(folder) && Date.now() - statSync(folder).mtimeMs > hoursToKeep * 3600_000;
        if (isOld && !inUse.includes(folder)) await must("rm", ["-rf", "--one-file-system", "--", folder]);
    }
}
