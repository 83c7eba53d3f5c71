// Covers: lib/steps/account lib/steps/folders lib/steps/database lib/steps/php lib/steps/queueManager lib/steps/access lib/steps/config lib/description/systemNames
import { expect } from "chai";
import { TestCluster } from "./support/cluster";
import { refusals, taken } from "./support/harm";
import type { Refusal } from "./support/harmAccounts";
import { StepsOnHosts } from "./support/onHost";

/** All that a step could have changed on its way to a refusal (not what a service of the host makes at its time, such as phpsessionclean twice an hour): accounts, owners and modes of folders, what the database server knows of users. */
const everything = `cat /etc/passwd /etc/group /etc/shadow /etc/gshadow
    find / -xdev \\( -path /proc -o -path /sys -o -path /run -o -path '/var/lib/mysql*' -o -path /tmp -o -path '/var/tmp/systemd-private-*' -o -path /var/lib/pulumi-hrm \\) -prune -o -type d -printf '%p %u %g %m\\n'
    ! command -v mariadb >/dev/null || mariadb -BN -e "SELECT User, Host, Priv FROM mysql.global_priv ORDER BY 1, 2; SELECT * FROM mysql.db ORDER BY 1, 2, 3; SHOW DATABASES"`;

const linesThatDiffer = (before: string, after: string): string[] => {
    const [old, now] = [before, after].map(text => new Set(text.split("\n"))) as [Set<string>, Set<string>];
    return [
        ...[...old].filter(line => !now.has(line)).map(line => `- ${line}`),
        ...[...now].filter(line => !old.has(line)).map(line => `+ ${line}`),
    ];
};

describe("what a host knows to be somebody else's", () => {
    let cluster: TestCluster;
    let steps: StepsOnHosts;
    before(async () => {
        cluster = await TestCluster.ready("t-harm", [[0, 1], [0]]);
        steps = await StepsOnHosts.of(cluster);
    });
    after(() => cluster?.down());

    const run = (step: string, values: Record<string, string> = {}) => steps.run(step, "ensure", values);

    for (const { title, step, values, put, says, remove } of refusals as Refusal[])
        it(`is not touched: ${title}`, async () => {
            const host = steps.hostOf(step);
            if (put) await cluster.lab.run(host, put);
            const before = await cluster.lab.run(host, everything);
            const { code, stderr } = await run(step, values);
            const after = await cluster.lab.run(host, everything);
            if (remove) await cluster.lab.run(host, remove);
            expect(code, stderr).to.equal(1);
            for (const text of says) expect(stderr, stderr).to.contain(text);
            if (values.db_password) expect(stderr).not.to.contain(values.db_password);
            // A line of a tool's own has no host and step in front.
            for (const line of stderr.trim().split("\n")) expect(line).to.match(/^(web|huygens\d): \w+: /);
            expect(linesThatDiffer(before, after)).to.deep.equal([]);
        });

    for (const { title, step, values, put, outcome } of taken)
        it(`is no obstacle: ${title}`, async () => {
            const host = steps.hostOf(step);
            await cluster.lab.run(host, put);
            const { code, stderr } = await run(step, values);
            expect(code, stderr).to.equal(0);
            expect(await cluster.lab.run(host, outcome.run)).to.equal(outcome.prints);
        });

    it("the folder that was HRM's, taken away by hand, is brought back", async () => {
        await cluster.lab.run("huygens1", "touch /data/hrm_data/image; chown -R nobody:nogroup /data/hrm_data");
        const { code, stderr } = await run("huygens1-folders");
        expect(code, stderr).to.equal(0);
        expect(await cluster.lab.run("huygens1", "stat -c '%U %G' /data/hrm_data /data/hrm_data/image")).to.equal(
            "hrm hrm\nnobody nogroup\n",
        );
    });

    it("accounts that another program has locked are waited for, and then it is told who has", async () => {
        const lock = "echo $$ >/etc/passwd.lock; sleep";
        const values = { user: "locked-out", group: "hrm" };
        await cluster.lab.run("huygens1", `setsid sh -c '${lock} 600' >/dev/null 2>&1 </dev/null & sleep 0.3`);
        const { code, stderr } = await run("huygens1-account", values);
        expect(code).to.equal(1);
        expect(stderr).to.match(/the accounts of this host are locked by process \d+ \(sh\)/);
        await cluster.lab.run("huygens1", "kill $(cat /etc/passwd.lock); rm -f /etc/passwd.lock");
        await cluster.lab.run("huygens1", `setsid sh -c '${lock} 3; rm /etc/passwd.lock' >/dev/null 2>&1 </dev/null & sleep 0.3`);
        expect(await run("huygens1-account", values)).to.include({ code: 0 });
        await cluster.lab.run("huygens1", "userdel -r locked-out 2>/dev/null");
    });

    it("no check is led astray by what PHP says at its start", async () => {
        await cluster.lab.run(
            "web",
            "for d in /etc/php/*/cli/conf.d; do printf 'extension=not_there.so\\ndisplay_startup_errors=On\\ndisplay_errors=On\\nhtml_errors=On\\n' >$d/99-noise.ini; done",
        );
        expect(await cluster.lab.run("web", "php -r ''")).to.contain("not_there");
        expect(await steps.differences()).to.deep.equal([]);
        const { code, stderr } = await run("web-database", { db_password: "another one" });
        expect(code, stderr).to.equal(0);
        expect((await run("web-database")).code).to.equal(0);
        await cluster.lab.run("web", "rm /etc/php/*/cli/conf.d/99-noise.ini");
    });
});
