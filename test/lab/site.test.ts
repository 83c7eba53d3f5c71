// Covers: lib/steps/obstacles lib/steps/site lib/steps/services lib/steps/webServer lib/description/site lib/templates/site.conf
import { expect } from "chai";
import { certificateFor } from "./support/certificate";
import { TestCluster } from "./support/cluster";
import { firewalls, ufws } from "./support/firewalls";
import { runStep, StepsOnHosts } from "./support/onHost";
import { said } from "./support/preview";

const names = ["hrm.example.org", "hrm"];
const site = "/etc/apache2/sites-available/pulumi-hrm.conf";

/** `STATUS LOCATION`, and the certificate's serial number, as somebody sees them who asks this host by a name. */
const ask = (url: string) => `php -r '$u = parse_url("${url}"); $tls = $u["scheme"] === "https";
    $c = stream_context_create(["ssl" => ["peer_name" => $u["host"], "verify_peer" => false, "verify_peer_name" => false, "capture_peer_cert" => true]]);
    $s = stream_socket_client(($tls ? "tls" : "tcp") . "://127.0.0.1:" . ($tls ? 443 : 80), $code, $text, 5, STREAM_CLIENT_CONNECT, $c);
    fwrite($s, "GET " . ($u["path"] ?? "/") . " HTTP/1.0\\r\\nHost: $u[host]\\r\\n\\r\\n"); $a = stream_get_contents($s);
    preg_match("~^Location: (\\S+)~mi", $a, $l);
    echo explode(" ", $a)[1], " ", $l[1] ?? "", str_contains($a, "<form") ? "form" : "", " ", $tls ? openssl_x509_parse(stream_context_get_params($c)["options"]["ssl"]["peer_certificate"])["subject"]["CN"] : "";'`;

/** Kills the step when it has Apache read something. */
const cutOffAtSystemctl = `mv /usr/bin/systemctl /usr/bin/systemctl.real
    printf '%s\\n' '#!/bin/sh' 'case "$1" in reload | restart) kill -9 -$(ps -o pgid= $$ | tr -d " ") ;; esac' 'exec systemctl.real "$@"' >/usr/bin/systemctl; chmod 755 /usr/bin/systemctl`;
const wholeSystemctl = "mv -f /usr/bin/systemctl.real /usr/bin/systemctl";

