// Covers: lib/templates/queue-manager-start lib/templates/hrmd lib/hosts/pace
import { expect } from "chai";
import { endJobs, submitJobs } from "../../lab/jobs";
import { TestCluster } from "./support/cluster";
import { noteExecutions, wrongRuns } from "./support/executions";
import { JobStream } from "./support/jobStream";
import { untilEnded } from "./support/queue";
import { QueueWatch } from "./support/queueWatch";
import { until, untilSeen } from "./support/until";

/** What makes systemd start the queue manager again, and how many times its log says then that it ended by itself. */
const events: { title: string; command: string }[] = [
    { title: "an update of the database", command: "systemctl restart mariadb" },
    { title: "a database that is away for a while", command: "systemctl stop mariadb; sleep 5; systemctl start mariadb" },
    { title: "a crash of the queue manager", command: "pkill -9 -u hrm -f '[r]un/runHuygensRemoteManager.php'" },
    { title: "the end of the shell around it", command: "kill -9 $(cat /var/log/hrm/hrmd.pid)" },
    { title: "a restart by hand", command: "systemctl restart hrmd" },
    { title: "a stop and a start by hand", command: "systemctl stop hrmd; systemctl start hrmd" },
];

describe("starts of the queue manager that are not Pulumi's", () => {
    let cluster: TestCluster;
    let watch: QueueWatch;
    before(async () => {
        cluster = await TestCluster.make("t-start", [[0, 1], [0]], { realPace: "all" });
        await noteExecutions(cluster.lab);
        cluster.description.settings = { pingCommand: "ping -c 1 -w 3" };
        await cluster.configure();
        await cluster.up();
    });
    after(() => cluster?.down());

    const started = () => cluster.sql("SELECT id FROM job_queue WHERE status = 'started'");
    const queueManagers = async () => (await cluster.lab.exec("web", "pgrep -u hrm -f '[r]un/runHuygensRemoteManager.php'")).stdout.trim();
    const hasStarted = () => cluster.hasStarted();

    async function runLongJobs(count: number, seconds: number): Promise<string[]> {
        const ids = await submitJobs(cluster.lab, { count, seconds });
        await until("the jobs to run", async () => (await started()).length === count);
        return ids;
    }

    async function expectEachJobRanOnce(ids: string[]): Promise<void> {
        expect(await wrongRuns(cluster, ids)).to.deep.equal([]);
        expect(await watch.stop()).to.deep.equal([]);
    }

    describe("with two jobs that run through all of them", () => {
        let long: string[];
        const short: string[] = [];
        before(async () => {
            watch = await QueueWatch.start(cluster.lab);
            long = await runLongJobs(2, untilEnded);
        });

        for (const { title, command } of events) {
            it(`goes on after ${title}`, async () => {
                const before = await queueManagers();
                await cluster.lab.run("web", command);
                short.push(...(await submitJobs(cluster.lab, { count: 1, seconds: 1 })));
                await until("another queue manager", async () => {
                    const now = await queueManagers();
                    return now !== "" && now !== before && (await hasStarted());
                });
                expect(await queueManagers()).to.match(/^\d+$/);
                expect((await started()).filter(id => long.includes(id))).to.have.length(2);
                // A job that is being sent when the next event kills the queue manager runs twice: docs/restarts.md, what HRM does not survive.
                await untilSeen(
                    "the short job to end",
                    () => cluster.sql("SELECT id FROM job_queue"),
                    seen => seen.length <= 2,
                );
            });
        }

        it("has run each job once, and none on a row that was taken", async () => {
            await endJobs(cluster.lab, long);
            await expectEachJobRanOnce([...long, ...short]);
        });
    });

    it("sends no job twice and loses none of one a second, when it is restarted while it sends jobs", async () => {
        watch = await QueueWatch.start(cluster.lab);
        const stream = new JobStream(cluster);
        for (let restart = 0; restart < 4; restart++) {
            await untilSeen(
                "jobs to run",
                () => started(),
                seen => seen.length > 0,
            );
            await cluster.lab.run("web", "systemctl restart hrmd");
        }
        const { ids, rate } = await stream.stop();
        expect(rate).to.be.greaterThan(0.9);
        await expectEachJobRanOnce(ids);
    });

    it("gives no row away when it dies of a job that a user deletes", async () => {
        watch = await QueueWatch.start(cluster.lab);
        const [deleted, ...others] = await runLongJobs(3, untilEnded);
        const before = await queueManagers();
        await cluster.sql(`UPDATE job_queue SET status = 'kill' WHERE id = '${deleted}'`);
        const next = await submitJobs(cluster.lab, { count: 2, seconds: 1 });
        await until("another queue manager", async () => (await queueManagers()) !== before && (await hasStarted()));
        await endJobs(cluster.lab, [deleted!, ...others]);
        await expectEachJobRanOnce([...others, ...next]);
    });

    it("keeps rows that somebody has parked", async () => {
        await cluster.sql("UPDATE server SET status = 'paused' WHERE name = 'huygens1 1'");
        await cluster.lab.run("web", "systemctl restart hrmd");
        await until("the start", hasStarted);
        expect(await cluster.sql("SELECT name, status FROM server")).to.deep.equal([
            "huygens1 0 | free",
            "huygens1 1 | paused",
            "huygens2 0 | free",
        ]);
        await cluster.sql("UPDATE server SET status = 'free'");
    });

    it("gives rows free after a power cut only where the job has ended", async () => {
        const lost = await runLongJobs(2, untilEnded);
        await cluster.lab.powerOff("web");
        await cluster.lab.powerOn("web");
        await untilSeen(
            "MariaDB",
            () => cluster.lab.exec("web", "mariadb -e 'SELECT 1' hrm"),
            seen => seen.code === 0,
        );
        watch = await QueueWatch.start(cluster.lab);
        await until("the start", hasStarted);
        const next = await submitJobs(cluster.lab, { count: 3, seconds: 1 });
        // hucore ends when its ssh session does; HRM takes the job for failed and tells its user.
        const missing = lost.map(id => `job ${id} was collected 0 times`);
        expect(await wrongRuns(cluster, [...lost, ...next])).to.deep.equal(missing);
        expect(await watch.stop()).to.deep.equal([]);
    });
});
