/**
 * Jobs through HRM's queue, as the web page would submit them: an image in the user's source folder, a row in job_files and one in
 * job_queue. The same rows serve the stand-in and real HRM 3.10, which takes default settings for a job without any.
 */
import { randomBytes } from "node:crypto";
import type { Log } from "../engine/cache";
import type { Lab } from "./lab";

/** What of a lab is needed here. */
export type JobsLab = Pick<Lab, "run" | "exec" | "web">;

export interface JobOrder {
    count: number;
    /** How long the stand-in hucore works on each job. */
    seconds: number;
    /** HRM's user, by default `demo`; the folders are made where they do not exist. */
    user?: string;
    /** Jobs that hucore ends with an error. */
    failing?: boolean;
}

export interface WaitOptions {
    timeoutSeconds: number;
    log: Log;
    pollMilliseconds?: number;
}

export interface JobResult {
    id: string;
    /** Name of the server row that the job ran on; empty if on none. */
    server: string;
    /** The result file is on the web host's disk and says that this row's host and GPU made it. */
    ok: boolean;
    /** From the job's start to its collected result, as HRM's statistics have it; for a failed job, how long it was waited for. */
    seconds: number;
    /** What was found or, for a failed job, what the queue manager's log says. */
    detail: string;
}

interface QueueRow {
    id: string;
    status: string;
    server: string;
}

const millisecondsBetweenPolls = 1000;
const secondsOfSilence = 8;
const resultMark = "stand-in result";
/** Gives the shell HRM_DATA, HRM_SOURCE, HRM_DEST, HRM_LOG and SUSER. */
const conf = ". /etc/hrm.conf";

/** Puts jobs into the queue of the web host's HRM. @returns their ids, oldest first */
export async function submitJobs(lab: JobsLab, order: JobOrder): Promise<string[]> {
    const user = order.user ?? "demo";
    const ids = Array.from({ length: order.count }, newId);
    const batch = newId();
    // HRM takes jobs of equal priority in the order of their file names; and an id in the image's name would confuse its naming of results.
    const images = ids.map((_, i) => `lab-${batch}-${String(i + 1).padStart(4, "0")}.h5`);
    await lab.run(lab.web.name, "sh -s", { stdin: imagesScript(user, images, order) });
    await lab.run(lab.web.name, "mariadb hrm", { stdin: submitSql(user, ids, images) });
    return ids;
}

/** Makes hucore end these jobs now, as if they had taken no longer: their `seconds` are a limit then. */
export async function endJobs(lab: Pick<Lab, "run" | "nodes" | "isRunning">, ids: string[]): Promise<void> {
    const running = lab.nodes.filter(({ name }) => lab.isRunning(name));
    const files = ids.map(id => `/run/hucore-end/${id}`).join(" ");
    await Promise.all(running.map(({ name }) => lab.run(name, `mkdir -p /run/hucore-end && touch ${files}`)));
}

/** Waits until the jobs have left the queue, or the time is up, and looks for what they left on the web host's disk. */
export async function waitForJobs(lab: JobsLab, ids: string[], options: WaitOptions): Promise<JobResult[]> {
    const { timeoutSeconds, log, pollMilliseconds = millisecondsBetweenPolls } = options;
    const begin = Date.now();
    const elapsed = () => Math.round((Date.now() - begin) / 1000);
    const seen = new Map<string, QueueRow>();
    const done = new Map<string, JobResult>();
    let said = Date.now();
    const say = (line: string) => {
        said = Date.now();
        log(line);
    };
    while (done.size < ids.length) {
        const queue = await queueRows(lab, ids);
        for (const id of ids.filter(id => !done.has(id))) {
            const row = queue.get(id);
            const before = seen.get(id);
            if (row) {
                if (row.status === "started" && before?.status !== "started") say(`job ${id} runs on ${row.server}`);
                seen.set(id, row);
                if (elapsed() < timeoutSeconds) continue;
            }
            const result = await outcome(lab, id, row ?? before, row !== undefined, elapsed());
            done.set(id, result);
            say(`job ${id} ${result.ok ? "has its result" : "failed"}: ${result.detail.split("\n")[0]}`);
        }
        if (done.size === ids.length) break;
        if (Date.now() - said > secondsOfSilence * 1000) say(`still waiting for ${waitingFor(queue)}, ${elapsed()} s`);
        await new Promise(resolve => setTimeout(resolve, pollMilliseconds));
    }
    return ids.map(id => done.get(id)!);
}