describe("HRM's site in Apache, on a web host", () => {
    let cluster: TestCluster;
    let steps: StepsOnHosts;
    const web = (command: string) => cluster.lab.run("web", command);
    const pair = ({ certificate, key }: ReturnType<typeof certificateFor>) => ({ certificate, privateKey: key });
    const first = certificateFor(names);

    const described = async (webServer: object | undefined) => {
        if (webServer) cluster.description.web.webServer = webServer;
        else delete cluster.description.web.webServer;
        await cluster.configure();
    };

    before(async () => {
        cluster = await TestCluster.ready("t-site", [[0, 1], [0]]);
        await web("systemctl enable --quiet --now apache2");
        await cluster.up();
    });
    after(() => cluster?.down());

    it("shows HRM's pages by its names over TLS, and sends there who comes without", async () => {
        await described({ serverName: names[0], aliases: names.slice(1), https: pair(first) });
        await cluster.up();
        await cluster.expectNothingToDo();
        steps = await StepsOnHosts.of(cluster);
        for (const name of names) {
            expect(await web(ask(`https://${name}/hrm/login.php`))).to.equal("200 form hrm.example.org");
            expect(await web(ask(`http://${name}/hrm/login.php`))).to.equal("301 https://hrm.example.org/hrm/login.php ");
            expect(await web(ask(`https://${name}/`))).to.match(/^302 https:\/\/\S+\/hrm\/ /);
            expect(await web(ask(`https://${name}/hrm/config/hrm_config.inc`))).to.contain("403 ");
        }
        expect(await web(ask("http://another.example.org/hrm/login.php"))).to.equal("200 form ");
        expect(await web("grep -o 'https://[^\"'\\'']*' /var/www/html/hrm/config/hrm_config.inc")).to.equal(
            "https://hrm.example.org/hrm\n",
        );
    });

    it("keeps the key to root, and out of what is said and kept in plain", async () => {
        expect(await web("stat -c '%U %G %a' /etc/apache2/pulumi-hrm/pair.pem")).to.equal("root root 600\n");
        const { output } = await cluster.stack.run(["stack", "export"]);
        expect(output).not.to.contain(first.key.split("\n")[2]);
    });

    for (const { title, put, difference } of [
        {
            title: "its configuration",
            put: `sed -i s/301/302/ ${site}; echo '# mine' >>${site}`,
            difference: `${site}: other content than described`,
        },
        { title: "its link", put: "rm /etc/apache2/sites-enabled/pulumi-hrm.conf", difference: `${site}: not enabled in Apache, want it` },
        {
            title: "its key's mode",
            put: "chmod 644 /etc/apache2/pulumi-hrm/pair.pem",
            difference: "/etc/apache2/pulumi-hrm/pair.pem: owner, group and mode root root 644, want root root 600",
        },
        { title: "the module that it needs", put: "a2dismod -q -f ssl", difference: "Apache: without its module ssl, want it" },
    ])
        it(`is as described again where somebody has changed ${title}`, async () => {
            await web(put);
            expect(await steps.differences(["web-site"])).to.include(`web: ${difference}`);
            const { code, stderr } = await steps.run("web-site", "ensure");
            expect(code, stderr).to.equal(0);
            expect(await steps.differences(["web-site", "web-webServer"])).to.deep.equal([]);
            expect(await web(ask("https://hrm.example.org/hrm/login.php"))).to.equal("200 form hrm.example.org");
        });

    it("is told where another site shows another certificate by its name", async () => {
        const { certificate, key } = certificateFor(["other.example.org"]);
        await cluster.lab.run("web", "cat >/etc/apache2/other.pem", { stdin: certificate + key });
        await web(`printf '%s\\n' '<VirtualHost *:443>' 'ServerName hrm.example.org' 'SSLEngine on' 'SSLCertificateFile /etc/apache2/other.pem' '</VirtualHost>' >/etc/apache2/sites-enabled/a.conf
            systemctl restart apache2`);
        expect(await steps.differences(["web-site"])).to.deep.equal([
            "web: https://hrm.example.org: another certificate than the described",
        ]);
        await web("rm /etc/apache2/sites-enabled/a.conf; systemctl restart apache2");
        expect(await steps.differences(["web-site"])).to.deep.equal([]);
    });

    it("is told where nobody listens for TLS, and not called shown", async () => {
        await web("sed -i 's/^\\s*Listen 443/#&/' /etc/apache2/ports.conf; systemctl restart apache2");
        expect(await steps.differences(["web-site"])).to.deep.equal([
            "web: https://hrm.example.org: nobody answers on port 443 of this host",
        ]);
        const { code, stderr } = await steps.run("web-site", "ensure");
        await web("sed -i 's/^#\\(\\s*Listen 443\\)/\\1/' /etc/apache2/ports.conf; systemctl restart apache2");
        expect(code, stderr).to.equal(1);
        expect(stderr).to.contain("nobody answers on port 443 of this host, though Apache has read").and.to.contain("ports.conf");
        expect(await steps.differences(["web-site"])).to.deep.equal([]);
    });

    it("does not end Apache by a certificate that OpenSSL serves no more, though a check of the configuration finds nothing", async () => {
        const { certificate, key } = certificateFor(names, 1, 1024);
        const { code, stderr } = await steps.run("web-site", "ensure", { certificate: certificate.trim(), private_key: key.trim() });
        expect(code, stderr).to.equal(1);
        expect(stderr).to.match(/Apache ended when it read \S+, and goes on without it: .*key too small/);
        for (const line of stderr.trim().split("\n")) expect(line).to.match(/^web: site: /);
        expect(await web(ask("http://another.example.org/hrm/login.php"))).to.equal("200 form ");
        expect(await steps.run("web-site", "ensure")).to.include({ code: 0 });
        expect(await web(ask("https://hrm.example.org/hrm/login.php"))).to.equal("200 form hrm.example.org");
    });

    it("is read by Apache in the next run, where one was cut off before", async () => {
        await web(`echo '# mine' >>${site}; ${cutOffAtSystemctl}`);
        const cut = await steps.run("web-site", "ensure");
        await web(wholeSystemctl);
        expect(cut.code).not.to.equal(0);
        expect(await steps.differences(["web-site"])).to.deep.equal([`web: Apache: has not read ${site} yet, want it to`]);
        expect(await steps.run("web-site", "ensure")).to.include({ code: 0 });
        expect(await steps.differences(["web-site"])).to.deep.equal([]);
    });

    it("leaves the web server as it is where somebody's configuration has a mistake", async () => {
        await web(`echo Nonsense >/etc/apache2/conf-enabled/z.conf; echo '# mine' >>${site}`);
        const { code, stderr } = await steps.run("web-site", "ensure");
        await web("rm /etc/apache2/conf-enabled/z.conf");
        expect(code).to.equal(1);
        expect(stderr).to.contain("apache2.service needs a reload, but its configuration has a mistake: ").and.to.contain("Nonsense");
        expect(await web(ask("https://hrm.example.org/hrm/login.php"))).to.equal("200 form hrm.example.org");
        expect(await steps.run("web-site", "ensure")).to.include({ code: 0 });
    });

    it("is refused before anything is changed where another program has its port", async () => {
        await web("systemctl stop apache2; setsid php -S 0.0.0.0:443 -t /srv >/dev/null 2>&1 </dev/null & sleep 0.5");
        await web(`echo '# mine' >>${site}`);
        const { code, stderr } = await steps.run("web-site", "ensure");
        expect(await steps.differences(["web-site"])).to.include("web: port 443: php has it, want Apache");
        await web("pkill -f 0.0.0.0:44[3]; systemctl start apache2");
        expect(code).to.equal(1);
        expect(stderr).to.contain("web: site: port 443 is held by php, where Apache is to listen for hrm.example.org");
        expect(await web(`tail -n 1 ${site}`)).to.equal("# mine\n");
        expect(await steps.run("web-site", "ensure")).to.include({ code: 0 });
    });

    /** What keeps people from the pages. Where the machine is busy, a look at the web server tells also that it did not see all in its time. */
    const obstacles = async () =>
        (await steps.run("web-webServer", "check")).stdout
            .split("\n")
            .flatMap(line => /^hrm: follows ((?:nft|ufw|AppArmor)\b.*)/.exec(line)?.[1] ?? []);

    for (const { title, rules, closed } of firewalls)
        it(`may be behind an nft that ${title}: ${closed.join(", ") || "nothing"} is closed, which a preview tells`, async () => {
            await cluster.lab.run("web", "nft -f -", { stdin: rules });
            const told = await obstacles();
            await web("nft flush ruleset");
            expect(told.map(line => /^nft's table \w+ \(chain \w+\) drops what comes to port (\d+)/.exec(line)?.[1])).to.deep.equal(
                closed.map(String),
            );
        });

    for (const { title, status, closed } of ufws)
        it(`may be behind a ufw that ${title}: ${closed.join(", ") || "nothing"} is closed`, async () => {
            await cluster.lab.run("web", "printf '#!/bin/sh\\ncat /root/ufw\\n' >/usr/sbin/ufw; chmod 755 /usr/sbin/ufw; cat >/root/ufw", {
                stdin: status,
            });
            const told = await obstacles();
            await web("rm /usr/sbin/ufw");
            expect(told.map(line => /^ufw lets nobody come to port (\d+)/.exec(line)?.[1])).to.deep.equal(closed.map(String));
        });

    it("is told where AppArmor confines what serves it", async () => {
        await web("echo 'apache2 (enforce)' >/root/profile; mount --bind /root/profile /proc/$(pgrep -o apache2)/attr/current");
        const told = await obstacles();
        await web("umount /proc/$(pgrep -o apache2)/attr/current");
        expect(told).to.deep.equal([
            "AppArmor confines apache2 (apache2): what it denies stands in 'journalctl -k' ('aa-complain apache2', or rules for HRM's folders)",
        ]);
        expect(await obstacles()).to.deep.equal([]);
    });

    it("is refused where this host's clock is wrong for its certificate", async () => {
        await web(`echo '# mine' >>${site}; dpkg -L libfaketime | grep 'MT[.]so[.]1$' >/etc/ld.so.preload; echo +100d >/etc/faketimerc`);
        const found = await steps.differences(["web-site"]);
        const { code, stderr } = await steps.run("web-site", "ensure");
        await web("rm /etc/ld.so.preload /etc/faketimerc");
        expect(found.join("\n")).to.match(
            /web: clock of this host: \d{4}-\d\d-\d\d \d\d:\d\d UTC, and the certificate of hrm\.example\.org is valid from/,
        );
        expect(code).to.equal(1);
        expect(stderr).to.contain("web: site: the clock of this host says ").and.to.contain("timedatectl set-ntp true");
        expect(await web(`tail -n 1 ${site}`)).to.equal("# mine\n");
        expect(await steps.run("web-site", "ensure")).to.include({ code: 0 });
    });

    it("gets a new certificate while it is asked", async () => {
        const renewed = certificateFor(["hrm.example.org", "hrm", "new.example.org"], 2);
        await described({ serverName: names[0], aliases: names.slice(1), https: pair(renewed) });
        const preview = said(await cluster.stack.preview());
        expect(preview.differences.web).to.include("web: /etc/apache2/pulumi-hrm/pair.pem: other content than described");
        expect(JSON.stringify(preview)).not.to.contain("PRIVATE KEY");
        await cluster.up();
        await cluster.expectNothingToDo();
        expect(await web(ask("https://new.example.org/hrm/login.php"))).to.contain("200 form");
    });

    it("has a PHP in Apache itself that takes what HRM is told to take, and a home for its user", async () => {
        const tree = "/var/www/html/hrm";
        await web(`mkdir -p ${tree}.d/site && mv ${tree} ${tree}.d/a && ln -s hrm.d/a ${tree} && chgrp -R hrm ${tree}.d`);
        const values = {
            user: "hrm",
            web_user: "www-data",
            hrm_path: tree,
            url: "https://hrm.example.org/hrm",
            settings: "post_max_size = 80M",
            time_zone: "",
        };
        const step = (verb: "check" | "ensure") => runStep(cluster, verb, { step: "phpSettings", host: "web", values });
        const { code, stderr } = await step("ensure");
        expect(code, stderr).to.equal(0);
        expect((await step("check")).stdout).to.equal("hrm: checked\n");
        const told = await web("php -r 'echo file_get_contents(\"http://127.0.0.1/hrm/pulumi-hrm.php\");'");
        expect(told).to.equal("post_max_size = 80M\ndate.timezone = Etc/UTC\nHOME = /var/cache/pulumi-hrm\n");
        // As somebody does who removes a drop-in of systemd.
        await web("rm -r /etc/systemd/system/apache2.service.d; systemctl daemon-reload; systemctl restart apache2");
        expect((await step("check")).stdout).to.contain("hrm: differs PHP of the web server: HOME = , want HOME = /var/cache/pulumi-hrm\n");
        await web(`rm -r /etc/php/*/*/conf.d/99-pulumi-hrm.ini ${tree}; mv ${tree}.d/a ${tree}; rm -r ${tree}.d ${tree}/pulumi-hrm.php`);
    });

    it("keeps no key when it is not asked over TLS any more", async () => {
        await described({ serverName: names[0], redirectHttp: false });
        expect(said(await cluster.stack.preview()).differences.web).to.include(
            "web: /etc/apache2/pulumi-hrm/pair.pem: of an earlier description, want it gone",
        );
        await cluster.up();
        await cluster.expectNothingToDo();
        expect(await web("ls /etc/apache2/pulumi-hrm; grep -c 443 /etc/apache2/sites-enabled/pulumi-hrm.conf || :")).to.equal("0\n");
    });

    it("is gone when it is not described any more, with its key, also where a run was cut off before Apache has read that", async () => {
        const without = { has_site: "no" };
        await web(cutOffAtSystemctl);
        const cut = await steps.run("web-webServer", "ensure", without);
        await web(wholeSystemctl);
        expect(cut.code).not.to.equal(0);
        expect(await web("ls /etc/apache2/sites-enabled")).not.to.contain("pulumi-hrm");
        expect((await steps.run("web-webServer", "check", without)).stdout).to.match(/hrm: differs Apache's site pulumi-hr/);
        await described(undefined);
        await cluster.up();
        await cluster.expectNothingToDo();
        expect(await web("ls -d /etc/apache2/pulumi-hrm /etc/apache2/sites-*/pulumi-hrm.conf 2>/dev/null | wc -l")).to.equal("0\n");
        expect(await web(ask("http://hrm.example.org/hrm/login.php"))).to.equal("200 form ");
    });
});
