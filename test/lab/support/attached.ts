import { delimiter, join } from "node:path";
import { engine } from "../../../engine/engine";
import { commandProvider } from "../../../engine/plugins/command/provider";
import { randomProvider } from "../../../engine/plugins/random/provider";
import { listen } from "../../../engine/provider/server";
import { repositoryRoot } from "../../../engine/root";

const variable = "PULUMI_DEBUG_PROVIDERS";
const providers = { command: commandProvider, random: randomProvider };

/**
 * Pulumi's environment for one stack. Where our stand-ins take the place of the provider plugins, they serve it from the process of the tests: as plugins both
 * start anew for each of Pulumi's commands, an eighth of what one costs. As plugins they have their own tests, test/lab/engine-*. Here their working directory
 * and environment are those of the tests, not of the program.
 */
export async function attachedProviders(): Promise<Record<string, string>> {
    const path = (await engine(() => {})).env.PATH!.split(delimiter);
    const standIns = Object.entries(providers).filter(([name]) => path.includes(join(repositoryRoot(), "engine", "bin", name)));
    // The connections of descriptions say which agent is asked.
    delete process.env.SSH_AUTH_SOCK;
    const attached = await Promise.all(standIns.map(async ([name, provider]) => `${name}:${await listen(provider)}`));
    return { [variable]: attached.join(",") };
}

/** For a command of Pulumi's that is killed with all that it has started: providers are started by it. */
export const ownProviders = { [variable]: undefined };
