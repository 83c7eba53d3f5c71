/** Gets a working Pulumi engine, also where Pulumi's own downloads cannot be reached. */
import { delimiter, dirname, join } from "node:path";
import { builtEngine } from "./build";
import type { Log } from "./cache";
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
    const standIns = await standInFolders(pulumi, own !== undefined, log);
    const path = pathFolders().filter(entry => entry !== folder && !standIns.includes(entry));
    // The CLI looks for the language host on PATH.
    const env: Record<string, string> = {
        PATH: [...(own === undefined ? [folder, ...path] : pathFolders().filter(entry => !standIns.includes(entry))), ...standIns].join(
            delimiter,
        ),
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
