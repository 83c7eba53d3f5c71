/** `command:remote:CopyToRemote`, after provider/pkg/provider/remote/copyController.go of pulumi-command 1.2.1. */
import { randomBytes } from "node:crypto";
import type { Failure, Operation, Resource } from "../../provider/resource";
import { inside, isArchive, isAsset, isUnknown, type Properties, plain, type Wire } from "../../provider/wire";
import { checkConnection, readConnection } from "./connection";
import { dial } from "./dial";
import { problems, type Type } from "./fields";
import { Remote } from "./sftp";
import { copyPath, copyText } from "./tree";

const FIELDS: Record<string, Type> = { remotePath: "string", triggers: "[]interface {}" };

export const copyToRemote: Resource = {
    outputs: [],

    replaces: path => path === "triggers",

    check(inputs) {
        const { value, failures } = checkConnection(inputs.connection);
        inside(inputs.source ?? null, source => {
            failures.push(...checkSource(source));
            return source;
        });
        for (const { field, reason } of problems("remote.CopyToRemoteInputs", FIELDS, ["connection", "source"], inputs)) {
            failures.push({ property: field, reason });
        }
        if (inputs.remotePath === undefined)
            failures.push({ property: "remotePath", reason: "Missing required field 'remotePath' on 'remote.CopyToRemoteInputs'" });
        return { inputs: { ...inputs, connection: value }, failures };
    },

    async create(operation, inputs) {
        await copy(operation, inputs);
        return { id: randomBytes(4).toString("hex"), state: inputs };
    },

    // Another connection alone copies nothing.
    async update(operation, state, inputs) {
        const olds = plain(state) as Properties;
        const news = plain(inputs) as Properties;
        if (hash(olds) !== hash(news) || olds.remotePath !== news.remotePath) await copy(operation, inputs);
        return inputs;
    },

    async delete() {},
};

const hash = (inputs: Properties) => (inputs.source as Properties | undefined)?.hash;

function checkSource(source: Wire): Failure[] {
    if (isUnknown(source)) return [];
    const fault = (property: string, reason: string) => [{ property, reason }];
    if (isAsset(source)) {
        const usable = source.path || typeof source.text === "string";
        return usable && !source.uri ? [] : fault("asset", "asset must be a path-based file asset or a text asset");
    }
    if (isArchive(source)) return source.path ? [] : fault("archive", "archive must be a path to a file or directory");
    return fault("asset", "either asset or archive must be set");
}

async function copy(operation: Operation, inputs: Properties): Promise<void> {
    const { source, remotePath } = plain(inputs) as { source: Properties; remotePath: string };
    const { client, close } = await dial(operation, readConnection(inputs.connection));
    try {
        const remote = await Remote.open(client);
        if (source.path) await copyPath(remote, source.path as string, remotePath);
        else await copyText(remote, (source.text ?? "") as string, remotePath);
    } finally {
        close();
    }
}
