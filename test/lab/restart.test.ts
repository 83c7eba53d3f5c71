// Covers: lib/steps/restart lib/templates/queue-manager-start lib/templates/hrmd lib/steps/queueManager
import { expect } from "chai";
import { endJobs, submitJobs, waitForJobs } from "../../lab/jobs";
import { TestCluster } from "./support/cluster";
import { noteExecutions, wrongRuns } from "./support/executions";
import { Held } from "./support/hold";
import { JobStream } from "./support/jobStream";
import { untilEnded } from "./support/queue";
import { QueueWatch } from "./support/queueWatch";
import { RunningUp } from "./support/runningUp";
import { untilSeen } from "./support/until";

describe("restart of the queue manager", () => {
    let cluster: TestCluster;
    let watch: QueueWatch;
    before(async () => {
        cluster = await TestCluster.make("t-restart", [[0, 1], [0]], { realPace: "steps" });
        await noteExecutions(cluster.lab);
        // Its rounds are short then.
        cluster.description.settings = { pingCommand: "ping -c 1 -w 3", logVerbosity: 2 };
        await cluster.configure();
        await cluster.up();
    });
    after(() => cluster?.down());
    beforeEach(async () => {
        watch = await QueueWatch.start(cluster.lab);
    });

    const web = (command: string) => cluster.lab.run("web", command);
    const queueManager = () => web("pgrep -o -u hrm -f '[r]un/runHuygensRemoteManager.php'");
    const stopped = async () => Number(await web("grep -c 'stopped via database switch' /var/log/hrm/hrm.log || :"));
    let verbosity = 2;
    async function changeSettings(): Promise<void> {
        verbosity = verbosity === 2 ? 1 : 2;
        cluster.description.settings = { ...cluster.description.settings, logVerbosity: verbosity };
        await cluster.configure();
    }

    async function expectEachJobRanOnce(ids: string[]): Promise<void> {
        expect(await wrongRuns(cluster, ids)).to.deep.equal([]);
        expect(await watch.stop()).to.deep.equal([]);
    }

    it("lets running jobs go on, and collects them", async () => {
        const long = await submitJobs(cluster.lab, { count: 2, seconds: untilEnded });
        await untilSeen(
            "both jobs to run",
            () => cluster.sql("SELECT id FROM job_queue WHERE status = 'started'"),
            seen => seen.length === 2,
        );
        const [pid, before] = [await queueManager(), await stopped()];
        const waiting = await submitJobs(cluster.lab, { count: 2, seconds: 1 });
        await changeSettings();
        const { output } = await cluster.up();

        expect(output).to.contain("the queue manager finishes its round before its restart");
        expect(await queueManager()).not.to.equal(pid);
        expect(await stopped()).to.equal(before + 1);
        expect(await web("grep log_verbosity /var/www/html/hrm/config/hrm_config.inc")).to.equal(`$log_verbosity = ${verbosity};\n`);
        expect(await cluster.sql("SELECT value FROM global_variables WHERE name = 'huversion'")).to.deep.equal(["24100000"]);
        expect(await cluster.sql("SELECT value FROM queuemanager WHERE field = 'switch'")).to.deep.equal(["on"]);
        const running = await cluster.sql(
            "SELECT server.status FROM server JOIN job_queue ON server.name = server AND job = process_info ORDER BY name",
        );
        expect(running.slice(0, 2)).to.deep.equal(["busy", "busy"]);
        await endJobs(cluster.lab, long);
        await expectEachJobRanOnce([...long, ...waiting]);
    });

    it("sends no job twice and loses none of one a second, though it is killed at three moments", async () => {
        const stream = new JobStream(cluster);
        try {
            await changeSettings();
            await cluster.up();
            for (const reach of moments) {
                await changeSettings();
                const up = new RunningUp(cluster.stack);
                const goOn = await reach(up, cluster);
                await up.kill();
                await cluster.lab.exec("web", "pkill -9 -f '[s]h -s ensure'; pkill -9 -f 'systemctl (re)?start [h]rmd'");
                await goOn();
                await cluster.stack.cancel();
                await cluster.up();
                expect(await cluster.sql("SELECT value FROM queuemanager WHERE field = 'switch'")).to.deep.equal(["on"]);
            }
        } finally {
            await stream.stop();
        }
        const { ids, rate } = await stream.stop();
        expect(rate).to.be.greaterThan(0.9);
        await expectEachJobRanOnce(ids);
    });

    it("keeps rows that somebody has parked", async () => {
        await cluster.sql("UPDATE server SET status = 'paused' WHERE name = 'huygens1 1'");
        await changeSettings();
        await cluster.up();
        const statuses = await cluster.sql("SELECT status FROM server ORDER BY name");
        await cluster.sql("UPDATE server SET status = 'free'");
        expect(statuses).to.deep.equal(["free", "paused", "free"]);
    });

    it("goes on as another account that is described, with the jobs that are there", async () => {
        const ids = await submitJobs(cluster.lab, { count: 4, seconds: 2 });
        cluster.description.web.user = "deconvolution";
        await cluster.configure();
        // Folders of HRM's users are theirs to give.
        const { code, output } = await cluster.stack.up();
        expect(code).not.to.equal(0);
        expect(output).to.contain("/data/hrm_data/demo: deconvolution cannot write there").and.to.contain("give it back to deconvolution");
        // The queue manager still runs as the old account, with a job: by the group, both can write meanwhile.
        for (const host of ["web", "huygens1", "huygens2"])
            await cluster.lab.run(host, "chmod -R g+w /data/hrm_data && chown -R deconvolution: /data/hrm_data");
        await cluster.up();
        expect(await web("ps -o user:32= -p $(systemctl show hrmd --property MainPID --value)")).to.equal("deconvolution\n");
        await waitForJobs(cluster.lab, ids, { timeoutSeconds: 120, log: () => {} });
        await expectEachJobRanOnce(ids);
        await cluster.expectNothingToDo();
    });
});

type Moment = (up: RunningUp, cluster: TestCluster) => Promise<() => Promise<void>>;

/** Each waits until a restart is where it is to be killed; what it returns lets the queue manager go on. */
const moments: Moment[] = [
    async up => {
        await up.prints(/the queue manager finishes its round before its restart, 0 s/);
        return async () => {};
    },
    async (_up, cluster) => holding(cluster, "/usr/bin/systemctl", "restart hrmd.service"),
    async (_up, cluster) => holding(cluster, "/usr/bin/php", "queue-manager-start.php after"),
];

async function holding(cluster: TestCluster, program: string, call: string): Promise<() => Promise<void>> {
    const held = await Held.hold(cluster.lab, "web", program, call);
    await held.reached();
    return () => held.release();
}
