import * as pulumi from "@pulumi/pulumi";
import * as store from "@pulumi/pulumi/runtime/state";
import { LateProblem } from "../../description/problems";
import { ownsProcess, perRun } from "../perRun";
import type { HostSession } from "./hostSession";

type State = Readonly<Record<string, { outputs?: Omit<InState, "exists"> }>>;

export interface InState {
    exists: boolean;
    stdin?: unknown;
    update?: string;
    triggers?: string[];
}

/** What the checks of one run of the program share. */
interface Run {
    state?: Promise<State | undefined>;
    /** Hosts of which it has been told why they could not be looked at. */
    reported: Set<string>;
    looks: Promise<unknown>[];
    sessions: Map<string, Promise<HostSession>>;
}

export const thisRun = perRun((): Run => ({ reported: new Set(), looks: [], sessions: new Map() }));

/** Mocks, as in unit tests of a program, support no transforms; nor do engines older than 3.120. */
export function supportsTransforms(): boolean {
    return (store as unknown as { getStore(): { supportsTransforms: boolean } }).getStore().supportsTransforms;
}

/**
 * What the stack's state has of a step: the engine's own answer, asked for once. A step that is not there needs no check, since its creation
 * begins with one, and its host may not even exist. Where the state cannot be had, every step counts as there.
 */
export async function inState(urn: pulumi.Output<string>): Promise<InState> {
    const run = thisRun();
    run.state ??= readState();
    const resources = await run.state;
    if (resources === undefined) return { exists: true };
    const text = await new Promise<string>(resolve => {
        urn.apply(resolve);
    });
    const { stdin, update, triggers } = resources[text]?.outputs ?? {};
    return { exists: text in resources, stdin, update, triggers };
}

/** The engine writes the state meanwhile, and a file of a local backend can be read half-written: its `.attrs` is truncated, then written. */
async function readState(attempts = 5): Promise<State | undefined> {
    const stackName = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
    try {
        const { outputs } = await pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", { stackName });
        return outputs;
    } catch {
        if (attempts === 1) return undefined;
        await new Promise(resolve => setTimeout(resolve, 100));
        return readState(attempts - 1);
    }
}

/**
 * Once for each host: the others of its steps say the same. A failure in an `up`, which succeeds only where HRM can run a job on every GPU, and where a preview is
 * to be strict.
 */
export function reportUnchecked(host: string, why: string, strict: boolean): void {
    if (isReported(host)) return;
    const message = `${host}: not looked at for changes made by hand: ${why}`;
    const isUp = !pulumi.runtime.isDryRun();
    if (!isUp && !strict) {
        void pulumi.log.warn(message);
        return;
    }
    const reason = isUp
        ? "so nobody knows whether HRM can use it; a node that is away for a while gets maintenance: true"
        : "HRM_DRIFT=strict makes this a failure";
    void pulumi.log.error(`${message} (${reason})`);
    // An error in the log alone leaves Pulumi's exit code at 0. This one says that the reason has been told. For an inline program the error is enough, and the
    // exit code is another's.
    if (ownsProcess()) process.exitCode = 32;
}

/**
 * A component provider lives on after the run, so that its exit code tells nobody anything: the component fails, once all that is wrong has been told.
 * @throws LateProblem in a component provider
 */
export async function failWhereNoProgram(): Promise<void> {
    if (pulumi.runtime.getStackResource()) return;
    await Promise.allSettled(thisRun().looks);
    throw new LateProblem("not every host could be looked at; each is named above");
}

/** A host that does not let us in, in an `up`, whose steps fail because of it. */
export function reportRefused(host: string, why: string): void {
    if (!isReported(host)) void pulumi.log.error(`${host}: ${why}`);
}

function isReported(host: string): boolean {
    const { reported } = thisRun();
    if (reported.has(host)) return true;
    reported.add(host);
    return false;
}

// Steps that change a host in this run, and those that come after them: what was seen before is no longer sure for these.
const affected = new WeakSet<pulumi.Resource>();

/** A step is about to change a host, or comes after one that does. */
export function affect(step: pulumi.Resource): void {
    affected.add(step);
}

export function isAffected(step: pulumi.Resource): boolean {
    return affected.has(step);
}
