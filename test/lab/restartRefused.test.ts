// Covers: lib/steps/restart lib/steps/config lib/steps/queueManager lib/templates/hrmd
import { expect } from "chai";
import { endJobs, submitJobs } from "../../lab/jobs";
import { TestCluster } from "./support/cluster";
import { noteExecutions, wrongRuns } from "./support/executions";
import { Held } from "./support/hold";
import { StepsOnHosts } from "./support/onHost";
import { untilEnded } from "./support/queue";
import { untilSeen } from "./support/until";

describe("a restart of the queue manager that would not go well", () => {
    let cluster: TestCluster;
    before(async () => {
        cluster = await TestCluster.ready("t-restart2", [[0], [0]]);
        await noteExecutions(cluster.lab);
        // Its rounds are short then, and a node that is off is soon given up.
        cluster.description.settings = { pingCommand: "ping -c 1 -w 3", logVerbosity: 2 };
        Object.assign(cluster.description.nodes.huygens1!.connection, { dialErrorLimit: 2, perDialTimeout: 3 });
        await cluster.configure();
        await cluster.up();
    });
    after(() => cluster?.down());

    const web = (command: string) => cluster.lab.run("web", command);
    const queueManager = () => web("pgrep -o -u hrm -f '[r]un/runHuygensRemoteManager.php'");
    const theSwitch = () => cluster.sql("SELECT value FROM queuemanager WHERE field = 'switch'");
    let verbosity = 2;
    async function changeSettings(): Promise<void> {
        verbosity = verbosity === 2 ? 1 : 2;
        cluster.description.settings = { ...cluster.description.settings, logVerbosity: verbosity };
        await cluster.configure();
    }

    async function runJobsOnce(count: number): Promise<void> {
        expect(await wrongRuns(cluster, await submitJobs(cluster.lab, { count, seconds: 1 }))).to.deep.equal([]);
    }

    it("is not needed for a switch that stays locked: preview shows it, up unlocks it", async () => {
        const pid = await queueManager();
        await cluster.sql("UPDATE queuemanager SET value = 'lck' WHERE field = 'switch'");
        const { code, output } = await cluster.stack.preview();
        expect(code, output).to.equal(0);
        expect(output).to.contain("queue manager's switch: lck, want on; nothing is dispatched");
        await cluster.up();
        expect(await theSwitch()).to.deep.equal(["on"]);
        expect(await queueManager()).to.equal(pid);
    });

    it("is given up where the round takes too long, and the queue manager goes on as it was", async () => {
        const pid = await queueManager();
        const ping = await Held.hold(cluster.lab, "web", "/usr/bin/ping", "huygens");
        await ping.reached();
        await web("echo older >/run/hrmd/started-with");
        const steps = await StepsOnHosts.of(cluster);
        const { code, stderr } = await steps.run("registry-restart", "ensure", { restart_seconds: "3" });
        await ping.release();
        expect(code).to.equal(1);
        expect(stderr).to.match(/the queue manager has not finished its round in 3 s; it goes on with its old configuration/);
        await runJobsOnce(1);
        expect(await queueManager()).to.equal(pid);
        await cluster.up();
        expect(await queueManager()).not.to.equal(pid);
    });

    describe("since the first row does not answer", () => {
        let pid: string;
        before(async () => {
            pid = await queueManager();
        });

        it("is refused, by the node's name, while its hucore is broken", async () => {
            await cluster.lab.run("huygens1", "echo 'echo no licence; exit 1' >/etc/hucore-stand-in");
            await cluster.sql("UPDATE server SET status = 'paused' WHERE name LIKE 'huygens1 %'");
            await changeSettings();
            const { code, output } = await cluster.stack.up();
            expect(code).not.to.equal(0);
            expect(output).to.match(/the queue manager has to be started anew, but huygens1, whose row is the first, does not answer/);
            expect(output).to.match(/until then the queue manager goes on with its old configuration/);
            expect(await queueManager()).to.equal(pid);
            await runJobsOnce(1);
            expect(await queueManager()).to.equal(pid);
            await cluster.lab.run("huygens1", "rm /etc/hucore-stand-in");
        });

        it("is not tried while the node is off, and the other works", async () => {
            await cluster.lab.powerOff("huygens1");
            expect((await cluster.stack.up()).code).not.to.equal(0);
            expect(await queueManager()).to.equal(pid);
            const [result] = await cluster.runJobs(1, 1);
            expect(result?.ok, result?.detail).to.equal(true);
            expect(await queueManager()).to.equal(pid);
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
            await runJobsOnce(2);
        });
    });

    it("follows HRM to another place and another log folder, while a job runs", async () => {
        const long = await submitJobs(cluster.lab, { count: 1, seconds: untilEnded });
        await untilSeen(
            "the job to run",
            () => cluster.sql("SELECT id FROM job_queue WHERE status = 'started'"),
            seen => seen.length === 1,
        );
        await web("cp -a /var/www/html/hrm /srv/hrm");
        Object.assign(cluster.description.web, { hrmPath: "/srv/hrm", logFolder: "/var/log/hrm-new" });
        await cluster.configure();
        await cluster.up();
        expect(await web("tr '\\0' ' ' </proc/$(pgrep -o -u hrm -f '[r]un/runHuygensRemoteManager.php')/cmdline")).to.contain(
            "/srv/hrm/run/runHuygensRemoteManager.php",
        );
        await endJobs(cluster.lab, long);
        expect(await wrongRuns(cluster, long)).to.deep.equal([]);
        await runJobsOnce(1);
        expect(await web("ls /var/log/hrm-new")).to.contain("hrmd.pid");
    });
});
