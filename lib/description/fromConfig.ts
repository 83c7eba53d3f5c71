import * as pulumi from "@pulumi/pulumi";
import { checkCluster, clusterNames, HrmCluster, type HrmClusterArgs } from "../hrmCluster";
import { isLocalhost } from "../huygensNode";
import { Arguments, isObject } from "./arguments";
import { checkCommonConnection } from "./checkConnection";
import { Problems } from "./problems";

/**
 * Declares the cluster that the stack's configuration describes: the keys are those of `HrmClusterArgs`, and `admin`, which holds what the
 * connections to all hosts have in common. Keys, passphrases and passwords are treated as secrets however they were set. Where a key has a secret
 * part, so are the addresses, ports, users and host keys in it; Pulumi does not tell which part it is.
 *
 * @param config whose namespace holds nothing else. @default that of the project
 * @throws RunError with every problem, each under its path in the configuration, before any host is touched
 */
export function clusterFromConfig(name: string, config = new pulumi.Config(), opts?: pulumi.ComponentResourceOptions): HrmCluster {
    return clusterFromValues(name, config.name, configured(config.name), opts);
}

/** The values of a namespace of the configuration. */
export function configured(namespace: string): Record<string, unknown> {
    const prefix = `${namespace}:`;
    const own = Object.entries(pulumi.runtime.allConfig()).filter(([key]) => key.startsWith(prefix));
    return Object.fromEntries(own.map(([key, text]) => [key.slice(prefix.length), parsed(text)]));
}

/** Only what is no text is JSON. */
function parsed(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return text;
    }
}

/** @param namespace for the paths in messages, and to ask what is secret */
export function clusterFromValues(
    name: string,
    namespace: string,
    values: Record<string, unknown>,
    opts?: pulumi.ComponentResourceOptions,
): HrmCluster {
    const isSecret = (key: string) => isSecretKey(`${namespace}:${key}`);
    checkValues(namespace, values, isSecret);
    const admin = sealed(values.admin, isSecret("admin") !== false);
    return new HrmCluster(name, described(values, admin, key => isSecret(key) !== false) as unknown as HrmClusterArgs, opts);
}

const mayHoldSecrets = ["admin", "web", "nodes"];

function checkValues(namespace: string, values: Record<string, unknown>, isSecret: (key: string) => boolean | undefined): void {
    const problems = new Problems(`${namespace}:`);
    Arguments.of(problems, "", values, [...clusterNames, "admin"]);
    for (const key of clusterNames.filter(each => isSecret(each) && !mayHoldSecrets.includes(each))) {
        problems.add(
            key,
            `is or holds a secret, and would be readable in Pulumi's state; only ${mayHoldSecrets.join(", ")} may hold secrets`,
        );
    }
    if ("admin" in values) checkCommonConnection(problems, "admin", values.admin);
    // What all hosts have in common has been looked at, and is not to be found wrong once for each host.
    const { proxy, ...admin } = object(values.admin);
    const lookedAt = Object.fromEntries(Object.entries(admin).map(([key, value]) => [key, pulumi.secret(value)]));
    // Not sealed, or secrets would not be looked at; no message shows them.
    checkCluster(problems, described(values, lookedAt));
    problems.throwIfAny(`Configuration of stack ${pulumi.getStack()}`);
}

/**
 * The arguments of the cluster, as far as the values have the right form; the others are left for the check to find.
 * @param isSecret whether all of a key is one. Without it, nothing is sealed
 */
function described(values: Record<string, unknown>, admin: unknown, isSecret?: (key: string) => boolean): Record<string, unknown> {
    const args = Object.fromEntries(clusterNames.filter(key => key in values).map(key => [key, values[key]]));
    const seal = (key: string) => (connection: unknown) => (isSecret ? sealed(connection, isSecret(key)) : connection);
    if (isObject(args.web)) args.web = withLogin(isSecret ? withSecrets(args.web) : args.web, admin, seal("web"));
    if (isObject(args.nodes)) {
        args.nodes = Object.fromEntries(
            // The web host as its own node is reached as the web host.
            Object.entries(args.nodes).map(([name, node]) => [name, isLocalhost(name) ? node : withLogin(node, admin, seal("nodes"))]),
        );
    }
    return args;
}

function withLogin(host: unknown, admin: unknown, seal: (connection: unknown) => unknown): unknown {
    if (!isObject(host)) return host;
    const { connection = {} } = host;
    return isObject(connection) ? { ...host, connection: { ...object(admin), ...object(seal(connection)) } } : host;
}

function withSecrets(web: unknown): unknown {
    const { database, keySeed, adminPassword } = object(web);
    return {
        ...object(web),
        ...(isObject(database) && "password" in database && { database: { ...database, password: secret(database.password) } }),
        ...(keySeed !== undefined && { keySeed: secret(keySeed) }),
        ...(adminPassword !== undefined && { adminPassword: secret(adminPassword) }),
    };
}

const alwaysSecret = ["privateKey", "privateKeyPassword", "password"];

/** A connection with its secrets as outputs, so that no message shows them. @param all whether everything in it is made a secret */
function sealed(connection: unknown, all: boolean): unknown {
    if (!isObject(connection)) return connection;
    return Object.fromEntries(
        Object.entries(connection).map(([name, value]) => {
            if (name === "proxy") return [name, sealed(value, all)];
            if (all && typeof value === "number") return [name, pulumi.secret(value)];
            return [name, all || alwaysSecret.includes(name) ? secret(value) : value];
        }),
    );
}

/** What cannot be right stays as it is, for the check to find. */
function secret(value: unknown): unknown {
    return isSecretText(value) ? pulumi.secret(value) : value;
}

function isSecretText(value: unknown): boolean {
    return typeof value === "string" && value !== "";
}

/** Undefined where the SDK cannot tell: the function is not in its declarations. */
function isSecretKey(key: string): boolean | undefined {
    return (pulumi.runtime as { isConfigSecret?: (key: string) => boolean }).isConfigSecret?.(key);
}

function object(value: unknown): Record<string, unknown> {
    return isObject(value) ? value : {};
}
