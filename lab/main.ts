/** `npm run lab`: the lab's command line. */
import { join } from "node:path";
import { EngineError } from "../engine/error";
import { type Arguments, parseArguments, usage } from "./arguments";
import { attach, insideCommand } from "./host";
import { type Lab, labDown, labOpen, labUp } from "./lab";
import { checkName } from "./names";
import { statusTable } from "./status";

const log = (line: string) => console.error(line);

/** @returns the exit code */
async function main(wanted: Arguments): Promise<number> {
    switch (wanted.command) {
        case "help":
            process.stdout.write(usage);
            return 0;
        case "up": {
            const lab = await labUp({ ...wanted, log });
            process.stdout.write(statusTable(lab));
            return 0;
        }
        case "status":
            process.stdout.write(statusTable(await labOpen(wanted.name)));
            return 0;
        case "exec":
            return execute(await labOpen(wanted.name), wanted.host, wanted.words);
        case "ssh":
            return ssh(await labOpen(wanted.name), wanted.host, wanted.words);
        case "down": {
            const found = await labDown(checkName(wanted.name), log);
            console.log(found ? `lab ${wanted.name} is gone` : `there is no lab named ${wanted.name}`);
            return 0;
        }
    }
}

/** One word is a shell command line, several are a program and its arguments. */
function execute(lab: Lab, host: string, words: string[]): Promise<number> {
    const { program, args, env } = insideCommand(lab.name, lab.host(host).name, words.length === 1 ? ["sh", "-c", words[0]!] : words);
    return attach(program, args, env);
}

/** The real ssh, with the lab's key and known hosts and nothing of the person's own configuration. */
function ssh(lab: Lab, host: string, words: string[]): Promise<number> {
    const options = ["IdentitiesOnly=yes", "StrictHostKeyChecking=yes", `UserKnownHostsFile=${join(lab.folder, "known_hosts")}`];
    const target = `${lab.admin.user}@${lab.host(host).address}`;
    return attach(
        "ssh",
        ["-F", "none", "-i", lab.admin.privateKey, ...options.flatMap(option => ["-o", option]), target, ...words],
        process.env,
    );
}

async function run(): Promise<number> {
    try {
        return await main(parseArguments(process.argv.slice(2)));
    } catch (error) {
        if (!(error instanceof EngineError)) throw error;
        console.error(error.message);
        return 1;
    }
}

run().then(code => {
    process.exitCode = code;
});