/** The shell script that makes the user's folders, as the account and with the modes that HRM's web page would give them, and the images. */
export function imagesScript(user: string, images: string[], order: { seconds: number; failing?: boolean }): string {
    const lines = ["stand-in image", `seconds ${order.seconds}`, ...(order.failing ? ["fail"] : [])];
    return `set -e
${conf}
group=$(id -gn "$SUSER")
for folder in "$HRM_DATA/${user}" "$HRM_DATA/${user}/$HRM_SOURCE" "$HRM_DATA/${user}/$HRM_DEST"; do
    [ -d "$folder" ] || install -d -o "$SUSER" -g "$group" -m 2775 "$folder"
done
for image in ${images.join(" ")}; do
    printf '%s\\n' ${lines.map(line => `'${line}'`).join(" ")} >"$HRM_DATA/${user}/$HRM_SOURCE/$image"
    chown "$SUSER:$group" "$HRM_DATA/${user}/$HRM_SOURCE/$image"
done
`;
}

/** The statements that queue one job for each image. The user's account is disabled: nobody can log in with it. */
export function submitSql(user: string, ids: string[], images: string[]): string {
    const jobs = ids.map(
        (id, i) => `INSERT INTO job_files (job, owner, file, autoseries) VALUES ('${id}', '${user}', '${images[i]}', '');
INSERT INTO job_queue (id, settings_id, username, queued, status) VALUES ('${id}', '${id}', '${user}', NOW(), 'queued');
`,
    );
    return `START TRANSACTION;
INSERT IGNORE INTO username (name, password, email, research_group, role, creation_date, last_access_date, status)
    VALUES ('${user}', '*', '${user}@localhost', 'lab', 3, NOW(), NOW(), 'd');
${jobs.join("")}COMMIT;
`;
}

/** The part of a row's name after the blank, which is the GPU; a name without one is a row of GPU 0. */
export function rowParts(server: string): { host: string; gpu: string } {
    const [host = "", gpu = "0"] = server.split(" ");
    return { host, gpu };
}

/**
 * Does a result file come from where the job ran? @returns what is wrong, or undefined
 * @param content what the stand-in hucore wrote; of anything else (real hucore's images) only that it is not empty can be told
 * @param webHost the name of the host that a row `localhost` means
 */
export function wrongResult(content: string, server: string, webHost: string): string | undefined {
    if (content === "") return "the result file is empty";
    const lines = content.split("\n");
    if (lines[0] !== resultMark) return undefined;
    const value = (name: string) => lines.find(line => line.startsWith(`${name} `))?.slice(name.length + 1) ?? "";
    const { host: name, gpu } = rowParts(server);
    const host = name.toLowerCase() === "localhost" ? webHost : name;
    if (value("host") !== host) return `the result was made by host "${value("host")}", not by ${host}`;
    if (value("gpu") !== gpu) return `the result was made on GPU "${value("gpu")}", not on ${gpu}`;
    return undefined;
}

function newId(): string {
    return randomBytes(7).toString("hex").slice(0, 13);
}

function waitingFor(queue: Map<string, QueueRow>): string {
    const rows = [...queue.values()];
    const running = rows.filter(row => row.status === "started").length;
    return `${rows.length} ${rows.length === 1 ? "job" : "jobs"}, of which ${running} ${running === 1 ? "runs" : "run"}`;
}

async function query(lab: JobsLab, sql: string): Promise<string[][]> {
    const text = await lab.run(lab.web.name, "mariadb --batch --skip-column-names hrm", { stdin: sql });
    const lines = text.split("\n").filter(line => line !== "");
    return lines.map(line => line.split("\t"));
}

function quoted(ids: string[]): string {
    return ids.map(id => `'${id}'`).join(", ");
}

