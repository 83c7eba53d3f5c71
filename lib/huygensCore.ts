import * as pulumi from "@pulumi/pulumi";
import { fitting } from "./description/arguments";
import { downloadOf } from "./description/download";
import { type HuygensCoreArgs, licence } from "./description/huygensCore";
import { declareDownload } from "./hosts/file";
import { pace } from "./hosts/pace";
import type { StepHost } from "./hosts/part";

/** The step that installs it, as a list: none where it is not described. And what it takes, where that is brought from here. */
export function declareHuygensCore(
    name: string,
    host: StepHost,
    account: Record<"user" | "group", string>,
    args: HuygensCoreArgs | undefined,
    opts: { parent: pulumi.Resource; dependsOn: pulumi.Resource[] },
) {
    if (!args) return { steps: [], files: [] };
    const text = args.licence === undefined ? "" : pulumi.secret(fitting(`${name}: huygensCore.licence`, args.licence, licence));
    const lines = pulumi.output(text).apply(known =>
        known
            .split(/\r?\n/)
            .map(line => line.trim())
            .filter(line => line !== ""),
    );
    const { step, files } = declareDownload(
        `${name}-huygensCore`,
        host,
        downloadOf(args.package, args.sha256),
        { step: "huygensCore", values: { ...account, licence: lines, busy_seconds: pace.busy }, timeLimitSeconds: 3600 },
        opts,
    );
    return { steps: [step], files };
}
