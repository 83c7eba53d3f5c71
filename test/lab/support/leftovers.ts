import type { TestCluster } from "./cluster";

/**
 * Half-made files and folders of steps, markers in image folders, and scripts that still run. Some folders may be file systems of their own. A program that is
 * over leaves its looks' shells to end by themselves (pace.idle).
 */
const command = `rounds=80; while pgrep -f '[s]h -s check' >/dev/null && [ "$rounds" -gt 0 ]; do rounds=$((rounds - 1)); sleep 0.25; done
    find / /run /var /data/hrm_data -xdev \\( -name '*.hrm-new' -o -name 'hucore.tcl.new' -o -name '.hrm-cluster-*' -o -path '/var/lib/pulumi-hrm/scratch*' -o -path '/run/pulumi-hrm/scratch*' -o -path '/run/pulumi-hrm/said*' \
    -o -path '/var/lib/pulumi-hrm/*.new' -o -name '*.before-pulumi' -empty \\) -prune -print | sort -u; pgrep -af '[s]h -s (ensure|undo|check)' || :
    for lock in /run/pulumi-hrm/*.lock; do [ ! -e "$lock" ] || flock -n "$lock" true || echo "$lock is held"; done`;

/** What steps have left on the hosts that they should have taken away, a line each: `HOST PATH`. */
export async function leftovers({ lab }: TestCluster): Promise<string[]> {
    const hosts = await Promise.all(
        lab.hosts.map(async ({ name }) => {
            const output = await lab.run(name, command);
            return output.split("\n").flatMap(line => (line === "" ? [] : [`${name} ${line}`]));
        }),
    );
    return hosts.flat();
}

/** Whether a step's script runs on the host. */
export async function stepRuns({ lab }: TestCluster, host: string): Promise<boolean> {
    return (await lab.exec(host, "pgrep -f '[s]h -s ensure'")).code === 0;
}
