// Covers: lib/steps/identity lib/steps/keys lib/steps/schema lib/steps/rows
import { expect } from "chai";
import { endJobs, submitJobs, waitForJobs } from "../../lab/jobs";
import { reach, TestCluster } from "./support/cluster";
import { jobOn } from "./support/queue";

const as = { user: "hrm", timeoutSeconds: 30 };

describe("the web host moves to a new machine, as docs/nodes.md says", () => {
    let cluster: TestCluster;
    /** The lab, with the new machine in the place of the old one. */
    let moved: Parameters<typeof waitForJobs>[0];
    let id = "";
    let is = "";
    before(async () => {
        cluster = await TestCluster.ready("t-nodesmove", [[0], [0]]);
        const { lab } = cluster;
        const web2 = await lab.addWeb();
        moved = { web: web2, run: lab.run.bind(lab), exec: lab.exec.bind(lab) };
        id = await jobOn(cluster, "huygens1 0");
        await lab.run("web", "systemctl disable --now hrmd");
        const account = await lab.run("web", "echo $(id -u hrm) $(id -g hrm)");
        const [uid, gid] = account.trim().split(" ");
        await lab.run(
            "web2",
            `groupadd --system --gid ${gid} hrm && useradd --system --uid ${uid} --gid hrm --create-home --shell /bin/bash hrm`,
        );
        const dump = await lab.run("web", "mariadb-dump --single-transaction --databases hrm");
        await lab.run("web2", "mariadb", { stdin: dump });
        const images = await lab.run("web", "tar -C / -cf - data | base64");
        await lab.run("web2", "base64 -d | tar -C / -xpf - --numeric-owner", { stdin: images });
        cluster.description.web = { host: "web2", connection: reach(web2) };
        cluster.description.keyVersion = 2;
        await cluster.configure();
        await cluster.up();
        is = await sqlOnNew(
            "SELECT name, server.status, process_info FROM server LEFT JOIN job_queue ON server = name AND job = process_info ORDER BY name",
        );
    });
    after(() => cluster?.down());

    const sqlOnNew = (stdin: string) => cluster.lab.run("web2", "mariadb --batch --skip-column-names hrm", { stdin });

    it("has the rows on the new machine, the one with the running job busy with it", () =>
        expect(is).to.match(/^huygens1 0\tbusy\t\d+\nhuygens2 0\tfree\tNULL\n$/));
    it("collects the job that ran meanwhile on the new machine", async () => {
        await endJobs(cluster.lab, [id]);
        const [result] = await waitForJobs(moved, [id], { timeoutSeconds: 240, log: () => {} });
        expect(result?.ok, result?.detail).to.equal(true);
        expect(result?.server).to.equal("huygens1 0");
    });
    it("runs jobs from the new machine", async () => {
        const results = await waitForJobs(moved, await submitJobs(moved, { count: 2, seconds: 15 }), {
            timeoutSeconds: 240,
            log: () => {},
        });
        expect(results.map(({ ok, server, detail }) => (ok ? server : detail)).sort()).to.deep.equal(["huygens1 0", "huygens2 0"]);
    });
    for (const node of ["huygens1", "huygens2"]) {
        it(`lets the old machine no longer into ${node}`, async () => {
            const { code, stderr } = await cluster.lab.exec("web", `ssh hrm@${node} true </dev/null`, as);
            expect(code).to.equal(255);
            expect(stderr).to.contain("Permission denied");
            await cluster.lab.run("web2", `ssh hrm@${node} true </dev/null`, as);
        });
    }
    it("leaves nothing to do", async () => {
        await cluster.expectNothingToDo();
    });
});
