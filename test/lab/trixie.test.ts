// Covers: lib/steps/account lib/steps/folders lib/steps/database lib/steps/schema lib/steps/webServer lib/steps/access lib/steps/link lib/steps/keys
import { expect } from "chai";
import { TestCluster } from "./support/cluster";
import { StepsOnHosts } from "./support/onHost";
import { said } from "./support/preview";
import { get } from "./support/stranger";

/** What each feature stands on, once more on hosts with Debian 13: other versions of sshd, sudo, PHP, MariaDB, systemd and the web servers. */
describe("a cluster of hosts with Debian 13", () => {
    let cluster: TestCluster;
    const web = (command: string) => cluster.lab.run("web", command);
    before(async () => {
        cluster = await TestCluster.make("t-trixie", [[0], [0]], { release: "trixie" });
        await web("systemctl enable --quiet --now apache2");
    });
    after(() => cluster?.down());

    it("comes up, and there is nothing to do then", async () => {
        for (const { name } of cluster.lab.hosts) expect(await cluster.lab.run(name, "cat /etc/debian_version")).to.match(/^(13|trixie)/);
        await cluster.up();
        await cluster.expectNothingToDo();
    });

    it("runs a job on each row", async () => {
        const results = await cluster.runJobs(2);
        expect(results.map(({ ok, server, detail }) => (ok ? server : detail)).sort()).to.deep.equal(["huygens1 0", "huygens2 0"]);
    });

    it("shows HRM's pages and not its inner folders", async () => {
        expect(await web(get("/hrm/login.php"))).to.equal("200\n");
        for (const path of ["config/hrm_config.inc", "setup/dbupdate.php", "inc/System.php"])
            expect(await web(get(`/hrm/${path}`))).to.equal("403\n");
    });

    it("has its drift seen and repaired", async () => {
        await web("chmod 0755 /data/hrm_data; rm /etc/apache2/conf-enabled/pulumi-hrm.conf; systemctl reload apache2");
        // Not the key: an sshd of Debian 13 penalises the queue manager's refused logins for minutes, which are more in a lab than elsewhere.
        await cluster.lab.run("huygens1", "chmod 0755 /data/hrm_data");
        const { differences } = said(await cluster.stack.preview());
        expect(Object.keys(differences).sort()).to.deep.equal(["huygens1", "web"]);
        await cluster.up();
        await cluster.expectNothingToDo();
    });

    it("rotates its key and restarts its queue manager", async () => {
        cluster.description.keyVersion = 2;
        cluster.description.settings = { logVerbosity: 2 };
        await cluster.configure();
        await cluster.up();
        await cluster.expectNothingToDo();
        expect(await web("ls /home/hrm/.ssh/hrm-cluster.d | grep key-")).to.equal("key-2\n");
    });

    it("is told which algorithms are missing where an sshd has only those against quantum computers", async () => {
        const only = "KexAlgorithms mlkem768x25519-sha256";
        await cluster.lab.run("huygens2", `echo '${only}' >/etc/ssh/sshd_config.d/00-test.conf; systemctl reload ssh`);
        const { unchecked } = said(await cluster.stack.preview());
        expect(unchecked.join("\n")).to.contain(
            "huygens2: not looked at for changes made by hand: its sshd and this side have no key exchange algorithm in common",
        );
        await cluster.lab.run("huygens2", "rm /etc/ssh/sshd_config.d/00-test.conf; systemctl reload ssh");
    });

    it("does no harm to what is somebody else's", async () => {
        const steps = await StepsOnHosts.of(cluster);
        expect((await steps.run("huygens1-account", "ensure", { user: "admin" })).stderr).to.contain("user admin cannot be HRM's");
        expect((await steps.run("web-account", "ensure", { user: "mysql" })).stderr).to.contain(
            "user mysql cannot be HRM's: it belongs to mariadb",
        );
        await cluster.lab.run("huygens1", "install -d -o nobody /srv/theirs; touch /srv/theirs/x");
        expect((await steps.run("huygens1-folders", "ensure", { folders: "2770 /srv/theirs" })).stderr).to.contain(
            "/srv/theirs cannot be HRM's",
        );
        expect(
            (await steps.run("web-database", "ensure", { db_name: "hrm", db_user: "root", db_password: "hush-hush" })).stderr,
        ).to.contain("not HRM's alone");
    });
});

describe("a web host with Debian 13, nginx and PHP-FPM, and one without a web server", () => {
    let cluster: TestCluster;
    const web = (command: string) => cluster.lab.run("web", command);
    before(async () => {
        cluster = await TestCluster.make("t-trixie2", [[0]], { release: "trixie" });
    });
    after(() => cluster?.down());

    it("comes up without a web server, and says so", async () => {
        const { output } = await cluster.up();
        expect(output).to.contain("web: webServer: no web server runs on this host: HRM's pages are served to nobody");
        await cluster.expectNothingToDo();
    });

    it("differs when there is one that shows everything", async () => {
        await web(`systemctl enable --quiet --now $(systemctl list-unit-files --no-legend 'php*-fpm.service' | cut -d ' ' -f 1) nginx`);
        const { differences } = said(await cluster.stack.preview());
        expect(differences.web!.join("\n")).to.contain("/config/").and.to.contain("open to everybody, want it closed");
    });
});
