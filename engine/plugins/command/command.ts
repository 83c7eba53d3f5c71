/** `command:remote:Command`, after provider/pkg/provider/remote of pulumi-command 1.2.1. */
import { randomBytes } from "node:crypto";
import type { Operation, Resource } from "../../provider/resource";
import { type Properties, plain } from "../../provider/wire";
import { checkConnection, readConnection } from "./connection";
import { dial } from "./dial";
import { problems, type Type } from "./fields";
import { Lines } from "./lines";
import { run } from "./session";

type Logging = "stdout" | "stderr" | "stdoutAndStderr" | "none";

interface Inputs {
    create?: string;
    update?: string;
    delete?: string;
    stdin?: string;
    logging?: Logging;
    environment?: Record<string, string>;
    addPreviousOutputInEnv?: boolean;
}

interface Outputs {
    stdout: string;
    stderr: string;
}

const FIELDS: Record<string, Type> = {
    triggers: "[]interface {}",
    create: "string",
    update: "string",
    delete: "string",
    stdin: "string",
    logging: "string",
    environment: "map[string]string",
    addPreviousOutputInEnv: "bool",
};

const NOTHING: Outputs = { stdout: "", stderr: "" };

export const command: Resource = {
    outputs: ["stdout", "stderr"],

    // Single triggers (`triggers[0]`) are left to `replaceOnChanges`, which the SDKs set.
    replaces: path => path === "triggers",

    check(inputs) {
        const { value, failures } = checkConnection(inputs.connection);
        for (const { field, reason } of problems("remote.CommandInputs", FIELDS, ["connection"], inputs))
            failures.push({ property: field, reason });
        return { inputs: { ...inputs, connection: value }, failures };
    },

    async create(operation, inputs) {
        const id = `${operation.name}${randomBytes(4).toString("hex")}`;
        const { create } = plain(inputs) as Inputs;
        const outputs = create === undefined ? NOTHING : await execute(operation, create, inputs, NOTHING);
        return { id, state: { ...inputs, ...outputs } };
    },

    async update(operation, state, inputs) {
        const previous = previousOutputs(state);
        const { create, update } = plain(inputs) as Inputs;
        const text = update ?? create;
        const outputs = text === undefined ? previous : await execute(operation, text, inputs, previous);
        return { ...inputs, ...outputs };
    },

    // Everything from the state, the connection too: the program may not know this resource any more.
    async delete(operation, state) {
        const text = (plain(state) as Inputs).delete;
        if (text !== undefined) await execute(operation, text, state, previousOutputs(state));
    },
};

function previousOutputs(state: Properties): Outputs {
    const { stdout = "", stderr = "" } = plain(state) as Partial<Outputs>;
    return { stdout, stderr };
}

async function execute(operation: Operation, text: string, properties: Properties, previous: Outputs): Promise<Outputs> {
    const inputs = plain(properties) as Inputs;
    const lines = new Lines(line => operation.log("info", line, true));
    const { client, close } = await dial(operation, readConnection(properties.connection));
    try {
        return await run(client, {
            command: text,
            stdin: inputs.stdin ?? "",
            environment: inputs.environment ?? {},
            wishes: inputs.addPreviousOutputInEnv === false ? {} : previousInEnvironment(previous),
            refused: (severity, variable) => operation.log(severity, refusal(variable)),
            output: (stream, chunk) => shows(inputs.logging, stream) && lines.write(chunk),
        });
    } finally {
        lines.end();
        close();
    }
}

const shows = (logging: Logging = "stdoutAndStderr", stream: "stdout" | "stderr") => logging === stream || logging === "stdoutAndStderr";

function previousInEnvironment({ stdout, stderr }: Outputs): Record<string, string> {
    return { ...(stdout && { PULUMI_COMMAND_STDOUT: stdout }), ...(stderr && { PULUMI_COMMAND_STDERR: stderr }) };
}

function refusal(variable: string): string {
    return (
        `Unable to set '${variable}'. This only works if your SSH server is configured to accept\n\tthese variables via AcceptEnv. ` +
        "Alternatively, if a Bash-like shell runs the command on the remote host, you could\n\t" +
        "prefix the command itself with the variables in the form 'VAR=value command'"
    );
}
