import { createHash } from "node:crypto";
import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { Download } from "../description/download";
import { remoteConnection } from "./connection";
import { inState, supportsTransforms } from "./drift/run";
import { lookNow, type Step, type StepHost } from "./part";

/**
 * A step that takes a file: its values `sha256`, `address` and `brought` are about it (lib/steps/fetch.sh). With the resource that brings the file, where it is on this machine.
 * @param name of that resource
 */
export function declareDownload(
    name: string,
    host: StepHost,
    { sha256, from }: Download,
    { values, ...taking }: Step,
    opts: { parent: pulumi.Resource; dependsOn: pulumi.Resource[] },
): { step: Step; files: pulumi.Resource[] } {
    const brought = `pulumi-hrm-${taking.step}-${sha256.slice(0, 12)}`;
    const step: Step = { ...taking, values: { ...values, sha256, brought, address: "address" in from ? from.address : "" } };
    return { step, files: "file" in from ? [declareFile(name, { host, file: from.file, brought, step }, opts)] : [] };
}

interface FileArgs {
    host: StepHost;
    /** On the machine that runs Pulumi. */
    file: string;
    /** What it is called in the home of the login, where nobody else writes. */
    brought: string;
    /** What takes it from there, and away. */
    step: Step;
}

/** Declares that a file is brought to a host for a step to take: ahead of the step's part, and again where the host has lost what the step made of it. */
function declareFile(name: string, args: FileArgs, opts: { parent: pulumi.Resource; dependsOn: pulumi.Resource[] }): remote.CopyToRemote {
    const urn = pulumi.createUrn(name, "command:remote:CopyToRemote", opts.parent);
    return new remote.CopyToRemote(
        name,
        {
            connection: remoteConnection(args.host.connection, args.host.label),
            source: new pulumi.asset.FileAsset(args.file),
            remotePath: args.brought,
            triggers: pulumi.output(triggers(urn, args)),
        },
        { ...opts, ...(!args.host.drift.check && { ignoreChanges: ["triggers"] }) },
    );
}

/** The provider does not know whether the file is still there, nor that the host is another one. */
async function triggers(urn: pulumi.Output<string>, { host, step }: FileArgs): Promise<string[]> {
    if (!host.drift.check || !supportsTransforms()) return [];
    const { exists, triggers: before = [] } = await inState(urn);
    const finding = exists ? await lookNow(host, step) : undefined;
    if (!finding?.checked || finding.differences.length === 0) return before;
    // As for `update` of a part: the same in a preview and in its `up`.
    const sum = createHash("sha256")
        .update(JSON.stringify([before, finding.differences]))
        .digest("hex");
    return [sum.slice(0, 12)];
}
