import type { TestCluster } from "./cluster";

/** What the library may have written, line by line: `PATH MODE OWNER GROUP`, and `SUM PATH`. Copies that tools keep of accounts, and proofs with times in them, are left out. */
const content = `find /etc /home /data /root /var/www /var/lib/pulumi-hrm /usr/local/lib/pulumi-hrm -xdev \\
    \\( -name '*-' -o -name '*.before-pulumi' -o -name 'proof-of-*' -o -name '.hrm_*' -o -path /var/lib/pulumi-hrm/backup \\) -prune -o \\
    \\( -type f -printf '%p %m %u %g\\n' -exec sha256sum {} + \\) -o \\( ! -type f -printf '%p %m %u %g %l\\n' \\) | sort;
    systemctl is-enabled hrmd; systemctl is-active hrmd; getent group hrm; getent passwd hrm`;

/** By host. */
export async function contents({ lab }: TestCluster): Promise<Record<string, string>> {
    const entries = await Promise.all(lab.hosts.map(async ({ name }) => [name, (await lab.exec(name, content)).stdout] as const));
    return Object.fromEntries(entries);
}

/** What differs between two `contents`, a line each: short, where the whole would fill screens. */
export function changed(before: Record<string, string>, after: Record<string, string>): string[] {
    return Object.keys(before).flatMap(host => {
        const [old, now] = [before[host]!.split("\n"), after[host]!.split("\n")];
        const missing = old.filter(line => !now.includes(line)).map(line => `${host} - ${line}`);
        return [...missing, ...now.filter(line => !old.includes(line)).map(line => `${host} + ${line}`)].sort();
    });
}

/** Forgets which steps have acted. */
export async function forgetSteps({ lab }: TestCluster): Promise<void> {
    await Promise.all(lab.hosts.map(({ name }) => lab.run(name, "mkdir -p /run/pulumi-hrm && rm -f /run/pulumi-hrm/*.lock")));
}

/** The steps that have acted since then, as `HOST STEP`: each takes a lock of its name. */
export async function stepsThatRan({ lab }: TestCluster): Promise<string[]> {
    const found = await Promise.all(
        lab.hosts.map(async ({ name }) => {
            const files = (await lab.run(name, "ls /run/pulumi-hrm")).split("\n");
            // A lock for a file that several steps edit begins with its path.
            return files.flatMap(file => (/^[a-zA-Z].*\.lock$/.test(file) ? [`${name} ${file.slice(0, -5)}`] : []));
        }),
    );
    return found.flat().sort();
}

/** `HOST STEP` of a step as `StepsOnHosts` names it: those of the registry, and the links, run on the web host. */
export function stepOf(name: string): string {
    const [owner, step] = name.split("-");
    if (step === "link") return `web link-${owner}`;
    return `${owner === "registry" ? "web" : owner} ${step}`;
}
