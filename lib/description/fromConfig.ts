import * as pulumi from "@pulumi/pulumi";
import { checkCluster, clusterForm, HrmCluster, type HrmClusterArgs } from "../hrmCluster";
import { type AnyForm, Arguments, isObject } from "./arguments";
import { checkCommonConnection, commonForm } from "./checkConnection";
import { Problems } from "./problems";
import { isLocalhost } from "./rules";

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
    const admin = isSecret("admin") === false ? sealed(commonForm, values.admin) : wholly(values.admin);
    return new HrmCluster(name, described(values, admin, key => isSecret(key) !== false) as unknown as HrmClusterArgs, opts);
}

const clusterNames = Object.keys(clusterForm);
/** What is in the other keys is looked at with what all hosts have in common. */
const configForm: AnyForm = { ...Object.fromEntries(clusterNames.map(name => [name, {}])), admin: { form: commonForm } };
export const mayHoldSecrets = ["admin", "web", "nodes", "huygensCore"];

function checkValues(namespace: string, values: Record<string, unknown>, isSecret: (key: string) => boolean | undefined): void {
    const problems = new Problems(`${namespace}:`);
    const admin = Arguments.of(problems, "", values, configForm)?.inner("admin");
    for (const key of clusterNames.filter(each => isSecret(each) && !mayHoldSecrets.includes(each))) {
        problems.add(
            key,
            `is or holds a secret, and would be readable in Pulumi's state; only ${mayHoldSecrets.join(", ")} may hold secrets`,
        );
    }
    if (admin) checkCommonConnection(admin);
    // What all hosts have in common has been looked at, and is not to be found wrong once for each host.
    const { proxy, ...rest } = object(values.admin);
    const lookedAt = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, pulumi.secret(value)]));
    // Not sealed, or secrets would not be looked at; no message shows them.
    checkCluster(problems, described(values, lookedAt));
    problems.throwIfAny(`Configuration of stack ${pulumi.getStack()}`);
}

/**
 * The arguments of the cluster, as far as the values have the right form; the others are left for the check to find.
 * @param isSecret whether all of a key is one. Without it, nothing is sealed
 */
function described(values: Record<string, unknown>, admin: unknown, isSecret?: (key: string) => boolean): Record<string, unknown> {
    const known = Object.fromEntries(clusterNames.filter(key => key in values).map(key => [key, values[key]]));
    const args = (isSecret ? sealed(clusterForm, known) : known) as Record<string, unknown>;
    const seal = (key: string) => (connection: unknown) => (isSecret?.(key) ? wholly(connection) : connection);
    if (isObject(args.web)) args.web = withLogin(args.web, admin, seal("web"));
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

/** A value with the secrets in it as outputs, so that no message shows them. */
function sealed(form: AnyForm, value: unknown): unknown {
    return eachOf(value, (inside, name) => {
        const { form: own, byName, rules } = form[name] ?? {};
        if (own && byName) return eachOf(inside, one => sealed(own, one));
        if (own) return sealed(own, inside);
        return rules?.some(rule => rule.secret) ? secret(inside) : inside;
    });
}

/** A connection in which all is a secret. */
function wholly(connection: unknown): unknown {
    return eachOf(connection, (inside, name) =>
        name === "proxy" ? wholly(inside) : typeof inside === "number" ? pulumi.secret(inside) : secret(inside),
    );
}

function eachOf(value: unknown, change: (inside: unknown, name: string) => unknown): unknown {
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inside]) => [name, change(inside, name)]));
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
