/** `npm run engine`: gets a Pulumi engine and says how to use it; with `--env`, only the lines that a shell needs. */
import { delimiter } from "node:path";
import { parseArgs } from "node:util";
import { engine } from "./engine";
import { pathFolders } from "./which";

async function main(): Promise<void> {
    const { env: envOnly = false } = parseArgs({ options: { env: { type: "boolean" } } }).values;
    const { pulumi, env } = await engine(line => (envOnly ? console.error(`engine: ${line}`) : console.log(`engine: ${line}`)));
    const exports = Object.entries(env).map(([name, value]) => `export ${name}=${name === "PATH" ? addedPath(value) : quoted(value)}`);
    if (envOnly) return console.log(exports.join("\n"));
    console.log(`engine: ready, ${pulumi}`);
    console.log("To use it in this shell:");
    console.log('    eval "$(npm run --silent engine -- --env)"');
    console.log("A state in a file needs these too, with a folder and a passphrase of your own:");
    console.log("    export PULUMI_BACKEND_URL=file://$HOME/state PULUMI_CONFIG_PASSPHRASE=…");
}

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** The folders that are new, around the shell's own PATH: npm adds some to the PATH of this process that a shell is better without. */
function addedPath(path: string): string {
    const folders = path.split(delimiter);
    const known = pathFolders();
    const first = folders.findIndex(folder => known.includes(folder));
    const added = (part: string[]) => part.filter(folder => !known.includes(folder)).map(quoted);
    return [...added(folders.slice(0, first)), '"$PATH"', ...added(folders.slice(first))].join(delimiter);
}

main().catch((error: Error) => {
    console.error(`engine: ${error.message}`);
    process.exitCode = 1;
});
