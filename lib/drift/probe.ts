import type { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import * as state from "@pulumi/pulumi/runtime/state";
import { launcher } from "../launcher";
import { type Finding, printable, readCheck } from "./checkOutput";
import { HostSession, type KnownConnection } from "./hostSession";
import type { DriftPolicy } from "./policy";
import { affect, inState, isAffected, reportRefused, reportUnchecked } from "./run";

/** What a step's check needs. */
interface Subject {
    connection: KnownConnection;
    stdin: string;
}

export interface ProbeArgs<T = unknown> {
    /** What messages call the host. */
    host: string;
    policy: DriftPolicy;
    urn: pulumi.Output<string>;
    connection: pulumi.Output<T>;
    stdin: pulumi.Output<string>;
    /** The steps that come before this one. */
    after: readonly pulumi.Resource[];
    /** The step's resource, once its constructor has returned. */
    resource: () => remote.Command;
}

/** Options by which a step's resource is looked at, or not. */
export function driftOptions(args: ProbeArgs): pulumi.CustomResourceOptions {
    return args.policy.check && supportsTransforms() ? { transforms: [probe(args)] } : { ignoreChanges: ["update"] };
}

/** Mocks, as in unit tests of a program, support no transforms; nor do engines older than 3.120. The SDK's public part does not tell. */
function supportsTransforms(): boolean {
    return (state as unknown as { getStore(): { supportsTransforms: boolean } }).getStore().supportsTransforms;
}

/**
 * A transform that makes a change of what somebody changed on the host. @pulumi/command never reads a host, so this runs the text of the step with
 * `check` while the program runs. A difference becomes a new `update` command, which Pulumi shows and runs in place; otherwise `update` is
 * ignored, whatever the state holds. Nothing in a transform may throw, or the program fails after half a minute.
 */
function probe(args: ProbeArgs): pulumi.ResourceTransform {
    // All hosts and steps at once, without waiting for the steps before this one.
    const early = look(args, () => known(args.connection, args.stdin));
    return async ({ props, opts }) => {
        const unchanged = {
            props,
            opts: { ...opts, ignoreChanges: [...((opts as pulumi.CustomResourceOptions).ignoreChanges ?? []), "update"] },
        };
        let finding = await early;
        const isAfterChange = args.after.some(isAffected);
        if (isAfterChange) affect(args.resource());
        // The early answer no longer counts where an earlier step has changed something; in a preview none does.
        if (finding && isAfterChange && !pulumi.runtime.isDryRun()) {
            finding = await look(args, () => known(pulumi.output(props.connection), pulumi.output(props.stdin)));
        }
        if (!finding) {
            affect(args.resource());
            return unchanged;
        }
        if (!finding.checked) {
            reportUnchecked(finding.host ?? args.host, finding.why, args.policy.strict);
            return unchanged;
        }
        if (finding.differences.length === 0) return unchanged;
        affect(args.resource());
        // Not awaited: a message on a resource waits for the resource, which waits for this.
        for (const difference of finding.differences) void pulumi.log.info(`${args.host}: ${difference}`, args.resource());
        // The time makes a second, identical drift a change too.
        return { props: { ...props, update: `${launcher("ensure")} # differs ${new Date().toISOString()}` }, opts };
    };
}

/** @returns nothing for a step that is new, changed or not known yet: Pulumi will run it anyhow */
async function look({ host, policy, urn }: ProbeArgs, read: () => Promise<Subject | undefined>): Promise<Finding | undefined> {
    try {
        const { exists, stdin } = await inState(urn);
        const subject = exists ? await read() : undefined;
        if (!subject || (stdin !== undefined && stdin !== subject.stdin)) return undefined;
        return await check(subject, policy);
    } catch (error) {
        return { checked: false, why: printable(explain(error, host)) };
    }
}

async function known(connectionOutput: pulumi.Output<unknown>, stdinOutput: pulumi.Output<unknown>): Promise<Subject | undefined> {
    const values = pulumi.all([connectionOutput, stdinOutput]);
    const { isKnown, promise } = values as unknown as { isKnown: Promise<boolean>; promise(): Promise<[KnownConnection, string]> };
    if (!(await isKnown)) return undefined;
    const [connection, stdin] = await promise.call(values);
    return { connection, stdin };
}

const sessions = new Map<string, Promise<HostSession>>();

/** A dead host costs its time once. */
function sessionOf(connection: KnownConnection, { connectSeconds }: DriftPolicy): Promise<HostSession> {
    const key = JSON.stringify(connection);
    const session = sessions.get(key) ?? HostSession.open(connection, connectSeconds);
    sessions.set(key, session);
    return session;
}

async function check({ connection, stdin }: Subject, policy: DriftPolicy): Promise<Finding> {
    const session = await sessionOf(connection, policy);
    const { code, stdout, stderr } = await session.check(stdin, policy.checkSeconds);
    return readCheck(code, stdout, stderr);
}

/**
 * The connection for the provider, which dials again whatever a host says, while sshd penalises each key that it refuses (PerSourcePenalties of OpenSSH 9.8
 * and later). Where a step will run on a host that refuses the login, or that is another one, the provider asks it once, and the reason is told in our words.
 */
export function dialledOnceWhereRefused<T>({ host, policy, urn, connection, stdin }: ProbeArgs<T>): pulumi.Output<T> {
    if (!policy.check || !supportsTransforms() || pulumi.runtime.isDryRun()) return connection;
    return connection.apply(async known => {
        const before = await inState(urn);
        // Not by `all`, by which the connection would depend on what the text depends on.
        const text = await (stdin as unknown as { promise(): Promise<string> }).promise().catch(() => {});
        // The provider asks nobody for what is as it was.
        if (before.exists && before.stdin === text) return known;
        const login = known as unknown as KnownConnection;
        // Before the resource is registered nothing else holds Node.js, since the session's sockets do not.
        const holding = setInterval(() => {}, 1000);
        try {
            await sessionOf(login, policy);
            return known;
        } catch (error) {
            if (!isRefusal(error) && !isAnotherHost(error)) return known;
            reportRefused(host, explain(error, host));
            return { ...known, dialErrorLimit: 0, ...(login.proxy && { proxy: { ...login.proxy, dialErrorLimit: 0 } }) };
        } finally {
            clearInterval(holding);
        }
    });
}

function isAnotherHost(error: unknown): boolean {
    return /Host denied|verification failed/i.test((error as Error).message);
}

function isRefusal(error: unknown): boolean {
    return (error as { level?: string }).level === "client-authentication";
}

function explain(error: unknown, host: string): string {
    const { message, code } = error as NodeJS.ErrnoException;
    if (isRefusal(error))
        return `it refuses the login: neither the private key, nor the agent's, nor the password opens it; compare the arguments of connection with 'journalctl -u ssh' on ${host}`;
    if (code === "ECONNREFUSED") return "nothing listens on its ssh port";
    if (code === "EHOSTUNREACH" || code === "ENETUNREACH") return "there is no way to it; is it on?";
    if (code === "ENOTFOUND") return "its name does not resolve";
    if (isAnotherHost(error))
        return `the host key is not the one that the description pins; if ${host} was reinstalled, describe its new hostKey`;
    // Hardened to key exchanges of its own, mostly those against quantum computers alone (mlkem768x25519-sha256), which Go's ssh has and ssh2 has not.
    const missing = /no matching (key exchange|host key|[CS]->[CS] \w+)/i.exec(message)?.[1];
    if (missing)
        return `its sshd and this side have no ${missing} algorithm in common; allow one that ssh2 knows beside its own, such as curve25519-sha256 (KexAlgorithms in sshd_config)`;
    return message || String(code ?? error);
}
