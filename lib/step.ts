import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { ConnectionArgs } from "./connection";
import { remoteConnection } from "./connection";
import type { DriftPolicy } from "./drift/policy";
import { dialledOnceWhereRefused, updateOf } from "./drift/probe";
import { launcher, launcherAbout } from "./launcher";
import { renderStep, type StepName, type StepValue } from "./stepText";

/** A machine that steps run on. */
export interface StepHost {
    /** What messages and previews call it. */
    label: string;
    connection: ConnectionArgs;
    drift: DriftPolicy;
}

export interface StepArgs {
    host: StepHost;
    step: StepName;
    subject?: string;
    /** For a preview, after the name of the step: `account on huygens1: ABOUT`. Nothing secret. */
    about: string;
    values: Record<string, pulumi.Input<StepValue>>;
    /** @default 600 */
    timeLimitSeconds?: number;
    /** Whether destroying the resource runs the step's `undo`. */
    undo?: boolean;
}

export interface StepOptions {
    parent: pulumi.Resource;
    dependsOn?: remote.Command[];
    /**
     * More steps before this one, which may leave the program: what this one has in Pulumi's state must not depend on them. The engine panics where
     * they are deleted in a run in which this one is skipped, and leaves a broken state.
     */
    waitsFor?: remote.Command[];
}

/** Declares that a step is true of a host: the only place where the library meets a host. */
export function declareStep(name: string, args: StepArgs, opts: StepOptions): remote.Command {
    const { host, step, subject, timeLimitSeconds = 600 } = args;
    const { parent, dependsOn = [], waitsFor = [] } = opts;
    const declaredBy = `${pulumi.getProject()}/${pulumi.getStack()}/${name}`;
    const stdin = pulumi
        .output(args.values)
        .apply((values): string =>
            renderStep({ step, subject, host: host.label, declaredBy, timeLimitSeconds, values: values as Record<string, StepValue> }),
        );
    const probe = {
        host: host.label,
        policy: host.drift,
        urn: pulumi.createUrn(name, "command:remote:Command", parent),
        connection: pulumi.output(remoteConnection(host.connection, host.label)),
        stdin,
        after: [...dependsOn, ...waitsFor],
        resource: () => command,
    };
    const { update, ignoreChanges } = updateOf(probe);
    const command = new remote.Command(
        name,
        {
            connection: dialledOnceWhereRefused(probe),
            create: launcherAbout("ensure", `${step} on ${host.label}: ${args.about}`),
            ...(args.undo && { delete: launcher("undo") }),
            ...(update && { update: update as pulumi.Output<string> }),
            stdin,
            logging: "stderr",
            addPreviousOutputInEnv: false,
        },
        { ignoreChanges, parent, dependsOn: dependencies(dependsOn, waitsFor) },
    );
    return command;
}

/** Of `waitsFor`, those that have failed or were skipped, whose outputs are unknown: what depends on them is skipped, too. */
async function dependencies(dependsOn: remote.Command[], waitsFor: remote.Command[]): Promise<pulumi.Input<pulumi.Resource>[]> {
    const known = await Promise.all(waitsFor.map(({ stdout }) => (stdout as unknown as { isKnown: Promise<boolean> }).isKnown));
    return [...dependsOn, ...waitsFor.filter((_, index) => !known[index])];
}

/** Declares steps of one component on one host, each after the one before. */
export class StepChain {
    private last: remote.Command[];

    constructor(
        private readonly prefix: string,
        private readonly host: StepHost,
        private readonly parent: pulumi.Resource,
        after: remote.Command[] = [],
    ) {
        this.last = after;
    }

    /** The next step waits for this one, too. */
    waitFor(command: remote.Command): void {
        this.last = [...this.last, command];
    }

    add(step: StepName, args: Omit<StepArgs, "host" | "step">): remote.Command {
        const command = declareStep(
            `${this.prefix}-${step}`,
            { host: this.host, step, ...args },
            { parent: this.parent, dependsOn: this.last },
        );
        this.last = [command];
        return command;
    }
}
