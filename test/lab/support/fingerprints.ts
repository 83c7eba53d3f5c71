import type { TestCluster } from "./cluster";

/** Everything that the library may have written, with times: the journal, MariaDB's files and what running services touch are left out. */
const fingerprint = `find /etc /home /data /root /var/lib/pulumi-hrm /var/www -xdev -printf '%p %m %u %g %T@ %s %l\\n' | sort;
    find /etc /home /data -xdev -type f -exec sha256sum {} + | sort`;

/** By host. */
export async function fingerprints({ lab }: TestCluster): Promise<Record<string, string[]>> {
    const entries = lab.hosts.map(async ({ name }) => [name, (await lab.run(name, fingerprint)).split("\n")] as const);
    return Object.fromEntries(await Promise.all(entries));
}

/** When HRM has cleared up behind its last job, which it does after the job has left the queue. */
export async function settled(cluster: TestCluster): Promise<Record<string, string[]>> {
    let [last, next] = ["", await fingerprints(cluster)];
    while (JSON.stringify(next) !== last) {
        last = JSON.stringify(next);
        await new Promise(resolve => setTimeout(resolve, 3000));
        next = await fingerprints(cluster);
    }
    return next;
}
