// Covers: lib/steps/rows lib/steps/drain lib/steps/config lib/steps/schema lib/steps/queueManager
import { expect } from "chai";
import type { Outcome } from "../../engine/stack";
import { endJobs, submitJobs } from "../../lab/jobs";
import { makeByManual, serveByManual } from "./support/byManual";
import { TestCluster } from "./support/cluster";
import { noteExecutions, wrongRuns } from "./support/executions";
import { untilEnded } from "./support/queue";
import { QueueWatch } from "./support/queueWatch";
import { until } from "./support/until";

const hucore = "/usr/local/bin/hucore";

const sysvScript = (name: string) => `#!/bin/sh
### BEGIN INIT INFO
# Provides: ${name}
# Required-Start: $remote_fs mariadb
# Required-Stop: $remote_fs
# Default-Start: 2 3 4 5
# Default-Stop: 0 1 6
### END INIT INFO
[ "$1" != start ] || { echo ${name} >>/run/started-by; /var/www/html/hrm/bin/hrm_queuemanager --detach; }
`;

describe("a cluster in use that somebody made by hand from HRM's manual", () => {
    let cluster: TestCluster;
    let outcome: Outcome;
    let jobs: string[];
    let wrong: string[];
    let doubled: string[];
    let site: string;
    let administrator: string;
    /** While the job of the row that had no GPU in its name still ran: the rows of its node. */
    let meanwhile: string[] = [];

    const web = (command: string, stdin = "") => cluster.lab.run("web", command, { stdin });
    const password = () => web("mariadb hrm -BNe \"SELECT password FROM username WHERE name = 'admin'\"");

    before(async () => {
        cluster = await TestCluster.make("t-manual", [[0, 1], [0]]);
        await noteExecutions(cluster.lab);
        await makeByManual(cluster.lab, "by hand");
        // What HRM's manual has for other systems, and never both: once by its own name, and once by another.
        for (const name of ["hrmd", "hrm-queue"])
            await web(`cat >/etc/init.d/${name}; chmod 0755 /etc/init.d/${name}; update-rc.d ${name} defaults`, sysvScript(name));
        // HRM takes a row without a GPU for one of GPU 0.
        await serveByManual(cluster.lab, `('huygens1 0', '${hucore}', 0), ('huygens1 1', '${hucore}', 1), ('huygens2', '${hucore}', NULL)`);
        await web("install -d -o hrm -g hrm -m 2775 /data/hrm_data/demo && echo image >/data/hrm_data/demo/precious");
        [site, administrator] = [await web("cat /var/www/html/hrm/config/hrm_config.inc"), await password()];
        const running = await submitJobs(cluster.lab, { count: 3, seconds: untilEnded });
        await until(
            "a job on each row",
            async () => (await cluster.sql("SELECT id FROM job_queue WHERE status = 'started'")).length === 3,
            150,
        );
        jobs = [...running, ...(await submitJobs(cluster.lab, { count: 3, seconds: 5 }))];
        const watch = await QueueWatch.start(cluster.lab);
        const up = cluster.stack.up();
        const isDraining = async () => (await cluster.lab.exec("web", "test -e /var/lib/pulumi-hrm/draining-huygens2")).code === 0;
        await until("the drain of the old row", isDraining, 120);
        meanwhile = await cluster.sql("SELECT name FROM server WHERE name LIKE 'huygens2%'");
        await endJobs(cluster.lab, running);
        outcome = await up;
        wrong = await wrongRuns(cluster, jobs);
        doubled = await watch.stop();
    });
    after(() => cluster?.down());

    it("is adopted by its first up", () => expect(outcome.code, outcome.output).to.equal(0));

    it("has exactly the described rows", async () => {
        expect(await cluster.rows()).to.deep.equal([
            `huygens1 0 | ${hucore} | 0`,
            `huygens1 1 | ${hucore} | 1`,
            `huygens2 0 | ${hucore} | 0`,
        ]);
    });

    it("loses no job, and runs none twice or two on one GPU", () => expect([...wrong, ...doubled]).to.deep.equal([]));

    it("has no second row of a GPU on which the old row's job still runs", () => expect(meanwhile).not.to.contain("huygens2 0"));

    it("keeps what was there: the images, the administrator's password, the queue manager's own key, the site's configuration", async () => {
        expect(await web("cat /data/hrm_data/demo/precious")).to.equal("image\n");
        expect(await password()).to.equal(administrator);
        expect(await cluster.lab.run("huygens1", "cat ~hrm/.ssh/authorized_keys")).to.match(/ by-hand\nrestrict .* hrm-cluster\n$/);
        expect(await web("test -s ~hrm/.ssh/id_ed25519; cat /var/www/html/hrm/config/hrm_config.inc.before-pulumi")).to.equal(site);
    });

    it("has one queue manager, also after a boot", async () => {
        expect(outcome.output).to.contain("queueManager: disables hrm-queue.service, which starts a queue manager at boot, too");
        await cluster.lab.powerOff("web");
        await cluster.lab.powerOn("web");
        await until("the queue manager's start", () => cluster.hasStarted(), 60);
        expect(await web("cat /run/started-by 2>/dev/null || :; pgrep -fc 'php .*[r]unHuygensRemoteManager.php'")).to.equal("1\n");
        expect(await web("systemctl is-enabled hrm-queue || :; ls /etc/init.d/hrm-queue")).to.equal("disabled\n/etc/init.d/hrm-queue\n");
    });

    it("is as described then", () => cluster.expectNothingToDo());
});
