// Covers: lib/steps/link lib/steps/look lib/steps/access lib/steps/account lib/steps/database lib/steps/queueManager lib/steps/application lib/steps/restart lib/steps/rows lib/steps/config lib/steps/schema lib/hosts/drift/run lib/hosts/drift/checkOutput
import { expect } from "chai";
import { ails, neverAnswers } from "./support/ails";
import { TestCluster } from "./support/cluster";
import { StepsOnHosts } from "./support/onHost";
import { until } from "./support/until";

const matches = (text: string, want: string | RegExp) => (typeof want === "string" ? text.includes(want) : want.test(text));

describe("a cluster that looks well", () => {
    let cluster: TestCluster;
    let steps: StepsOnHosts;
    before(async () => {
        cluster = await TestCluster.ready("t-health", [[0, 1], [0]]);
        steps = await StepsOnHosts.of(cluster);
    });
    after(() => cluster?.down());

    it("is well while its queue manager waits for a node that may have died a moment ago", async () => {
        const { host, put, remove, step } = neverAnswers;
        await cluster.lab.run(host, put);
        const check = await steps.run(step, "check", { hang_seconds: "2" });
        const { code } = await cluster.lab.exec(host, "pgrep -f '[s]leep 600'");
        await cluster.lab.run(host, remove);
        expect({ stillAsked: code === 0, said: check.stdout }).to.deep.equal({ stillAsked: true, said: "hrm: checked\n" });
    });

    const queueManager = async () =>
        (await cluster.lab.run("web", "systemctl is-active hrmd || :; systemctl show hrmd --property MainPID --value")).trim().split("\n");

    for (const { title, host, put, remove, step, values, differs = [], unreachable, refuses } of ails)
        it(`is not: ${title}`, async () => {
            await cluster.lab.run(host, put);
            const check = await steps.run(step, "check", values);
            const ensure = await steps.run(step, "ensure", values);
            if (remove) await cluster.lab.run(host, remove);
            const lines = check.stdout.trim().split("\n");
            if (unreachable) {
                expect(check.code, check.stdout).to.equal(3);
                expect(lines).to.have.length(1);
                expect(lines[0])
                    .to.match(/^hrm: unreachable huygens1 /)
                    .and.to.match(unreachable);
            } else {
                expect(check.code, check.stdout + check.stderr).to.equal(0);
                const found = lines
                    .slice(0, -1)
                    .filter(line => !line.startsWith("hrm: follows "))
                    .map(line => line.replace("hrm: differs ", ""));
                expect(found, check.stdout).to.have.length(differs.length);
                for (const want of differs)
                    expect(
                        found.some(line => (typeof want === "string" ? line === want : want.test(line))),
                        `${want} in\n${check.stdout}`,
                    ).to.equal(true);
            }
            expect(ensure.code, ensure.stderr).to.equal(refuses ? 1 : 0);
            for (const want of refuses ?? []) expect(matches(ensure.stderr, want), `${want} in\n${ensure.stderr}`).to.equal(true);
            for (const line of ensure.stderr.trim().split("\n")) expect(line).to.match(/^(web|huygens\d): [\w-]+: |^$/);
            if (refuses) await until("the queue manager to be there", async () => (await queueManager())[0] === "active");
            else expect(await steps.differences()).to.deep.equal([]);
        });

    it("is, when all of that is over", async () => {
        expect(await steps.run("huygens1-link", "ensure")).to.include({ code: 0 });
        expect(await steps.differences()).to.deep.equal([]);
        expect(await cluster.lab.run("huygens1", "grep -c somebody ~hrm/.ssh/authorized_keys")).to.equal("1\n");
    });

    it("does not answer ping: HRM sends no job there", async () => {
        await cluster.lab.dropPing("huygens1");
        const { stdout } = await steps.run("huygens1-link", "check");
        await cluster.lab.dropPing("huygens1", false);
        expect(stdout).to.equal("hrm: differs huygens1: does not answer ping, and HRM pings a node before each job\nhrm: checked\n");
    });

    it("keeps its queue manager while a configuration that its account cannot read is mended", async () => {
        const before = await queueManager();
        await cluster.lab.run("web", "chmod 600 /var/www/html/hrm/config/hrm_config.inc");
        expect(await steps.run("web-config", "ensure")).to.include({ code: 0 });
        expect(await queueManager()).to.deep.equal(before);
        expect(await steps.differences()).to.deep.equal([]);
    });

    for (const [title, put, remove, code] of [
        ["an upgrade of the schema", "true", "true", 0],
        [
            "one that fails",
            "mv /var/www/html/hrm/setup/dbupdate.php /root",
            "mv /root/dbupdate.php /var/www/html/hrm/setup; mariadb hrm -e \"UPDATE global_variables SET value = '21' WHERE name = 'dbrevision'\"",
            1,
        ],
    ] as const)
        it(`has its queue manager stopped for ${title}, and started again`, async () => {
            const before = await queueManager();
            await cluster.sql("UPDATE global_variables SET value = '20' WHERE name = 'dbrevision'");
            await cluster.lab.run("web", put);
            expect((await steps.run("web-schema", "check")).stdout).to.contain(
                "hrm: follows HRM's schema is upgraded from revision 20 to 21, while the queue manager is stopped; the database as it was is kept in /var/lib/pulumi-hrm/backup",
            );
            const upgrade = await steps.run("web-schema", "ensure");
            await cluster.lab.run("web", remove);
            expect(upgrade.code, upgrade.stderr).to.equal(code);
            expect(upgrade.stderr).to.contain("the queue manager finishes its round before the upgrade from revision 20 to 21");
            await until("the queue manager to be there again", async () => {
                const now = await queueManager();
                return now[0] === "active" && now[1] !== before[1] && (await cluster.hasStarted());
            });
            expect(await steps.differences()).to.deep.equal([]);
        });

    describe("whose node lets the queue manager in no more", () => {
        before(() => cluster.lab.run("huygens1", "chage -E 1 hrm"));
        after(() => cluster.lab.run("huygens1", "chage -E -1 hrm"));

        it("is warned of in a preview, in the words of ssh", async () => {
            const preview = await cluster.stack.preview("--expect-no-changes");
            expect(preview.code, preview.output).to.equal(0);
            expect(preview.output).to.match(/warning: huygens1: not looked at .*: the queue manager's ssh does not get there: \S/);
        });

        it("makes up fail, which names it once and what to do, and changes nothing", async () => {
            const up = await cluster.stack.up();
            expect(up.code, up.output).not.to.equal(0);
            expect(up.output).to.match(/error: huygens1: not looked at .*maintenance: true/);
            expect(up.output).not.to.match(/remote:Command \S+ (creat|updat|delet)/);
        });
    });

    it("has a queue manager that is down started, and lists the rows that are there, while another node fails", async () => {
        await cluster.up();
        await cluster.lab.run("web", "systemctl stop hrmd");
        await cluster.lab.run("huygens2", "mv /usr/local/bin/hucore /root");
        const up = await cluster.stack.up();
        expect(up.code, up.output).not.to.equal(0);
        expect(up.output).to.contain("/usr/local/bin/hucore is not there");
        await until("the queue manager to send jobs", async () => await cluster.hasStarted());
        const [job] = await cluster.runJobs(1);
        expect(job?.ok, job?.detail).to.equal(true);
        expect(await cluster.servers()).to.deep.equal(["huygens1 0", "huygens1 1", "huygens2 0"]);
        expect(await cluster.rows()).to.have.length(3);
        await cluster.lab.run("huygens2", "mv /root/hucore /usr/local/bin/");
        await cluster.up();
    });
});
