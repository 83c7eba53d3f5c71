/** The provider plugins that the library's resources need: real ones where there are any, our stand-ins where not. */
import { execFile } from "node:child_process";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder, type Log, progress } from "./cache";
import { repositoryRoot } from "./root";
import { pathFolders, which } from "./which";

export interface Plugin {
    name: "command" | "random";
    version: string;
}

const DAY = 24 * 3600 * 1000;

/** With the versions that the installed npm packages ask the engine for. */
function needed(): Plugin[] {
    return (["command", "random"] as const).map(name => ({ name, version: require(`@pulumi/${name}/package.json`).version as string }));
}

/**
 * The folders that PATH must end with, so that every provider is found.
 * @param pulumi the CLI
 * @param mayDownload whether `pulumi plugin install` may be tried; its attempts stop after 30 s and are repeated after a day
 */
export async function standInFolders(pulumi: string, mayDownload: boolean, log: Log): Promise<string[]> {
    const found = async (plugin: Plugin) => isThere(plugin, pulumi) || (mayDownload && (await download(plugin, pulumi, log)));
    const plugins = needed();
    const there = await Promise.all(plugins.map(found));
    const missing = plugins.filter((_, index) => !there[index]);
    if (missing.length === 0) return [];
    const names = missing.map(({ name, version }) => `${name} ${version}`).join(" and ");
    log(`stand-ins take the place of the provider plugins ${names}, which are not installed (what differs: engine/README.md)`);
    return missing.map(({ name }) => join(repositoryRoot(), "engine", "bin", name));
}

function isThere({ name, version }: Plugin, pulumi: string): boolean {
    const executable = `pulumi-resource-${name}`;
    const home = process.env.PULUMI_HOME || join(homedir(), ".pulumi");
    const installed = join(home, "plugins", `resource-${name}-v${version}`);
    // Pulumi marks a plugin that is only half unpacked with a file of this name.
    if (which(executable, [installed]) !== undefined && !existsSync(`${installed}.partial`)) return true;
    return which(executable, [dirname(pulumi), ...pathFolders().filter(folder => !isStandIn(folder))]) !== undefined;
}

/** A shell in which the result of an earlier call was exported has them on PATH already. */
function isStandIn(folder: string): boolean {
    return folder.startsWith(join(repositoryRoot(), "engine", "bin"));
}

async function download({ name, version }: Plugin, pulumi: string, log: Log): Promise<boolean> {
    const failed = join(cacheFolder(), `no-download-${name}-${version}`);
    if (existsSync(failed) && Date.now() - statSync(failed).mtimeMs < DAY) return false;
    try {
        const install = promisify(execFile)(pulumi, ["plugin", "install", "resource", name, version], {
            timeout: 30_000,
            killSignal: "SIGKILL",
        });
        await progress(log, `downloading the provider plugin ${name} ${version}`, install);
        return true;
    } catch {
        writeFileSync(failed, "");
        return false;
    }
}
