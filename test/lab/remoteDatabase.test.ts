// Covers: lib/steps/database lib/steps/schema lib/templates/hrmd
import { expect } from "chai";
import type { Outcome } from "../../engine/stack";
import { type JobsLab, submitJobs, waitForJobs } from "../../lab/jobs";
import { certificateFor } from "./support/certificate";
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

    const web2 = (command: string, stdin = "") => cluster.lab.run("web2", command, { stdin });
    // By the socket, where TLS adds nothing but a handshake that the server may find too slow.
    const sql = (stdin: string, database = "") => cluster.lab.run("web2", `mariadb --skip-ssl -BN ${database}`, { stdin });

    async function expectAJobToRun(): Promise<void> {
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
        const ids = await submitJobs(jobsLab, { count: 1, seconds: 1 });
        const [result] = await waitForJobs(jobsLab, ids, { timeoutSeconds: 120, log: () => {} });
        expect(result?.ok, result?.detail).to.equal(true);
    }

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
            await expectAJobToRun();
            expect((await cluster.lab.exec("web", "systemctl is-active mariadb")).stdout).to.equal("inactive\n");
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

    describe("whose server insists on TLS", () => {
        const server = certificateFor(["web2"]);
        const other = certificateFor(["web2"]);

        /** The server with that certificate, or without TLS. */
        async function serve(pair: typeof server | undefined): Promise<void> {
            await web2("install -d -o mysql -m 0700 /srv/tls; cat >/srv/tls/certificate.pem", pair?.certificate);
            await web2("cat >/srv/tls/key.pem; chown mysql /srv/tls/*", pair?.key);
            const tls = pair ? "ssl_cert = /srv/tls/certificate.pem\nssl_key = /srv/tls/key.pem\n" : "";
            await web2("cat >/etc/mysql/mariadb.conf.d/99-tls.cnf; systemctl restart mariadb", `[mysqld]\n${tls}`);
        }

        async function describeTls(tls: object | undefined, host = "web2"): Promise<void> {
            cluster.description.web.database = { host, name: "hrm_queue", user: "hrm_user", tls };
            await cluster.configure();
        }

        /** As HRM asks: the database is asked over which TLS somebody comes who connects by HRM's configuration. */
        const script = `require "/var/www/html/hrm/inc/bootstrap.php";
            echo hrm\\Database::value("SELECT VARIABLE_VALUE FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = ?", "SSL_VERSION");`;
        const asHrm = async () => (await cluster.lab.exec("web", `runuser -u hrm -- php -r '${script}'`)).stdout;
        /** What the processes of the web server are told, which keep a connection without TLS where HRM does: persistent, from before. */
        const asPages = async () => {
            const asked =
                'for i in 1 2 3 4 5 6 7 8 9 10 11 12; do php -r \'echo file_get_contents("http://localhost/tls.php"), "|";\'; done';
            return new Set((await cluster.lab.run("web", asked)).split("|").slice(0, -1));
        };

        before(async () => {
            await serve(server);
            await cluster.lab.run("web", "systemctl enable --quiet --now apache2; cat >/var/www/html/tls.php", {
                stdin: `<?php ${script} if (!isset($ADODB_NEWCONNECTION)) new mysqli("p:$db_host", $db_user, $db_password, $db_name);`,
            });
            await cluster.up();
            expect([...(await asPages())]).to.deep.equal([""]);
        });

        it("serves HRM over it, by the hook of HRM's own library for databases, and this library", async () => {
            await describeTls({ ca: server.authority });
            await cluster.up();
            expect([...(await asPages())]).to.deep.equal(["TLSv1.3"]);
            await sql("ALTER USER hrm_user REQUIRE SSL");
            await expectAJobToRun();
            expect(await cluster.lab.run("web", "stat -c '%U %G %a' /var/www/html/hrm/config/pulumi-hrm-database-ca-*.pem")).to.equal(
                "root hrm 640\n",
            );
            await cluster.expectNothingToDo();
        });

        it("refuses a description without it", async () => {
            await describeTls(undefined);
            const { output } = await cluster.stack.preview();
            expect(output).to.contain("web: database hrm_queue: hrm_user cannot use it (error 1045");
        });

        it("is told from one with another authority's certificate, and from one of another name", async () => {
            for (const [authority, host, says] of [
                [other.authority, "web2", "TLS: its certificate has expired, or comes from somebody else"],
                [server.authority, cluster.lab.host("web2").address, `TLS: its certificate is not for ${cluster.lab.host("web2").address}`],
            ] as const) {
                await describeTls({ ca: authority }, host);
                const { code, output } = await cluster.stack.up();
                expect(code).not.to.equal(0);
                expect(output)
                    .to.contain(`web: database: hrm_user cannot use the database hrm_queue on ${host}: ${says}`)
                    .and.to.contain(
                        "web: database: let database.host be a name that its certificate is made out to, and database.tls.ca who has signed that",
                    )
                    .and.not.to.contain("administrator");
                expect(await asHrm(), "HRM goes on").to.equal("TLSv1.3");
            }
        });

        it("is trusted as the host trusts, where no authority is described", async () => {
            await cluster.lab.run("web", "cat >/usr/local/share/ca-certificates/database.crt; update-ca-certificates", {
                stdin: server.authority,
            });
            await describeTls({});
            await cluster.up();
            await cluster.expectNothingToDo();
        });

        it("is not believed when it has another certificate, or none", async () => {
            for (const [pair, says] of [
                [other, "TLS: its certificate has expired, or comes from somebody else"],
                [undefined, "TLS: it offers none, or ends the connection"],
            ] as const) {
                await serve(pair);
                const { output } = await cluster.stack.preview();
                expect(output).to.contain(`web: database hrm_queue: hrm_user cannot use it (${says})`);
                expect(await asHrm(), "HRM itself believes it").to.equal("");
            }
        });
    });
});
