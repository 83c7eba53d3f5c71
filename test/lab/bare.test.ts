// Covers: lib/steps/mail lib/steps/apt lib/steps/packages lib/steps/release lib/steps/webServer lib/steps/phpSettings lib/steps/pages lib/steps/services lib/hosts/file

import { copyFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { expect } from "chai";
import { repositoryRoot } from "../../engine/root";
import type { Result } from "../../lab/command";
import { setPace } from "../../lab/disk";
import { quickPace } from "../../lab/pace";
import { makeReleaseZip } from "../../lab/release";
import type { Verb } from "../../lib/hosts/launcher";
import { asBefore, holdLock, instead, killInstallation, needsAnUpgrade } from "./support/aptOnHost";
import { TestCluster } from "./support/cluster";
import { runStep } from "./support/onHost";
import { type Relay, relayAt, withoutTls } from "./support/relay";
import { until } from "./support/until";

describe("a web host on which nothing is installed yet", () => {
    let cluster: TestCluster;
    let relay: Relay;
    const web = (command: string) => cluster.lab.run("web", command);
    before(async () => {
        cluster = await TestCluster.make("t-bare", [[0]], { bare: true });
        setPace(cluster.lab.root("web"), quickPace);
    });
    after(async () => {
        await relay?.close();
        await cluster?.down();
    });

    /** The step alone, as its host gets it. */
    function packages(verb: Verb, values: Record<string, string | string[]> = {}): Promise<Result> {
        return runStep(cluster, verb, {
            ...{ step: "packages", host: "web" },
            values: { install: "bare", hrm_path: "/var/www/html/hrm", database_is_here: "yes", programs: [], ...values },
        });
    }

    const installed = () => web("dpkg-query -W");

    for (const { title, put = ":", remove = ":", values = {}, says } of [
        {
            title: "is told what is missing, where nothing is to be installed",
            values: { install: "no" },
            says: [
                "web: packages: packages are missing: php-cli iputils-ping ",
                "run there: apt-get install --no-install-recommends php-cli iputils-ping ",
            ],
        },
        {
            title: "with an HRM that somebody has put there is left to that person",
            put: "mkdir -p /var/www/html/hrm/inc && touch /var/www/html/hrm/inc/System.php",
            remove: "rm -r /var/www",
            says: ["web: packages: packages are missing: php-cli ", "or set packages.install to true, so that up does it"],
        },
        {
            title: "of another system is refused by name",
            put: "cp -P /etc/os-release /root; rm /etc/os-release; printf 'ID=fedora\\nPRETTY_NAME=\"Fedora Linux 42\"\\n' >/etc/os-release",
            remove: "rm /etc/os-release; mv /root/os-release /etc",
            says: [
                "this host is Fedora Linux 42; packages are installed on Debian and Ubuntu alone",
                "install there what takes the place of",
            ],
        },
        {
            title: "is told of a program of the settings that no package is known for",
            values: { programs: ["gtar"] },
            says: ["there is no gtar, which the settings name"],
        },
        {
            title: "has no way to its mirror",
            put: instead("deb [trusted=yes] http://mirror.example.org/debian bookworm main"),
            remove: asBefore,
            says: ["web: packages: apt-get cannot install php-cli ", "look at this host's way to its mirror"],
        },
        {
            title: "has no room for packages",
            put: "mount -t tmpfs -o size=1m none /var/cache/apt",
            remove: "umount /var/cache/apt",
            says: ["apt-get cannot install", "free space"],
        },
        {
            title: "would have to be upgraded for it",
            put: needsAnUpgrade,
            remove: `${asBefore}; dpkg --purge base-of-zip; rm -r /srv/newer`,
            says: ["apt-get would have to upgrade base-of-zip, which nobody has asked for", "nothing was changed"],
        },
    ] as { title: string; put?: string; remove?: string; values?: Record<string, string | string[]>; says: string[] }[])
        it(title, async () => {
            await web(put);
            const before = await installed();
            const { code, stderr } = await packages("ensure", values);
            const after = await installed();
            await web(remove);
            expect(code, stderr).to.equal(1);
            for (const text of says) expect(stderr, stderr).to.contain(text);
            for (const line of stderr.trim().split("\n")) expect(line).to.match(/^web: packages: /);
            expect(after).to.equal(before);
        });

    it("has a mirror that answers 404", async () => {
        const { machine } = cluster;
        const server = createServer((_, response) => response.writeHead(404).end()).listen(0, machine);
        await new Promise(resolve => server.on("listening", resolve));
        await web(instead(`deb [trusted=yes] http://${machine}:${(server.address() as { port: number }).port}/debian bookworm main`));
        const { code, stderr } = await packages("ensure");
        await web(asBefore);
        server.close();
        expect(code).to.equal(1);
        expect(stderr).to.contain("404").and.to.contain("look at this host's way to its mirror");
    });

    it("is installed by the first up, also where another program holds dpkg's lock for a while, and up was cut off", async () => {
        expect((await packages("check")).stdout).to.contain("hrm: differs package mariadb-server: not there, want it");
        await web(holdLock(14));
        const cut = packages("ensure");
        await until(
            "dpkg's work",
            async () => (await cluster.lab.exec("web", "grep -q 'status unpacked php' /var/log/dpkg.log")).code === 0,
        );
        await web(killInstallation);
        const { stderr: first } = await cut;
        expect(first).to.match(/waiting for process \d+ \(perl\), which installs something/);
        expect(await web("dpkg --audit | wc -l")).not.to.equal("0\n");

        const zip = join(cluster.lab.folder, "hrm.zip");
        await makeReleaseZip(join(repositoryRoot(), "lab/hrm"), zip, () => {});
        cluster.description.web.application = { release: zip, version: "3.10.0" };
        const { machine } = cluster;
        relay = await relayAt(machine, withoutTls);
        cluster.description.web.mail = { relay: { host: machine, port: relay.port, tls: false }, administrator: "admin@example.org" };
        await cluster.configure();
        const { output } = await cluster.up();
        expect(output, output).to.contain("web: packages: finishing an installation that was cut off");
        expect(output, output).to.contain("web: release: installs HRM 3.10.0");
        expect(output, output).to.contain("web: pages: logs in to HRM's pages as admin, and asks hucore as www-data");
        expect((await packages("check")).stdout).to.equal("hrm: checked\n");
        expect(await web("dpkg --audit; systemctl is-active mariadb apache2; php -m | grep -c -x -E 'mysqli|ldap|mbstring|xml'")).to.equal(
            "active\nactive\n4\n",
        );
    });

    it("sends HRM's mails to the relay, which has taken one for the administrator", async () => {
        await web(
            'runuser -u www-data -- php -r \'mail("user@example.org", "job", "done");\'; while [ -n "$(ls /var/spool/nullmailer/queue)" ]; do sleep 0.2; done',
        );
        expect(relay.mails.map(mail => mail.split("\n")[0])).to.deep.equal(["hrm@web admin@example.org", "hrm@web user@example.org"]);
        expect(await web("grep -c admin@example.org /var/www/html/hrm/config/hrm_config.inc")).to.equal("1\n");
    });

    it("runs PHP's programs instead of showing them", async () => {
        await web("echo '<?php echo 6 * 7;' >/var/www/html/try.php");
        const answer = await web("php -r 'echo file_get_contents(\"http://localhost/try.php\");'; rm /var/www/html/try.php");
        expect(answer).to.equal("42");
    });

    it("runs jobs then", async () => {
        await cluster.expectNothingToDo();
        const [result] = await cluster.runJobs(1);
        expect(result!.ok ? result!.server : result!.detail).to.equal("huygens1 0");
    });

    it("shows HRM's pages, and nothing of its releases but through the link to one", async () => {
        const release = (await web("basename $(readlink /var/www/html/hrm)")).trim();
        const status = (path: string) => web(`php -r 'echo get_headers("http://localhost/${path}")[0];'`);
        expect(await web("php -r 'echo file_get_contents(\"http://localhost/hrm/login.php\");'")).to.contain("<form");
        expect(await status("hrm/scripts/hucore.tcl")).to.contain(" 200 ");
        for (const path of [`${release}/login.php`, `${release}/scripts/hucore.tcl`, "site/config/hrm_config.inc", ""])
            expect(await status(`hrm.d/${path}`), path).to.contain(" 403 ");
        expect(await status("hrm/config/hrm_config.inc")).to.contain(" 403 ");
    });

    it("has a PHP that takes what HRM is told to take, as its pages say themselves", async () => {
        const values = () => web("php -r 'echo file_get_contents(\"http://localhost/hrm/pulumi-hrm.php\");'");
        expect(await values())
            .to.contain("post_max_size = 80M\n")
            .and.to.contain("date.timezone = Etc/UTC\n")
            .and.to.contain("HOME = /var/cache/pulumi-hrm\n");
        expect(await web('php -r \'echo ini_get("post_max_size"), " ", ini_get("date.timezone");\'')).to.equal("80M Etc/UTC");
        // Nobody else's business.
        expect(await web('php -r \'echo get_headers("http://" . gethostbyname(gethostname()) . "/hrm/pulumi-hrm.php")[0];\'')).to.contain(
            " 404 ",
        );
        cluster.description.settings = { maxUploadLimit: 5000 };
        cluster.description.web.webServer = { timeZone: "Europe/Zurich" };
        await cluster.configure();
        await cluster.up();
        await cluster.expectNothingToDo();
        expect(await values())
            .to.contain("upload_max_filesize = 5000M\n")
            .and.to.contain("date.timezone = Europe/Zurich\n");
    });

    it("is told what the web server's PHP makes of it, where somebody's file says otherwise", async () => {
        await web(
            "for folder in /etc/php/*/fpm/conf.d; do echo 'post_max_size = 8M' >$folder/99-z.ini; done; systemctl restart 'php*-fpm.service'",
        );
        const preview = await cluster.stack.preview();
        expect(preview.output, preview.output).to.contain("web: PHP of the web server: post_max_size = 8M, want post_max_size = 80M");
        const { code, output } = await cluster.stack.up();
        await web("rm /etc/php/*/fpm/conf.d/99-z.ini");
        expect(code).not.to.equal(0);
        expect(output).to.match(/web: phpSettings: PHP of the web server: post_max_size = 8M, want post_max_size = 80M, though/);
        await cluster.up();
        await cluster.expectNothingToDo();
    });

    it("is told where HRM's login form is not to be had, where nobody gets in, and where hucore does not answer the web server's user", async () => {
        const program = "/var/www/html/hrm/login.php";
        for (const { put, difference, says } of [
            {
                put: "printf '%s\\n' '<VirtualHost *:80>' 'ServerName web' 'DocumentRoot /srv' '</VirtualHost>' >/etc/apache2/sites-enabled/000-a.conf; systemctl reload apache2; sleep 1",
                difference: "http://web/hrm/login.php: 403, want HRM's login form",
                says: "web: phpSettings: http://web/hrm/pulumi-hrm.php gets an answer 403 from the web server of this host",
            },
            {
                put: `rm ${program}`,
                difference: "http://web/hrm/login.php: 404, want HRM's login form",
                says: "web: pages: http://web/hrm/login.php has no login form for who asks on this host: 404",
            },
            {
                put: `sed -i 's/password_verify(/! password_verify(/' ${program}; rm -f /var/lib/pulumi-hrm/pages-proven`,
                difference: "HRM's pages: no proof for what is described now, want one",
                says: "web: pages: HRM's login page answers 302 to a wrong password, want 200",
            },
            {
                put: `sed -i 's/password_verify(/false \\&\\& password_verify(/' ${program}; rm -f /var/lib/pulumi-hrm/pages-proven`,
                difference: "HRM's pages: no proof for what is described now, want one",
                says: "web: pages: the administrator does not get in: HRM's login page answers 200 to the right password, want 302",
            },
            {
                put: "sed -i '2i [ $(id -un) != www-data ] || { echo no licence; exit 1; }' /usr/local/bin/hucore",
                difference: "HRM's pages: no proof for what is described now, want one",
                says: "web: pages: hucore does not answer www-data, so that HRM shows no previews: no licence",
            },
        ]) {
            await web(`cp -p ${program} /root/login.php; cp -p /usr/local/bin/hucore /root/hucore; ${put}`);
            const preview = await cluster.stack.preview();
            const { code, output } = await cluster.stack.up();
            await web(
                `cp -p /root/login.php ${program}; cp -p /root/hucore /usr/local/bin/hucore; rm -f /root/login.php /root/hucore /etc/apache2/sites-enabled/000-a.conf; systemctl reload apache2; sleep 1`,
            );
            expect(preview.output).to.contain(`web: ${difference}`);
            expect(code).not.to.equal(0);
            expect(output).to.contain(says);
        }
        await cluster.up();
        await cluster.expectNothingToDo();
    });

    it("leaves the administrator the password that he has chosen on HRM's pages", async () => {
        await web(
            "mariadb hrm -e \"UPDATE username SET password = '$(php -r 'echo password_hash(\"chosen by hand\", PASSWORD_BCRYPT);')' WHERE name = 'admin'\"; rm -f /var/lib/pulumi-hrm/pages-proven",
        );
        expect((await cluster.up()).output).to.contain("the administrator has another password by now, so nobody has tried to log in");
        await cluster.expectNothingToDo();
    });

    it("has nothing to do where the zip lies elsewhere on the machine that runs Pulumi", async () => {
        const application = cluster.description.web.application as { release: string };
        copyFileSync(application.release, join(cluster.lab.folder, "copy.zip"));
        application.release = join(cluster.lab.folder, "copy.zip");
        await cluster.configure();
        await cluster.expectNothingToDo();
    });

    it("gets its release once more where somebody has deleted it, without what is the site's", async () => {
        await web("echo '/* ours */' >/var/www/html/hrm.d/site/custom; rm -r /var/www/html/hrm.d/3.10.0-*");
        const preview = await cluster.stack.preview();
        expect(preview.output, preview.output).to.match(
            /web: \/var\/www\/html\/hrm: 3\.10\.0-\w{8} there, want HRM's release 3\.10\.0-\w{8}/,
        );
        expect(preview.output).to.match(/hrm-web-release\s+replace/);
        await cluster.up();
        await cluster.expectNothingToDo();
        expect(await web("cat /var/www/html/hrm/custom; ls -A /home/admin /root | grep -c zip || :")).to.equal("/* ours */\n0\n");
    });

    it("has HRM's logs rotated, while the queue manager goes on", async () => {
        const queueManager = () => web("systemctl show hrmd --property MainPID --value");
        const before = await queueManager();
        await web("logrotate --force /etc/logrotate.d/pulumi-hrm");
        expect(await web("stat -c '%U %G %a %s' /var/log/hrm/hrm.log; ls /var/log/hrm/hrm.log.1")).to.equal(
            "hrm hrm 664 0\n/var/log/hrm/hrm.log.1\n",
        );
        const [result] = await cluster.runJobs(1);
        expect(result!.ok ? result!.server : result!.detail).to.equal("huygens1 0");
        expect(await queueManager()).to.equal(before);
        await cluster.expectNothingToDo();
    });

    it("leaves the rotation to a file of the site's own", async () => {
        await web("mv /etc/logrotate.d/pulumi-hrm /etc/logrotate.d/hrm");
        await cluster.expectNothingToDo();
        await web("logrotate --debug /etc/logrotate.conf && rm /etc/logrotate.d/hrm");
        await cluster.up();
        await cluster.expectNothingToDo();
    });
});
