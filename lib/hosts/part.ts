import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { ConnectionArgs } from "./connection";
import { remoteConnection } from "./connection";
import type { Finding } from "./drift/checkOutput";
import type { DriftPolicy } from "./drift/policy";
import { dialledOnceWhereRefused, isDone, lookOnce, updateOf } from "./drift/probe";
import { launcher, launcherAbout } from "./launcher";
import { renderPart, type StepName, type StepText, type StepValue } from "./stepText";

/** A machine that steps run on. */
export interface StepHost {
    /** What messages and previews call it. */
    label: string;
    connection: ConnectionArgs;
    drift: DriftPolicy;
}

/** What is to be true of a host. */
export interface Step {
    step: StepName;
    subject?: string;
    values: Record<string, pulumi.Input<StepValue>>;
    /** @default 600 */
    timeLimitSeconds?: number;
    /** Whether destroying the part runs the step's `undo`, and for how many seconds it may. @default none; true is `timeLimitSeconds` */
    undo?: boolean | number;
    /** Whether it runs also where an earlier step of the part has failed. @default false */
    evenAfterFailure?: boolean;
}

export interface PartArgs {
    host: StepHost;
    /** For a preview: what the part makes, nothing secret. */
    about: string;
    steps: readonly Step[];
}

export interface PartOptions {
    parent: pulumi.Resource;
    dependsOn?: pulumi.Resource[];
    /**
     * Parts before this one, whose failure is no reason to skip it, and that may leave the program: what this one has in Pulumi's state must not depend on them.
     */
    waitsFor?: remote.Command[];
    /** Names of the resource in states of earlier versions, which had one for each step. */
    formerly?: string[];
}

/** Declares that steps are true of a host, in this order, over one login: the only place where the library meets a host. */
export function declarePart(name: string, { host, about, steps }: PartArgs, opts: PartOptions): remote.Command {
    const { parent, dependsOn = [], waitsFor = [], formerly = [] } = opts;
    const declaredBy = `${pulumi.getProject()}/${pulumi.getStack()}/${name}`;
    const texts = pulumi.all(steps.map(step => textOf(step, host, declaredBy)));
    const stdin = texts.apply(renderPart);
    const probe = {
        host: host.label,
        policy: host.drift,
        urn: pulumi.createUrn(name, "command:remote:Command", parent),
        connection: pulumi.output(remoteConnection(host.connection, host.label)),
        ...{ texts, stdin },
        after: [...dependsOn, ...waitsFor],
        resource: () => command,
    };
    const { update, ignoreChanges } = updateOf(probe);
    const command = new remote.Command(
        name,
        {
            connection: dialledOnceWhereRefused(probe),
            create: launcherAbout("ensure", `${host.label}: ${about}`),
            ...(steps.some(({ undo }) => undo) && { delete: launcher("undo") }),
            ...(update && { update: update as pulumi.Output<string> }),
            stdin: waitsFor.length === 0 ? stdin : stdin.apply(text => Promise.all(waitsFor.map(isDone)).then(() => text)),
            logging: "stderr",
            addPreviousOutputInEnv: false,
        },
        { ignoreChanges, parent, dependsOn, aliases: formerly.map(former => ({ name: former })) },
    );
    return command;
}

function textOf({ values, undo, timeLimitSeconds = 600, ...step }: Step, host: StepHost, declaredBy: string): pulumi.Output<StepText> {
    const undoLimitSeconds = undo === true ? timeLimitSeconds : undo || undefined;
    return pulumi.output(values).apply(
        (known): StepText => ({
            ...{ ...step, host: host.label, declaredBy, timeLimitSeconds, undoLimitSeconds },
            values: known as Record<string, StepValue>,
        }),
    );
}

/** Looks at a host for one step, whatever the state has of it. @returns nothing where that is not possible */
export async function lookNow(host: StepHost, step: Step): Promise<Finding | undefined> {
    // A check does not tell who declares what it finds.
    return lookOnce(pulumi.output(remoteConnection(host.connection, host.label)), textOf(step, host, "nobody"), host);
}
