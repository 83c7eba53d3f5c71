import type { Lab } from "../../../lab/lab";
import type { TestCluster } from "./cluster";
import { untilSeen } from "./until";

interface Execution {
    job: string;
    /** Host and GPU. */
    row: string;
    begin: number;
    /** Infinity where nobody saw an end. */
    end: number;
}

const notes = "/var/tmp/executions";
const script = `#!/bin/sh
case "$*" in *-template*) ;; *) exec /usr/local/bin/hucore.real "$@" ;; esac
for template; do :; done
job=$(echo "$template" | sed 's/.*[.]hrm_\\([^.]*\\)[.]hgsb.*/\\1/')
gpu=$(tr -d '{}' <"$template" | sed -n 's/.*gpuDevice *\\([-0-9]*\\).*/\\1/p' | head -n 1)
note() { echo "$1 $job $gpu $(date +%s.%N)" >>${notes}; }
note begin
/usr/local/bin/hucore.real "$@"
status=$?
note end
exit $status
`;

/** Makes hucore on the nodes note each job that it runs. It is another file then, which has to be proven anew. */
export async function noteExecutions(lab: Lab): Promise<void> {
    for (const { name } of lab.nodes) {
        await lab.run(name, `umask 0; : >${notes}; mv /usr/local/bin/hucore /usr/local/bin/hucore.real`);
        await lab.run(name, "cat >/usr/local/bin/hucore; chmod 0755 /usr/local/bin/hucore", { stdin: script });
    }
}

/** Waits until the jobs have left the queue. @returns those that were lost or run twice, and pairs that ran on one row at once, a line each */
export async function wrongRuns(cluster: TestCluster, ids: string[]): Promise<string[]> {
    const queue = async () => (await cluster.sql("SELECT id FROM job_queue")).filter(id => ids.includes(id));
    await untilSeen(
        "the jobs to leave the queue",
        () => queue(),
        seen => seen.length === 0,
        400,
    );
    const all = (await executions(cluster.lab)).filter(({ job }) => ids.includes(job));
    // HRM counts a job there when its result is on the web host.
    const collected = await cluster.sql("SELECT id FROM statistics");
    const count = (list: string[], id: string) => list.filter(each => each === id).length;
    const ran = all.map(({ job }) => job);
    return [
        ...ids.filter(id => count(ran, id) !== 1).map(id => `job ${id} ran ${count(ran, id)} times`),
        ...ids.filter(id => count(collected, id) !== 1).map(id => `job ${id} was collected ${count(collected, id)} times`),
        ...overlaps(all),
    ];
}

function overlaps(all: Execution[]): string[] {
    return all.flatMap(a =>
        all
            .filter(b => a.row === b.row && a.job < b.job && a.begin < b.end && b.begin < a.end)
            .map(b => `jobs ${a.job} and ${b.job} ran at once on ${a.row}`),
    );
}

async function executions(lab: Lab): Promise<Execution[]> {
    const found: Execution[] = [];
    for (const { name } of lab.nodes) {
        for (const line of (await lab.run(name, `cat ${notes}`)).split("\n")) {
            const [what, job = "", gpu, time] = line.split(" ");
            if (what === "begin") found.push({ job, row: `${name} ${gpu}`, begin: Number(time), end: Infinity });
            const open = found.find(each => each.job === job && each.row === `${name} ${gpu}` && each.end === Infinity);
            if (what === "end" && open) open.end = Number(time);
        }
    }
    return found;
}
