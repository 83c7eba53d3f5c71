/** Gets a working Pulumi engine, also where Pulumi's own downloads cannot be reached. */
import { delimiter, dirname, join } from "node:path";
import { builtEngine } from "./build";
import { cacheFolder, type Log } from "./cache";
import { standInFolders } from "./providers";
import { pathFolders, which } from "./which";

export interface Engine {
    /** Absolute path of the CLI. */
    pulumi: string;
    /** To be set on top of `process.env` to run it. */
    env: Record<string, string>;
}

/**
 * A `pulumi` on PATH that has its own Node.js language host is used as it is; otherwise both are built into the user's cache folder, which
 * takes minutes the first time. Providers that are not installed are replaced by stand-ins at the end of PATH.
 *
 * Looks for installed providers in the PULUMI_HOME of this process.
 * @param log gets what is being done, line by line; never silent for more than 10 s
 * @throws a sentence that says what to do
 */
export async function engine(log: Log): Promise<Engine> {
    const own = installedPulumi();
    const folder = own === undefined ? await builtEngine(log) : dirname(own);
    const pulumi = own ?? join(folder, "pulumi");
    // One of ours may be on PATH too, in a shell that took over the result of an earlier call.
    const standIns = await standInFolders(pulumi, !pulumi.startsWith(cacheFolder()), log);
    // The CLI looks for the language host on PATH.
    const first = own === undefined ? [folder] : [];
    const others = pathFolders().filter(entry => !first.includes(entry) && !standIns.includes(entry));
    const env: Record<string, string> = {
        PATH: [...first, ...others, ...standIns].join(delimiter),
        PULUMI_SKIP_UPDATE_CHECK: "true",
    };
    if (own === undefined || standIns.length > 0) env.PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION = "true";
    return { pulumi, env };
}

function installedPulumi(): string | undefined {
    const pulumi = which("pulumi");
    if (pulumi === undefined) return undefined;
    return which("pulumi-language-nodejs", [dirname(pulumi), ...pathFolders()]) === undefined ? undefined : pulumi;
}