async function queueRows(lab: JobsLab, ids: string[]): Promise<Map<string, QueueRow>> {
    const rows = await query(lab, `SELECT id, status, COALESCE(server, '') FROM job_queue WHERE id IN (${quoted(ids)});`);
    return new Map(rows.map(([id = "", status = "", server = ""]) => [id, { id, status, server }]));
}

/** @param row what was last seen of the job in the queue @param inQueue whether it still is there, so that the time is up */
async function outcome(lab: JobsLab, id: string, row: QueueRow | undefined, inQueue: boolean, elapsed: number): Promise<JobResult> {
    const server = row?.server || (await serverInReport(lab, id));
    const failed = async (why: string): Promise<JobResult> => {
        const detail = [why, await logAbout(lab, id)].filter(text => text !== "").join("\n");
        return { id, server, ok: false, seconds: elapsed, detail };
    };
    if (inQueue) return failed(`after ${elapsed} s it is still ${row?.status === "started" ? `running on ${server}` : row?.status}`);
    if (server === "") return failed("it left the queue without having run");
    const result = await resultFile(lab, id);
    if (!result) return failed(`it ran on ${server} but left no result`);
    const problem = wrongResult(result.content, server, lab.web.name);
    if (problem) return { id, server, ok: false, seconds: elapsed, detail: `${problem}: ${result.path}` };
    return { id, server, ok: true, seconds: await secondsTaken(lab, id, elapsed), detail: result.path };
}

async function resultFile(lab: JobsLab, id: string): Promise<{ path: string; content: string } | undefined> {
    const command = `${conf} && find "$HRM_DATA"/*/"$HRM_DEST" -maxdepth 1 -type f -name '*_${id}_hrm.*' ! -name '*.hgsb' ! -name '*.txt'`;
    const { stdout } = await lab.exec(lab.web.name, command);
    const path = stdout.split("\n").find(line => line !== "");
    if (path === undefined) return undefined;
    return { path, content: await lab.run(lab.web.name, `head -c 4096 '${path}'`) };
}

async function secondsTaken(lab: JobsLab, id: string, otherwise: number): Promise<number> {
    const rows = await query(lab, `SELECT TIMESTAMPDIFF(SECOND, start, stop) FROM statistics WHERE id = '${id}';`);
    const seconds = Number(rows[0]?.[0] ?? Number.NaN);
    return Number.isFinite(seconds) ? seconds : otherwise;
}

/**
 * For a job that ended before anybody looked. HRM's report has the row; it is written beside the result a moment after the job has left the
 * queue, and hrm.log has the row at a log_verbosity of 2 only, which is not the default.
 */
async function serverInReport(lab: JobsLab, id: string): Promise<string> {
    const script = `${conf}
for second in 1 2 3 4 5; do
    sed -n 's/^Job id: ${id} (pid [0-9]* on \\(.*\\)), started .*/\\1/p' "$HRM_DATA"/*/"$HRM_DEST"/*_${id}_hrm.log.txt "$HRM_LOG"/*_error.txt 2>/dev/null | grep . && exit
    sleep 1
done
`;
    const { stdout } = await lab.exec(lab.web.name, "sh -s", { stdin: script });
    return stdout.split("\n")[0] ?? "";
}

/** What the log says of a job, else its last errors, and whether the queue manager is there at all. */
async function logAbout(lab: JobsLab, id: string): Promise<string> {
    const script = `${conf}
pgrep -f run/runHuygensRemoteManager.php >/dev/null || echo 'the queue manager does not run'
cd "$HRM_LOG" || exit 0
cat ./*_error.txt 2>/dev/null | sed -n '/Job id: ${id} /,/^Job id: /p' | grep '^Error: ' | tail -n 2
found=$(grep -hF '${id}' hrm.log 2>/dev/null | grep -v 'hrm.INFO: *\\(BATCH\\|cd \\|ssh \\)' | tail -n 3)
if [ -n "$found" ]; then echo "$found"; else grep -h 'hrm.ERROR' hrm.log 2>/dev/null | tail -n 3; fi
awk '/Fatal error/ { crash = $0 } / cleaning up / && crash { found = crash " " $0; crash = "" } END { if (found) print "its last crash: " found }' error_log.txt
`;
    const { stdout } = await lab.exec(lab.web.name, "sh -s", { stdin: script });
    return stdout.trim();
}
