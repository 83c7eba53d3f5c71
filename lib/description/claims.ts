import type { ConnectionArgs } from "../hosts/connection";
import { perRun } from "../hosts/perRun";
import { isObject } from "./arguments";
import { hostKeyProblem, withoutComment } from "./hostKey";
import type { Problems } from "./problems";
import { canonicalAddress, isLoopback } from "./rules";

/** A host, as far as a description tells it from others. */
export interface Host {
    /** Where it stands in the description. */
    path: string;
    /** What its address defaults to. */
    name?: string;
    connection?: Partial<ConnectionArgs>;
    /** Of a web host: HRM's registry is in it. */
    database?: { host?: unknown; name?: unknown };
}

/** By what two descriptions are seen to be of one host: the argument, and a text that is the same for both. */
function identities({ name, connection, database }: Omit<Host, "path">): { argument: string; identity: string; why: string }[] {
    return [...identitiesOfConnection(name, connection), ...identitiesOfDatabase(database)];
}

/** The one on the web host itself is that host's. */
function identitiesOfDatabase(database: Host["database"]) {
    const { host, name = "hrm" } = isObject(database) ? database : {};
    if (typeof host !== "string" || isLoopback(host)) return [];
    return [
        { argument: "database", identity: `${canonicalAddress(host)} ${name}`, why: "each cluster would take the other's servers out" },
    ];
}

function identitiesOfConnection(name: string | undefined, connection: Host["connection"]) {
    if (!isObject(connection)) return [];
    const { hostKey, host = name, port = 22, proxy } = connection as Partial<ConnectionArgs>;
    const found = [];
    if (typeof hostKey === "string" && !hostKeyProblem(hostKey))
        found.push({
            argument: "connection.hostKey",
            identity: withoutComment(hostKey).key,
            why: "one host under two names, or hosts cloned with their keys",
        });
    // Behind a bastion, an address is the bastion's own; on another port it may be a tunnel to another host.
    const way = proxy === undefined ? "" : typeof proxy?.host === "string" ? canonicalAddress(proxy.host) : proxy?.host;
    if (typeof host === "string" && typeof port === "number" && (way === "" || typeof way === "string"))
        found.push({
            argument: "connection.host",
            identity: `${canonicalAddress(host)} ${port} ${way}`,
            why: "one host under two names",
        });
    return found;
}

/** Adds a problem for each host that is another one, too; where many are the same, one for all. */
export function checkDistinctIdentities(problems: Problems, hosts: readonly Host[]): void {
    const seen = new Map<string, { path: string; others: string[]; argument: string; why: string }>();
    for (const { path, ...host } of hosts) {
        for (const { identity, ...rest } of identities(host)) {
            const first = seen.get(identity);
            if (first) first.others.push(path);
            else seen.set(identity, { path, others: [], ...rest });
        }
    }
    const told = new Set<string>();
    for (const { path, others, argument, why } of seen.values()) {
        const [next, ...more] = others.filter(other => !told.has(other));
        if (next === undefined) continue;
        for (const other of others) told.add(other);
        problems.add(`${next}.${argument}`, `is that of ${path} too${more.length > 0 ? `, and of ${listed(more)}` : ""}: ${why}`);
    }
}

function listed(paths: string[]): string {
    return paths.length <= 3 ? paths.join(", ") : `${paths.slice(0, 2).join(", ")} and ${paths.length - 2} more`;
}

const claimsOfThisRun = perRun(() => new Map<string, string>());

/** The component describes this host: a second cluster of the program would undo on it what the first does. */
export function claim(component: string, host: Omit<Host, "path">): void {
    for (const { identity } of identities(host)) claimsOfThisRun().set(identity, component);
}

/** Adds a problem where another component of this program describes the host. */
export function checkUnclaimed(problems: Problems, component: string, { path, ...host }: Host): void {
    for (const { argument, identity, why } of identities(host)) {
        const by = claimsOfThisRun().get(identity);
        if (by === undefined || by === component) continue;
        problems.add(
            `${path}${argument}`,
            `is that of ${by} too: ${argument === "database" ? why : "one host in two clusters, or twice in one"}`,
        );
        return;
    }
}
