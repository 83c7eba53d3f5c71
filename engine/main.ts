/** `npm run engine`: gets a Pulumi engine and says how to use it; with `--env`, only the lines that a shell needs. */
import { engine } from "./engine";

async function main(): Promise<void> {
    const envOnly = process.argv.includes("--env");
    const { pulumi, env } = await engine(line => (envOnly ? console.error(`engine: ${line}`) : console.log(`engine: ${line}`)));
    const exports = Object.entries(env).map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'`);
    if (envOnly) return console.log(exports.join("\n"));
    console.log(`engine: ready, ${pulumi}`);
    console.log("To use it in this shell:");
    console.log('    eval "$(npm run --silent engine -- --env)"');
    console.log("A state in a file needs these too, with a folder and a passphrase of your own:");
    console.log("    export PULUMI_BACKEND_URL=file://$HOME/state PULUMI_CONFIG_PASSPHRASE=…");
}

main().catch((error: Error) => {
    console.error(`engine: ${error.message}`);
    process.exitCode = 1;
});
