import type { Lab } from "../../../lab/lab";
import { untilSeen } from "./until";

const folder = "/run/queue-watch";
// A row is free for a moment when a job is collected: HRM frees it first and removes the job then.
const samplesOfAMoment = 5;

/** Ten times a second: jobs that share a row, and rows that are not their job's while the queue manager may send another one there. */
const script = `umask 077; rm -rf ${folder}; mkdir ${folder}
while [ ! -e ${folder}/stop ]; do
    while [ ! -e ${folder}/stop ]; do
        cat <<'SQL' || break
SELECT 'sample', NOW(3);
SELECT 'twice', server, GROUP_CONCAT(id) FROM job_queue WHERE status = 'started' GROUP BY server HAVING COUNT(*) > 1;
SELECT 'open', server, id FROM server JOIN job_queue ON server.name = job_queue.server
    WHERE job_queue.status = 'started' AND (server.status = 'free' OR (server.status = 'busy' AND job <> process_info))
    AND (SELECT value FROM queuemanager WHERE field = 'switch') <> 'lck';
SQL
        sleep 0.1
    done | mariadb --batch --skip-column-names --unbuffered hrm >>${folder}/seen 2>/dev/null
    sleep 0.1
done
`;

/** Watches the tables that tell where jobs run. */
export class QueueWatch {
    private constructor(
        private readonly lab: Lab,
        private readonly run: Promise<unknown>,
    ) {}

    static async start(lab: Lab): Promise<QueueWatch> {
        const run = lab.run("web", "sh -s", { stdin: script });
        await untilSeen(
            "the first sample of the queue",
            () => lab.exec("web", `test -s ${folder}/seen`),
            seen => seen.code === 0,
        );
        return new QueueWatch(lab, run);
    }

    /** Ends it. @returns what should never have been, a line each */
    async stop(): Promise<string[]> {
        await this.lab.run("web", `touch ${folder}/stop`);
        await this.run;
        return doubleBookings((await this.lab.run("web", `cat ${folder}/seen`)).trim().split("\n"));
    }
}

function doubleBookings(lines: string[]): string[] {
    const found = new Set<string>();
    let before = new Map<string, number>();
    let now = new Map<string, number>();
    for (const line of lines) {
        const [what, server, jobs] = line.split("\t");
        if (what === "sample") [before, now] = [now, new Map()];
        if (what === "twice") found.add(`jobs ${jobs} both run on ${server}`);
        if (what === "open") now.set(line, (before.get(line) ?? 0) + 1);
        if (now.get(line) === samplesOfAMoment) found.add(`${server} takes a job though ${jobs} runs there`);
    }
    return [...found];
}
