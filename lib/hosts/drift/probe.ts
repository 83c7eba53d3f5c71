import { createHash } from "node:crypto";
import type { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { launcher } from "../launcher";
import { type StepText, stepWord } from "../stepText";
import { type Finding, isFailure, printable, readCheck } from "./checkOutput";
import { HostSession, type KnownConnection } from "./hostSession";
import type { DriftPolicy } from "./policy";
import type { Result } from "./rootShell";
import { affect, failWhereNoProgram, inState, isAffected, reportRefused, reportUnchecked, supportsTransforms, thisRun } from "./run";

/** What the checks of a part need. */
interface Subject {
    connection: KnownConnection;
    texts: StepText[];
    stdin: string;
}

/** What was seen of a part, and whether that was by another description than that of its last run. */
interface Seen {
    findings: Finding[];
    isChanged: boolean;
}

export interface ProbeArgs<T = unknown> {
    /** What messages call the host. */
    host: string;
    policy: DriftPolicy;
    urn: pulumi.Output<string>;
    connection: pulumi.Output<T>;
    /** Its steps. */
    texts: pulumi.Output<StepText[]>;
    /** All of them, as the host gets them. */
    stdin: pulumi.Output<string>;
    /** The parts that come before this one. */
    after: readonly pulumi.Resource[];
    /** The part's resource, once its constructor has returned. */
    resource: () => remote.Command;
}

/** What a part's resource gets so that a change that somebody made on the host is one that Pulumi sees, or nothing where hosts are not looked at. */
export interface Update {
    /** An input of the resource. */
    update?: pulumi.Output<string | undefined>;
    /** An option. */
    ignoreChanges?: string[];
}

/**
 * @pulumi/command never reads a host, so the text of each step runs with `check` while the program runs. What the state has as `update` command stays as it is
 * where nothing differs; a difference becomes another one, which Pulumi shows and runs in place. It is an input like others, not a transform: callbacks of
 * transforms run outside the SDK's asynchronous context, where secrets are not sealed and messages are lost once a component provider runs the program.
 */
export function updateOf(args: ProbeArgs): Update {
    if (!args.policy.check || !supportsTransforms()) return { ignoreChanges: ["update"] };
    return { update: pulumi.output(update(args)) };
}

async function update(args: ProbeArgs): Promise<string | undefined> {
    // All hosts and parts at once, without waiting for the parts before this one.
    const looking = holdingProgram(look(args));
    thisRun().looks.push(looking);
    const [{ update: before }, early] = await Promise.all([inState(args.urn), looking]);
    await Promise.all(args.after.map(isDone));
    const isAfterChange = args.after.some(isAffected);
    if (!early || early.isChanged || isAfterChange) affect(args.resource());
    if (!early) return before;
    // What a preview has shown is run, also where an earlier part has repaired it by then: a saved plan would not hold otherwise.
    const isShown = saidIn(early.findings, "differences").length > 0;
    // An answer from before an earlier part's change no longer counts.
    const seen = isShown || !isAfterChange || pulumi.runtime.isDryRun() ? early : await holdingProgram(look(args));
    if (!seen) return before;
    const differences = saidIn(seen.findings, "differences");
    // Not awaited: a message on a resource waits for the resource, which waits for this.
    for (const difference of differences) void pulumi.log.info(`${args.host}: ${difference}`, args.resource());
    if (pulumi.runtime.isDryRun())
        for (const text of saidIn(seen.findings, "follows")) void pulumi.log.info(`${args.host}: then ${text}`, args.resource());
    // A part that runs says by itself what it meets.
    if (seen.isChanged) return before;
    const runs = differences.length > 0 && !pulumi.runtime.isDryRun();
    const unchecked = uncheckedIn(seen.findings);
    if (unchecked && !runs) {
        reportUnchecked(unchecked.host ?? args.host, unchecked.why, args.policy.strict);
        if (args.policy.strict || !pulumi.runtime.isDryRun()) await failWhereNoProgram();
    }
    if (differences.length === 0) return before;
    affect(args.resource());
    // With the one before, so that a second, identical drift is a change too; not with the time, so that it is the same in a preview and in its `up`.
    const number = createHash("sha256").update(JSON.stringify([before, differences]));
    return `${launcher("ensure")} # differs ${number.digest("hex").slice(0, 12)}`;
}

function saidIn(findings: readonly Finding[], kind: "differences" | "follows"): string[] {
    return findings.flatMap(finding => (finding.checked ? finding[kind] : []));
}

/** The first step that could not be looked at, unless one before it differs, which may be why: then the part runs, and tells. */
function uncheckedIn(findings: readonly Finding[]) {
    for (const finding of findings) {
        if (!finding.checked) return finding;
        if (finding.differences.length > 0) return undefined;
    }
    return undefined;
}

/** The resource is made, has failed or was skipped. */
export async function isDone(resource: pulumi.Resource): Promise<void> {
    await (resource.urn as unknown as { promise(): Promise<string> }).promise().catch(() => {});
}

/**
 * While a resource or an output waits for a look, nothing else holds Node.js: sockets of sessions do not. Only for looks: a step before that has failed may never be done
 * for the SDK, and the program has to end then.
 */
async function holdingProgram<T>(promise: Promise<T>): Promise<T> {
    const holding = setInterval(() => {}, 1000);
    try {
        return await promise;
    } finally {
        clearInterval(holding);
    }
}

/** @returns nothing for a part that is new or not known yet, or that has changed in an `up`: Pulumi will run it anyhow */
async function look({ host, policy, urn, ...outputs }: ProbeArgs): Promise<Seen | undefined> {
    try {
        const { exists, stdin } = await inState(urn);
        const subject = exists ? await known(outputs) : undefined;
        if (!subject) return undefined;
        const isChanged = stdin !== undefined && stdin !== subject.stdin;
        if (isChanged && !pulumi.runtime.isDryRun()) return undefined;
        return { findings: await check(subject, policy), isChanged };
    } catch (error) {
        return { findings: [{ checked: false, why: printable(explain(error, host)) }], isChanged: false };
    }
}

async function known(outputs: Pick<ProbeArgs, "connection" | "texts" | "stdin">): Promise<Subject | undefined> {
    const values = pulumi.all([outputs.connection, outputs.texts, outputs.stdin]);
    const { isKnown, promise } = values as unknown as {
        isKnown: Promise<boolean>;
        promise(): Promise<[KnownConnection, StepText[], string]>;
    };
    if (!(await isKnown)) return undefined;
    const [connection, texts, stdin] = await promise.call(values);
    return { connection, texts, stdin };
}

/** @returns nothing where it cannot be looked at */
export async function lookOnce(
    connection: pulumi.Output<unknown>,
    text: pulumi.Output<StepText>,
    { label, drift }: { label: string; drift: DriftPolicy },
): Promise<Finding | undefined> {
    if (!supportsTransforms()) return undefined;
    const subject = await known({ connection, texts: text.apply(one => [one]), stdin: pulumi.output("") });
    if (!subject) return undefined;
    const looking = check(subject, drift).catch((error): Finding[] => [{ checked: false, why: explain(error, label) }]);
    return (await holdingProgram(looking))[0];
}

/** A dead host costs its time once. */
function sessionOf(connection: KnownConnection, { connectSeconds }: DriftPolicy): Promise<HostSession> {
    const { sessions } = thisRun();
    const key = JSON.stringify(connection);
    const session = sessions.get(key) ?? HostSession.open(connection, connectSeconds, () => sessions.delete(key));
    sessions.set(key, session);
    return session;
}

async function check({ connection, texts }: Subject, policy: DriftPolicy): Promise<Finding[]> {
    const session = await sessionOf(connection, policy);
    // A check changes nothing, so that none waits for another.
    const ask = () => Promise.all(texts.map(text => session.check(stepWord(text), policy.checkSeconds)));
    const read = (answers: Result[]) => answers.map(({ code, stdout, stderr }) => readCheck(code, stdout, stderr));
    const answers = await ask();
    const findings = read(answers);
    const failed = answers.filter(({ code }) => code !== 0);
    const mayPass = failed.length > 0 && failed.every(({ code }) => isFailure(code));
    // The host may have changed between two of them: one saw a database that was down, and the next, whose business that is, one that was up again.
    return mayPass && saidIn(findings, "differences").length === 0 ? ask().then(read, () => findings) : findings;
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
        try {
            await holdingProgram(sessionOf(login, policy));
            return known;
        } catch (error) {
            if (!isRefusal(error) && !isAnotherHost(error)) return known;
            reportRefused(host, explain(error, host));
            return { ...known, dialErrorLimit: 0, ...(login.proxy && { proxy: { ...login.proxy, dialErrorLimit: 0 } }) };
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
