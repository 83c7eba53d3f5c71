// Covers: lib/steps/drain lib/steps/departures lib/hosts/pace
import { expect } from "chai";
import type { Outcome } from "../../engine/stack";
import { endJobs } from "../../lab/jobs";
import { TestCluster } from "./support/cluster";
import { Held } from "./support/hold";
import { collected, jobOn, queuedFor, states, Users, upWaitingFor } from "./support/queue";
import { RunningUp } from "./support/runningUp";
import { untilSeen } from "./support/until";

const foreignKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFvTLBmV0lHXGyBPZEXwYzcDKFbMzI4hZFRm7Yhf1xeq someone@else";
const others = ["huygens1 0 | /usr/local/bin/hucore | 0"];

describe("a node is taken out of a cluster in use", () => {
    let cluster: TestCluster;
    let all: TestCluster["description"]["nodes"];

    before(async () => {
        cluster = await TestCluster.make("t-drain", [[0], [0, 1]], { realPace: "all" });
        all = cluster.description.nodes;
        // HRM's log then says where it sends jobs.
        cluster.description.settings = { logVerbosity: 2 };
        await cluster.configure();
        await cluster.up();
    });
    after(() => cluster?.down());

    async function describeNodes(...names: string[]): Promise<void> {
        cluster.description.nodes = Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)));
        await cluster.configure();
    }

    /** Jobs that the queue manager has sent to huygens2, or is about to. */
    const sent = async () => Number(await cluster.lab.run("web", "grep -c 'Processing job .* on huygens2' /var/log/hrm/hrm.log || :"));

    describe("while jobs run there and users submit more", () => {
        let outcome: Outcome;
        let [sentAtParking, ids] = [0, [] as string[]];
        before(async () => {
            await cluster.lab.run(
                "huygens2",
                `cd ~hrm/.ssh && cp -p authorized_keys x && echo '${foreignKey}' >>x && mv x authorized_keys`,
            );
            await cluster.lab.run("huygens2", "echo image >/data/hrm_data/precious");
            const first = await jobOn(cluster, "huygens2 0");
            const users = new Users(cluster, 3);
            await describeNodes("huygens1");
            const up = new RunningUp(cluster.stack);
            await untilSeen(
                "all rows to be parked",
                () => states(cluster),
                seen => !seen.some(row => /huygens2 . \| free/.test(row)),
            );
            sentAtParking = await sent();
            await up.prints(/departures: huygens2: waiting for \d+ jobs? to end/);
            await endJobs(cluster.lab, [first]);
            outcome = await up.outcome;
            ids = [first, ...(await users.stop())];
        });

        it("ends well", () => expect(outcome.code, outcome.output).to.equal(0));
        // It does one thing at a time, so it may have chosen one row, whose job it says later.
        it("sent no new job there once the rows were parked", async () => expect(await sent()).to.be.at.most(sentAtParking + 1));
        it("lost no job", async () => {
            const servers = await collected(cluster, ids);
            expect(servers[0]).to.equal("huygens2 0");
            expect(servers.filter(server => !/^huygens[12] \d$/.test(server))).to.deep.equal([]);
        });
        it("left the rows of the others", async () => expect(await cluster.rows()).to.deep.equal(others));
        it("took the cluster's key, and no other, off the node", async () => {
            expect(await cluster.lab.run("huygens2", "cat ~hrm/.ssh/authorized_keys")).to.equal(`${foreignKey}\n`);
        });
        it("took the node out of the queue manager's ssh configuration", async () => {
            expect(await cluster.lab.run("web", "ls ~hrm/.ssh/hrm-cluster.d")).to.equal(
                "huygens1.conf\nhuygens1.known_hosts\nkey-1\nkeys\n",
            );
        });
        it("left the data there", async () => {
            expect(await cluster.lab.run("huygens2", "cat /data/hrm_data/precious; ls /data/hrm_data/demo/src | wc -l")).to.match(
                /^image\n[1-9]/,
            );
        });
        it("leaves nothing to do", async () => {
            await cluster.expectNothingToDo();
        });
    });

    describe("while a job's files are being copied there", () => {
        let outcome: Outcome;
        let [id, job] = ["", [] as string[]];
        before(async () => {
            await describeNodes("huygens1", "huygens2");
            await cluster.up();
            const held = await Held.hold(cluster.lab, "huygens2", "/usr/lib/openssh/sftp-server", "");
            id = await queuedFor(cluster, "huygens2 0", 3);
            await held.reached();
            await cluster.sql("UPDATE server SET status = 'free' WHERE status = 'paused'");
            await describeNodes("huygens1");
            const up = new RunningUp(cluster.stack);
            // Longer than the ten seconds without a call that would do.
            await up.prints(/departures: huygens2: waiting for the queue manager.*[23]\d s/);
            job = await cluster.sql("SELECT server.status, job_queue.status FROM server, job_queue WHERE name = 'huygens2 0'");
            await held.release();
            outcome = await up.outcome;
        });

        it("keeps the row, parked, until the job has started", () => expect(job).to.deep.equal(["paused | queued"]));
        it("ends well", () => expect(outcome.code, outcome.output).to.equal(0));
        it("runs and collects the job", async () => expect(await collected(cluster, [id])).to.deep.equal(["huygens2 0"]));
        it("has taken the rows out", async () => expect(await cluster.rows()).to.deep.equal(others));
    });

    describe("and a user deletes the job that runs there", () => {
        let outcome: Outcome;
        let at = 0;
        before(async () => {
            await describeNodes("huygens1", "huygens2");
            await cluster.up();
            const id = await jobOn(cluster, "huygens2 1");
            await describeNodes("huygens1");
            const up = new RunningUp(cluster.stack);
            await untilSeen(
                "the rows to go",
                () => cluster.rows(),
                seen => seen.length === 1,
            );
            await cluster.sql(`UPDATE job_queue SET status = 'kill' WHERE id = '${id}'`);
            await untilSeen(
                "the job to leave the queue",
                () => cluster.sql("SELECT id FROM job_queue"),
                seen => seen.length === 0,
            );
            at = Number(await cluster.lab.run("huygens2", "pgrep -c -u hrm hucore || :"));
            await up.prints(/departures: huygens2: waiting for the end of every hucore there/);
            await endJobs(cluster.lab, [id]);
            outcome = await up.outcome;
        });

        it("has a hucore that the web page does not reach", () => expect(at).to.be.greaterThan(0));
        it("waits for that hucore to end", async () => {
            expect(outcome.code, outcome.output).to.equal(0);
            expect(outcome.output).to.match(/departures: huygens2: waiting for the end of every hucore there/);
            expect((await cluster.lab.exec("huygens2", "pgrep -u hrm hucore")).code).to.equal(1);
        });
        it("runs jobs on the other node", async () => {
            const [result] = await cluster.runJobs(1, 1);
            expect(result?.ok, result?.detail).to.equal(true);
        });
    });

    describe("while the queue manager is stopped, as somebody left it", () => {
        let outcome: Outcome;
        let id = "";
        before(async () => {
            await describeNodes("huygens1", "huygens2");
            await cluster.up();
            id = await jobOn(cluster, "huygens2 0");
            await cluster.lab.run("web", "systemctl stop hrmd");
            await describeNodes("huygens1");
            outcome = await upWaitingFor(cluster, [id]);
        });

        it("ends well, since it is started", () => {
            expect(outcome.code, outcome.output).to.equal(0);
            expect(outcome.output).to.contain("departures: starting the queue manager, so that it collects the jobs on huygens2");
        });
        it("collects the job", async () => expect(await collected(cluster, [id])).to.deep.equal(["huygens2 0"]));
        it("leaves nothing to do", () => cluster.expectNothingToDo());
    });
});
