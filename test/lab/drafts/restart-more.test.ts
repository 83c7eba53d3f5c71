import { expect } from "chai";
import { submitJobs } from "../../lab/jobs";
import { TestCluster } from "./support/cluster";
import { noteExecutions, wrongRuns } from "./support/executions";
import { Held } from "./support/hold";
import { JobStream } from "./support/jobStream";
import { QueueWatch } from "./support/queueWatch";
import { RunningUp } from "./support/runningUp";
import { until } from "./support/until";

describe("restart of the queue manager", () => {
    let cluster: TestCluster;
    let watch: QueueWatch;
    before(async () => {
        cluster = await TestCluster.make("t-restart", [[0, 1], [0]]);
        await noteExecutions(cluster.lab);
        // Its rounds are short then.
        cluster.description.settings = { pingParameter: "-c 1 -w 3", logVerbosity: 2 };
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
        const long = await submitJobs(cluster.lab, { count: 2, seconds: 90 });
        await until("both jobs to run", async () => (await cluster.sql("SELECT id FROM job_queue WHERE status = 'started'")).length === 2);
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
        await expectEachJobRanOnce([...long, ...waiting]);
    });

    it("sends no job twice and loses none, though it is killed at three moments", async () => {
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
        const ids = await stream.stop();
        expect(ids.length).to.be.greaterThan(30);
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

    it("is not needed for a switch that stays locked: preview shows it, up unlocks it", async () => {
        const pid = await queueManager();
        await cluster.sql("UPDATE queuemanager SET value = 'lck' WHERE field = 'switch'");
        const { code, output } = await cluster.stack.preview("--expect-no-changes");
        expect(code, output).to.equal(7);
        expect((await cluster.stack.preview()).output).to.contain("queue manager's switch: lck, want on; nothing is dispatched");
        await cluster.up();
        expect(await cluster.sql("SELECT value FROM queuemanager WHERE field = 'switch'")).to.deep.equal(["on"]);
        expect(await queueManager()).to.equal(pid);
    });

    it("is given up where the round takes too long, and the queue manager goes on as it was", async () => {
        const pid = await queueManager();
        const ping = await Held.hold(cluster.lab, "web", "/usr/bin/ping", "huygens");
        await ping.reached();
        await web("touch /etc/hrm.conf");
        const { code, stderr } = await cluster.lab.exec("web", "read -r limit; exec sh -s ensure", {
            stdin: (await restartText()).replace(/^restart_seconds=.*$/m, "restart_seconds=3"),
        });
        await ping.release();
        expect(code).to.equal(1);
        expect(stderr).to.match(/the queue manager has not finished its round in 3 s; it goes on with its old configuration/);
        await expectEachJobRanOnce(await submitJobs(cluster.lab, { count: 1, seconds: 1 }));
        expect(await queueManager()).to.equal(pid);
        await cluster.up();
        expect(await queueManager()).not.to.equal(pid);
    });

    async function restartText(): Promise<string> {
        const { resources } = JSON.parse((await cluster.stack.run(["stack", "export"])).output).deployment;
        return resources.find(({ urn }: { urn: string }) => urn.endsWith("::hrm-registry-restart")).inputs.stdin;
    }

    describe("that the first row would not survive", () => {
        let pid: string;
        before(async () => {
            pid = await queueManager();
            Object.assign(cluster.description.nodes.huygens1!.connection, { dialErrorLimit: 2, perDialTimeout: 3 });
            await cluster.configure();
            await cluster.up();
        });

        async function expectRefusal(): Promise<void> {
            const { code, output } = await cluster.stack.up();
            expect(code).not.to.equal(0);
            expect(output).to.match(/the queue manager has to be started anew, but huygens1, whose row is the first, does not answer/);
            expect(output).to.match(/until then the queue manager goes on with its old configuration/);
            expect(await queueManager()).to.equal(pid);
            await expectEachJobRanOnce(await submitJobs(cluster.lab, { count: 2, seconds: 1 }));
            expect(await queueManager()).to.equal(pid);
        }

        it("is refused, by the node's name, while its hucore is broken", async () => {
            await cluster.lab.run("huygens1", "echo 'die \"no license\"' >/etc/hucore-stand-in");
            await cluster.sql("UPDATE server SET status = 'paused' WHERE name LIKE 'huygens1 %'");
            await changeSettings();
            await expectRefusal();
            await cluster.lab.run("huygens1", "rm /etc/hucore-stand-in");
        });

        it("is refused while the node is off", async () => {
            await cluster.lab.powerOff("huygens1");
            await expectRefusal();
        });

        it("is done when the dead node is taken out of service", async () => {
            cluster.description.nodes.huygens1!.maintenance = true;
            await cluster.configure();
            await cluster.up();
            expect(await queueManager()).not.to.equal(pid);
            expect(await cluster.rows()).to.deep.equal(["huygens2 0 | /usr/local/bin/hucore | 0"]);
        });

        it("is not needed when it comes back", async () => {
            pid = await queueManager();
            await cluster.lab.powerOn("huygens1");
            delete cluster.description.nodes.huygens1!.maintenance;
            await cluster.configure();
            await cluster.up();
            expect(await queueManager()).to.equal(pid);
            await expectEachJobRanOnce(await submitJobs(cluster.lab, { count: 3, seconds: 1 }));
        });
    });

    it("follows HRM to another place, and to another log folder", async () => {
        const long = await submitJobs(cluster.lab, { count: 2, seconds: 60 });
        await until("both jobs to run", async () => (await cluster.sql("SELECT id FROM job_queue WHERE status = 'started'")).length === 2);
        await web("cp -a /var/www/html/hrm /srv/hrm");
        Object.assign(cluster.description.web, { hrmPath: "/srv/hrm", logFolder: "/var/log/hrm-new" });
        await cluster.configure();
        await cluster.up();
        expect(await web("tr '\\0' ' ' </proc/$(pgrep -o -u hrm -f '[r]un/runHuygensRemoteManager.php')/cmdline")).to.contain(
            "/srv/hrm/run/runHuygensRemoteManager.php",
        );
        await expectEachJobRanOnce([...long, ...(await submitJobs(cluster.lab, { count: 2, seconds: 1 }))]);
        expect(await web("ls /var/log/hrm-new")).to.contain("hrmd.pid");
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
