// Covers: lib/hosts/quote lib/steps/database lib/templates/hrm_config
// Takes 190 s on 2 cores.
import { expect } from "chai";
import { TestCluster } from "./support/cluster";

/** Each means something to a shell, PHP, SQL, Handlebars, printf, systemd, or to a program that trims. */
const passwords = [
    "a'b\"c$d\\e|f%g{{h}}",
    " leading blank, and one behind ",
    "trailing backslash\\",
    "# ; '; DROP TABLE server; -- ",
    "\\' OR 1=1 /* \\\\' */ \\n\\0\\x",
    "Grüße aus 東京 €",
    "0123456789abcdef".repeat(4),
    "%s%d%n %% %h $1 $HOME $(id) `id`",
    "a&b<c>&amp;{{{d}}} {{#if e}} ?>",
];

/** Logs in as HRM's account does, with the installed configuration. */
const login = `include "/var/www/html/hrm/config/hrm_config.inc";
    mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
    $db = new mysqli($db_host, $db_user, $db_password, $db_name);
    echo $db->query("SELECT CURRENT_USER()")->fetch_column(), " ", base64_encode($db_password);`;

describe("database passwords", () => {
    let cluster: TestCluster;
    before(async () => {
        cluster = await TestCluster.make("t-pass", [[0]]);
    });
    after(() => cluster?.down());

    for (const [index, password] of passwords.entries()) {
        it(`${index === 0 ? "makes a cluster with" : "changes that of a running cluster to"} ${password}`, async () => {
            await cluster.stack.configure("databasePassword", password, { secret: true });
            await cluster.up();
            const answer = await cluster.lab.run("web", `php`, { user: "hrm", stdin: `<?php ${login}` });
            expect(answer).to.equal(`hrm@localhost ${Buffer.from(password).toString("base64")}`);
            await expectQueueManagerHas(cluster);
        });
    }

    it("leaves a queue manager that runs jobs", async () => {
        const [result] = await cluster.runJobs(1, 1);
        expect(result?.ok, result?.detail).to.equal(true);
    });

    it("refuses one with a newline, and touches no host", async () => {
        await cluster.stack.configure("databasePassword", "two\nlines", { secret: true });
        const { code, output } = await cluster.stack.up();
        expect(code).not.to.equal(0);
        expect(output)
            .to.match(/database\.password: .*want a text without newlines and other control characters/)
            .and.not.to.contain("two");
        expect(output).not.to.match(/remote:Command \S+ (creat|updat|delet)/);
    });
});

/** It runs, and has read the configuration since that was written: it writes its PID file when it starts. */
async function expectQueueManagerHas({ lab }: TestCluster): Promise<void> {
    const command = `systemctl is-active hrmd; find /var/www/html/hrm/config/hrm_config.inc -newer /var/log/hrm/hrmd.pid
        journalctl -u hrmd -o cat | grep -c 'startup failed' || :`;
    expect(await lab.run("web", command)).to.equal("active\n0\n");
}
