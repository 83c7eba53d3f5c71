import { readFileSync } from "node:fs";
import type { TestCluster } from "./cluster";

export interface Secret {
    name: string;
    /** None of these may be seen. */
    parts: string[];
}

/** The beginning is enough, and so is what somebody encoded. */
export function passwordSecret(password: string): Secret {
    return { name: "database password", parts: [password.slice(0, 12), Buffer.from(password).toString("base64").slice(0, 16)] };
}

/** The lines of a private key but the first, which is the same for every key, and each line's middle, in case that it was wrapped otherwise. */
export function keySecret(name: string, pem: string): Secret {
    const lines = pem.split("\n").filter(line => line !== "" && !line.startsWith("-----"));
    return { name, parts: lines.slice(1).map(line => (line.length < 60 ? line : line.slice(20, 50))) };
}

interface Resource {
    urn: string;
    outputs: Record<string, { plaintext?: string } | string | number | boolean>;
}

/** All that a made cluster has: the generated password, its own key and the seed of that, the administrator's key. */
export async function secretsOf({ lab, stack }: TestCluster): Promise<Secret[]> {
    const { output } = await stack.run(["stack", "export", "--show-secrets"]);
    const { resources } = (JSON.parse(output) as { deployment: { resources: Resource[] } }).deployment;
    const seeds = resources.filter(({ urn }) => urn.endsWith("-key-seed")).flatMap(({ outputs }) => Object.values(outputs));
    const seed = seeds.flatMap(value => (typeof value === "object" && value.plaintext ? [JSON.parse(value.plaintext) as string] : []));
    return [
        passwordSecret((await lab.run("web", "cat /var/www/html/hrm/config/hrm_config.inc")).match(/db_password = '([\w.-]{32})'/)![1]!),
        keySecret("cluster's key", await lab.run("web", "cat /home/hrm/.ssh/hrm-cluster.d/key-1")),
        keySecret("administrator's key", readFileSync(lab.admin.privateKey, "utf8")),
        { name: "seed of the cluster's key", parts: seed },
    ];
}

/** Where a secret stands in a text: `NAME: …what is before and after…`. */
export function leaks(text: string, secrets: Secret[]): string[] {
    return secrets.flatMap(({ name, parts }) =>
        parts.flatMap(part => {
            const at = text.indexOf(part);
            return at < 0 ? [] : [`${name}: …${text.slice(Math.max(0, at - 100), at + part.length + 20)}…`];
        }),
    );
}
