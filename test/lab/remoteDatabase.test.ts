// Covers: lib/steps/database lib/steps/schema lib/templates/hrmd
import { expect } from "chai";
import type { Outcome } from "../../engine/stack";
import { type JobsLab, submitJobs, waitForJobs } from "../../lab/jobs";
import { TestCluster } from "./support/cluster";

describe("a database on a host of its own", () => {
    let cluster: TestCluster;
    before(async () => {
        cluster = await TestCluster.make("t-remotedb", [[0]]);
        await cluster.lab.addWeb();
        // The web host has none, so nothing can fall back to it.
        await cluster.lab.run("web", "systemctl disable --quiet --now mariadb");
        const listen = "printf '[mysqld]\\nbind-address = 0.0.0.0\\n' >/etc/mysql/mariadb.conf.d/99-lab.cnf && systemctl restart mariadb";
        await cluster.lab.run("web2", listen);
        cluster.description.web.database = { host: "web2", name: "hrm_queue", user: "hrm_user" };
        await cluster.stack.configure("databasePassword", "of the database's administrator", { secret: true });
        await cluster.configure();
    });
    after(() => cluster?.down());

    const sql = (stdin: string, database = "") => cluster.lab.run("web2", `mariadb -BN ${database}`, { stdin });

    describe("that its administrator has not made", () => {
        let outcome: Outcome;
        before(async () => {
            outcome = await cluster.stack.up();
        });
        it("makes up fail, which says what to do there", () => {
            expect(outcome.code).not.to.equal(0);
            expect(outcome.output)
                .to.contain("web: database: hrm_user cannot use the database hrm_queue on web2: ")
                .and.to.contain("web: database: on web2: CREATE DATABASE hrm_queue CHARACTER SET utf8; CREATE USER hrm_user IDENTIFIED BY")
                .and.not.to.contain("of the database's administrator");
        });
        it("keeps the password from every message", () => expect(outcome.output).not.to.contain("administrator"));
    });

    describe("that has been made as the message says", () => {
        before(async () => {
            await sql(`CREATE DATABASE hrm_queue CHARACTER SET utf8; CREATE USER hrm_user IDENTIFIED BY 'of the database''s administrator';
                GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX ON hrm_queue.* TO hrm_user;`);
            await cluster.up();
        });
        it("has HRM's tables and the rows", async () => {
            expect(await sql("SELECT name FROM server", "hrm_queue")).to.equal("huygens1 0\n");
        });
        it("has a queue manager that runs a job, without a database on the web host", async () => {
            const { lab } = cluster;
            // What the jobs ask of the database goes to where it is.
            const jobsLab: JobsLab = {
                web: lab.web,
                exec: lab.exec.bind(lab),
                run: (host, command, options) =>
                    command.startsWith("mariadb ")
                        ? lab.run("web2", command.replace(/ hrm$/, " hrm_queue"), options)
                        : lab.run(host, command, options),
            };
            const [result] = await waitForJobs(jobsLab, await submitJobs(jobsLab, { count: 1, seconds: 1 }), {
                timeoutSeconds: 120,
                log: () => {},
            });
            expect(result?.ok, result?.detail).to.equal(true);
            expect((await lab.exec("web", "systemctl is-active mariadb")).stdout).to.equal("inactive\n");
        });
        it("is left alone then, and nothing is to do", () => cluster.expectNothingToDo());
        it("shows what somebody took away there, and does not repair it", async () => {
            await sql("REVOKE INSERT ON hrm_queue.* FROM hrm_user");
            const preview = await cluster.stack.preview("--expect-no-changes");
            expect(preview.code).not.to.equal(0);
            expect(preview.output).to.contain("web: database hrm_queue: hrm_user cannot use it (INSERT)");
            const { output } = await cluster.stack.up();
            expect(output).to.contain("GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX ON hrm_queue.* TO hrm_user");
            await sql("GRANT INSERT ON hrm_queue.* TO hrm_user");
            await cluster.expectNothingToDo();
        });
    });
});
