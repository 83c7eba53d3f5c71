// Covers: lib/steps/webServer lib/steps/stranger lib/steps/schema lib/steps/accounts
import { expect } from "chai";
import { TestCluster } from "./support/cluster";
import { StepsOnHosts } from "./support/onHost";
import { said } from "./support/preview";
import { get } from "./support/stranger";

const config = "/var/www/html/hrm/config/hrm_config.inc";
const groups = "id -nG www-data";

const login = (password: string) =>
    `php -r '$c = stream_context_create(["http" => ["method" => "POST", "follow_location" => 0, "ignore_errors" => true, "header" => "Content-Type: application/x-www-form-urlencoded",
    "content" => http_build_query(["username" => "admin", "password" => stream_get_contents(STDIN)])]]);
    file_get_contents("http://127.0.0.1/hrm/login.php", false, $c); echo explode(" ", $http_response_header[0])[1], "\\n";' <<'END'
${password}`.replace(/\n$/, "");

describe("a web host with Apache, as Debian ships it", () => {
    let cluster: TestCluster;
    let steps: StepsOnHosts;
    before(async () => {
        cluster = await TestCluster.make("t-apache", [[0]]);
        await cluster.lab.run("web", "systemctl enable --quiet --now apache2");
    });
    after(() => cluster?.down());

    const web = (command: string) => cluster.lab.run("web", command);

    it("that may only be looked at, makes up fail before its user can read anything", async () => {
        cluster.description.web.webServer = { guard: false };
        await cluster.configure();
        const { code, output } = await cluster.stack.up();
        expect(code).not.to.equal(0);
        expect(output)
            .to.match(/web: webServer: open to everybody: http:\/\/web\/hrm\/config\/ \(answers 404\)/)
            .and.to.match(/web: webServer: open to everybody: http:\/\/web\/hrm\/setup\//)
            .and.to.contain('<DirectoryMatch "^/var/www/html/hrm/(')
            .and.to.contain("web: webServer: HRM's inner folders are on the web");
        expect(await web(groups)).not.to.contain("hrm");
        expect(await web(`${get("/hrm/config/hrm_config.inc")}; test -e ${config}`)).to.equal("403\n");
    });

    it("comes up, closed for each name, with its pages there", async () => {
        delete cluster.description.web.webServer;
        await cluster.configure();
        await cluster.up();
        steps = await StepsOnHosts.of(cluster);
        expect(await web(groups)).to.match(/\bhrm\b/);
        for (const host of ["web", "127.0.0.1", "another.example.org"]) {
            for (const path of [
                "config/hrm_config.inc",
                "setup/dbupdate.php",
                "inc/System.php",
                "bin/hrm_queuemanager",
                "run/",
                "resources/x",
                "config/samples/",
            ])
                expect(await web(get(`/hrm/${path}`, host)), path).to.equal("403\n");
        }
        for (const path of ["login.php", "inc/extern/calendar/calendar.js"]) expect(await web(get(`/hrm/${path}`))).to.equal("200\n");
        await cluster.expectNothingToDo();
    });

    it("lets nobody in with the password that each HRM begins with, and the administrator with the one in the outputs", async () => {
        expect(await web(login("pwd4hrm"))).to.equal("200\n");
        const { adminPassword } = await cluster.outputs();
        expect(await web(login(adminPassword))).to.equal("302\n");
        expect((await cluster.stack.run(["stack", "output", "--json"])).output).to.contain('"adminPassword": "[secret]"');
    });

    it("leaves a password alone that somebody has chosen, and replaces the initial one when it comes back as bcrypt", async () => {
        const hash = (password: string) => `php -r 'echo password_hash("${password}", PASSWORD_BCRYPT);'`;
        const set = (password: string) => `mariadb hrm -e "UPDATE username SET password = '$(${hash(password)})' WHERE name = 'admin'"`;
        // It is known then, and needs no second look.
        for (const password of ["chosen by hand", "chosen anew"]) {
            await web(set(password));
            expect(await steps.differences()).to.deep.equal([]);
            expect((await steps.run("web-schema", "ensure")).code).to.equal(0);
            expect(
                await web(
                    "mariadb --batch --skip-column-names hrm -e \"SELECT password FROM username WHERE name = 'admin'\" | tr -d '\\n' | sha256sum",
                ),
            ).to.equal(await web("cat /var/lib/pulumi-hrm/password-known"));
            expect(await steps.differences()).to.deep.equal([]);
        }
        await web(set("pwd4hrm"));
        expect(await steps.differences()).to.deep.equal([
            "web: HRM's user admin: has the password with which each HRM begins, want another",
        ]);
        expect((await steps.run("web-schema", "ensure")).code).to.equal(0);
        expect(await web(login("pwd4hrm"))).to.equal("200\n");
    });

    it("has no log that everybody may write", async () => {
        expect(await web("find /var/log/hrm -perm /002")).to.equal("");
        await web("chmod 0666 /var/log/hrm/dbupdate.log");
        expect(await steps.differences()).to.deep.equal([
            "web: /var/log/hrm/dbupdate.log: everybody may write it, want account and group only",
        ]);
        expect((await steps.run("web-schema", "ensure")).code).to.equal(0);
    });

    it("that was opened by hand, differs in a preview, and is closed by up", async () => {
        await web("rm /etc/apache2/conf-enabled/pulumi-hrm.conf; systemctl reload apache2");
        expect(await web(get("/hrm/config/hrm_config.inc"))).to.equal("200 password\n");
        const { differences } = said(await cluster.stack.preview());
        expect(differences.web).to.include("web: /etc/apache2/conf-available/pulumi-hrm.conf: not enabled in Apache, want it");
        expect(differences.web!.join("\n")).to.match(
            /web: http:\/\/web\/hrm\/config\/ \(hrm_config.inc is served\): open to everybody, want it closed/,
        );
        await cluster.up();
        expect(await web(get("/hrm/config/hrm_config.inc"))).to.equal("403\n");
    });

    it("whose site opens it again, makes up fail with that address", async () => {
        await web(`printf '<VirtualHost *:80>\\nServerName open.example.org\\nDocumentRoot /var/www/html\\n<Location /hrm/config>\\nRequire all granted\\n</Location>\\n</VirtualHost>\\n' \
            >/etc/apache2/sites-enabled/open.conf; systemctl reload apache2`);
        // Its name is in Apache's configuration alone.
        const { stderr } = await steps.run("web-webServer", "ensure");
        expect(stderr).to.match(/open to everybody: http:\/\/open\.example\.org\/hrm\/config\/ \(hrm_config\.inc is served\)/);
        expect(stderr).to.contain("or another section opens it again (<Location>");
        await web("rm /etc/apache2/sites-enabled/open.conf; systemctl reload apache2");
        expect(await steps.differences()).to.deep.equal([]);
    });

    it("goes on when a restart is due and somebody's site has a mistake", async () => {
        await web("gpasswd -d www-data hrm; systemctl restart apache2; echo Nonsense >/etc/apache2/sites-enabled/broken.conf");
        expect(await steps.differences()).to.deep.equal([
            "web: groups of www-data: without hrm, want it",
            "web: apache2.service: runs without group hrm, wants a restart",
        ]);
        const { code, stderr } = await steps.run("web-webServer", "ensure");
        expect(code).to.equal(1);
        expect(stderr).to.match(/web: webServer: apache2\.service needs a restart, but its configuration has a mistake: .*Nonsense/);
        expect(await web("systemctl is-active apache2")).to.equal("active\n");
        await web("rm /etc/apache2/sites-enabled/broken.conf");
        expect((await steps.run("web-webServer", "ensure")).code).to.equal(0);
    });

    it("has the user that is described, or up says so and changes nothing", async () => {
        const { code, stderr } = await steps.run("web-webServer", "ensure", { web_user: "nobody-there" });
        expect(code).to.equal(1);
        expect(stderr).to.contain("web: webServer: there is no user nobody-there");
        const other = await steps.run("web-webServer", "ensure", { web_user: "mysql" });
        expect(other.stderr).to.contain("web: webServer: no web server runs as mysql, but as www-data");
        expect(other.code).to.equal(1);
        expect(await web("id -nG mysql")).not.to.contain("hrm");
    });

    it("is closed, too, where a link to the present release leads, under a name that only its configuration tells", async () => {
        await web(`cd /var/www/html && mv hrm /opt/hrm_3.10 && ln -s /opt/hrm_3.10 /srv/hrm && ln -s /srv/hrm hrm
            printf '<VirtualHost *:80>\nServerName real.example.org\nDocumentRoot /opt/hrm_3.10\n<Directory /opt>\nRequire all granted\n</Directory>\n</VirtualHost>\n' \
                >/etc/apache2/sites-enabled/real.conf; systemctl reload apache2`);
        expect(await web(get("/setup/x", "real.example.org"))).to.equal("404\n");
        const { stdout } = await steps.run("web-webServer", "check");
        const { code, stderr } = await steps.run("web-webServer", "ensure");
        const closed = await web(`cat /etc/apache2/conf-available/pulumi-hrm.conf; ${get("/setup/x", "real.example.org")}`);
        await web(
            "rm /etc/apache2/sites-enabled/real.conf; cd /var/www/html && rm hrm /srv/hrm && mv /opt/hrm_3.10 hrm; systemctl reload apache2",
        );
        expect(stdout).to.contain("http://real.example.org/setup/ (answers 404): open to everybody, want it closed");
        expect(code, stderr).to.equal(0);
        expect(closed)
            .to.contain('"^(/var/www/html/hrm|/srv/hrm|/opt/hrm_3\\.10)/(')
            .and.to.match(/403\n$/);
        expect((await steps.run("web-webServer", "ensure")).code).to.equal(0);
    });

    it("differs where an alias leads to the images, to HRM's log or to its tree, and up says what to take away", async () => {
        await web(`mkdir -p /data/hrm_data/alice; chown hrm:hrm /data/hrm_data/alice
            printf 'Alias /pictures /data\nAlias "/logs/" "/var/log/hrm/"\nAlias /cfg /var/www/html/hrm/config\n<Directory /data>\nRequire all granted\n</Directory>\n<Directory /var/log/hrm>\nRequire all granted\n</Directory>\n' \
                >/etc/apache2/conf-enabled/aliases.conf; systemctl reload apache2`);
        const { stdout } = await steps.run("web-webServer", "check");
        const { code, stderr } = await steps.run("web-webServer", "ensure");
        await web("rm /etc/apache2/conf-enabled/aliases.conf; systemctl reload apache2; ls /data/hrm_data");
        expect(stdout)
            .to.contain("http://web/pictures/hrm_data/ (/data/hrm_data is served): open to everybody, want it closed")
            .and.to.contain("http://web/logs/ (/var/log/hrm is served)")
            .and.not.to.contain("/cfg");
        expect(stderr)
            .to.contain("take away what leads to /data/hrm_data and /var/log/hrm")
            .and.to.contain("the images or the log of HRM are on the web");
        expect(code).to.equal(1);
    });

    // Each of these hid what followed it from an earlier version of the look: to see nothing must not be to find nothing.
    for (const [title, before, after = ""] of [
        [
            "3000 others",
            'i=0; while [ $i -lt 3000 ]; do i=$((i + 1)); echo "Alias /app$i/static/of/it /srv/sites/site$i.example.org/static"; done',
        ],
        ["a file without a last line's end", "printf '# nothing more'"],
        ["a section that is never read, with a line of dashes", "printf '<IfModule none>\\n---\\n</IfModule>\\n'"],
        ["nothing else, on a last line that goes on", "true", " \\\\\\n"],
    ] as const)
        it(`differs where an alias leads to the images, among ${title}`, async () => {
            const folder = "/etc/apache2/conf-enabled";
            await web(`mkdir -p /data/hrm_data/alice; echo pixels >/data/hrm_data/alice/a.tif; chown -R hrm:hrm /data/hrm_data/alice
                printf '<Directory /data>\nRequire all granted\n</Directory>\n' >${folder}/a.conf; ${before} >${folder}/b.conf
                printf 'Alias "/zz" "/data/hrm_data"${after}' >${folder}/zz.conf; systemctl reload apache2`);
            const { stdout, stderr } = await steps.run("web-webServer", "check");
            await web(`rm ${folder}/a.conf ${folder}/b.conf ${folder}/zz.conf; systemctl reload apache2`);
            expect(stdout, stderr).to.contain("http://web/zz/ (/data/hrm_data is served): open to everybody, want it closed");
        });

    it("closes a folder whose .htaccess has a byte of zero behind its rule", async () => {
        await web("mkdir /var/www/html/hrm/odd; printf 'Deny from all\n\\0' >/var/www/html/hrm/odd/.htaccess");
        const { stdout } = await steps.run("web-webServer", "check");
        await web("rm -r /var/www/html/hrm/odd");
        expect(stdout).to.contain("http://web/hrm/odd/ (answers 404): open to everybody, want it closed");
    });

    it("differs where a link, a pattern or the root of a site leads to the images or to HRM's tree, and closes the password in a copy of it", async () => {
        await web(`mkdir -p /data/hrm_data/alice /srv/sites; echo pixels >"/data/hrm_data/alice/a b.tif"; chown -R hrm:hrm /data/hrm_data/alice; cd /var/www/html; ln -s hrm HRM; ln -s /data/hrm_data pics; for odd in a-odd zz-odd; do ln -s "$(printf '../x\\ny')" $odd; done; cp -rp hrm hrm_3.9
            printf 'AliasMatch ^/match/(.*) /data/hrm_data/$1\\n<Directory /data>\\nRequire all granted\\n</Directory>\\nInclude /srv/sites/more\\n' >/etc/apache2/sites-enabled/zz-more.conf
            printf '<VirtualHost *:80>\\nServerName images.example.org\\nDocumentRoot /data/hrm_data\\n</VirtualHost>\\n' >/srv/sites/more; systemctl reload apache2`);
        const { stdout } = await steps.run("web-webServer", "check");
        const copy = await web(get("/hrm_3.9/config/hrm_config.inc"));
        await web(
            "cd /var/www/html; rm -r HRM pics a-odd zz-odd hrm_3.9 /etc/apache2/sites-enabled/zz-more.conf; systemctl reload apache2",
        );
        for (const url of ["http://web/pics/", "http://web/match/", "http://images.example.org/"])
            expect(stdout).to.contain(`${url} (/data/hrm_data is served): open to everybody, want it closed`);
        expect(stdout).to.contain("http://web/HRM/setup/ (answers 404): open to everybody");
        expect(copy).to.equal("403\n");
    });

    it("is as described beside a site that adds a slash to everything, one that answers nothing, what answers without an end, and what speaks first", async () => {
        await web(`a2enmod -q rewrite; printf '<VirtualHost *:80>\\nServerName slash.example.org\\nRewriteEngine On\\nRewriteRule ^(.*[^/])$ $1/ [R=301]\\n</VirtualHost>
<VirtualHost *:80>\\nServerName nothing.example.org\\nRewriteEngine On\\nRewriteRule ^ - [R=204]\\n</VirtualHost>\\n' \
                >/etc/apache2/sites-enabled/slash.conf; systemctl restart apache2
            printf '<?php for (;;) { echo "data: x\\\\n"; flush(); sleep(1); }' >/srv/endless.php
            systemd-run --quiet --unit t-endless php -S 0.0.0.0:8080 /srv/endless.php
            systemd-run --quiet --unit t-mail php -r ' $s = stream_socket_server("tcp://0.0.0.0:8081"); while ($c = stream_socket_accept($s, -1)) { fwrite($c, "220 hello\\r\\n"); file_put_contents("/srv/asked", fgets($c), FILE_APPEND); fclose($c); }'
            until ss -Hltn | grep -q :8080 && ss -Hltn | grep -q :8081; do sleep 0.1; done`);
        const begin = Date.now();
        const { stdout } = await steps.run("web-webServer", "check");
        const seconds = (Date.now() - begin) / 1000;
        const asked = await web(
            "systemctl is-active t-endless t-mail; systemctl stop t-endless t-mail; cat /srv/asked; rm /etc/apache2/sites-enabled/slash.conf; systemctl restart apache2; rm -r /data/hrm_data/alice",
        );
        expect(stdout).to.equal("hrm: checked\n");
        expect(asked).to.equal("active\nactive\n");
        expect(seconds).to.be.lessThan(30);
    });

    it("is not all that is asked: a server that nobody has told us of shows the password", async () => {
        await web(
            "systemd-run --quiet --unit t-php -p WorkingDirectory=/var/www/html -p User=hrm php -S $(hostname -I | cut -d ' ' -f 1):9999; sleep 1",
        );
        const { stdout } = await steps.run("web-webServer", "check");
        const { code, stderr } = await steps.run("web-webServer", "ensure");
        await web("systemctl stop t-php");
        expect(stdout).to.contain("http://web:9999/hrm/config/ (hrm_config.inc is served): open to everybody, want it closed");
        expect(stderr).to.match(/web: webServer: php[0-9.]*: deny what matches/);
        expect(code).to.equal(1);
    });

    it("that has failed differs, and is started", async () => {
        await web(
            "echo Nonsense >/etc/apache2/sites-enabled/broken.conf; systemctl restart apache2 || :; rm /etc/apache2/sites-enabled/broken.conf",
        );
        expect(await steps.differences()).to.deep.equal(["web: apache2.service: has failed, want it to run"]);
        expect((await steps.run("web-webServer", "ensure")).code).to.equal(0);
        expect(await web(get("/hrm/login.php"))).to.equal("200\n");
    });
});

describe("a web host with nginx and PHP-FPM", () => {
    let cluster: TestCluster;
    const web = (command: string) => cluster.lab.run("web", command);
    const site = (lines: string) => `cat >/etc/nginx/sites-enabled/default <<'END'
server {
    listen 80 default_server;
    root /var/www/html;
    index login.php;
    ${lines}
    location ~ \\.php$ { include snippets/fastcgi-php.conf; fastcgi_pass unix:/run/php/php-fpm.sock; }
}
END
systemctl restart nginx`; // a reload goes on with the old configuration for a moment

    before(async () => {
        cluster = await TestCluster.make("t-nginx", [[0]]);
        await web("systemctl enable --quiet --now $(systemctl list-unit-files --no-legend 'php*-fpm.service' | cut -d ' ' -f 1) nginx");
        await web(site(""));
    });
    after(() => cluster?.down());

    it("makes up fail with the lines to add, before its user can read anything", async () => {
        const { code, output } = await cluster.stack.up();
        expect(code).not.to.equal(0);
        expect(output).to.match(
            /web: webServer: nginx, in each server block, before other locations: location ~ \^\/hrm\/\(\?!inc\/extern\/calendar\(\/\|\$\)\)\(bin\|config\|inc\|resources\|run\|setup\)\(\/\|\$\) \{ deny all; \}/,
        );
        expect(await web(groups)).not.to.contain("hrm");
    });

    it("comes up with these lines", async () => {
        await web(site("location ~ ^/hrm/(?!inc/extern/calendar(/|$))(bin|config|inc|resources|run|setup)(/|$) { deny all; }"));
        await cluster.up();
        expect(await web(get("/hrm/inc/extern/calendar/calendar.js"))).to.equal("200\n");
        expect(await web(get("/hrm/config/hrm_config.inc"))).to.equal("403\n");
        expect(await web(get("/hrm/login.php"))).to.equal("200\n");
        expect(await web(groups)).to.match(/\bhrm\b/);
        await cluster.expectNothingToDo();
        const [result] = await cluster.runJobs(1, 1);
        expect(result?.ok, result?.detail).to.equal(true);
    });

    it("differs where somebody takes a line away", async () => {
        await web(site("location ~ ^/hrm/(bin|config|inc|resources|run)(/|$) { deny all; }"));
        const { differences } = said(await cluster.stack.preview());
        expect(differences).to.deep.equal({
            web: ["web: http://web/hrm/setup/ (answers 404): open to everybody, want it closed"],
        });
    });

    const looks = async () => (await (await StepsOnHosts.of(cluster)).run("web-webServer", "check")).stdout;
    const closed = "(bin|config|inc|resources|run)(/|$)";

    it("differs where only the name in HRM's address leads to what is open", async () => {
        const named = `server_name web; location ~ ^/hrm/${closed} { deny all; }`;
        await web(
            site(`${named}\n location ~ \\.php$ { include snippets/fastcgi-php.conf; fastcgi_pass unix:/run/php/php-fpm.sock; }
}
server {
    listen 80 default_server;
    return 444;`).replace("80 default_server", "80"),
        );
        const anybody = `exec 3<>/dev/tcp/127.0.0.1/80; printf 'GET / HTTP/1.0\\r\\nHost: x\\r\\n\\r\\n' >&3; cat <&3`;
        expect(await web(`bash -c "${anybody}" || :`)).to.equal("");
        expect(await looks()).to.contain("http://web/hrm/setup/ (answers 404): open to everybody");
    });

    it("differs where the folder that tells HRM's tree is closed, and an inner one is not", async () => {
        await web(site(`location ~ ^/hrm/(scripts|${closed.slice(1)} { deny all; }`));
        expect(await looks()).to.contain("http://web/hrm/setup/ (answers 404): open to everybody");
    });

    it("differs where an alias leads to HRM's tree, to an inner folder of it and to the images", async () => {
        await web("mkdir -p /data/hrm_data/alice; chown hrm:hrm /data/hrm_data/alice");
        await web(
            site(`location ~ ^/hrm/(setup|${closed.slice(1)} { deny all; }
    location /app/ { alias /var/www/html/hrm/; }
    location /cfg { alias /var/www/html/hrm/config; }
    location /pictures/ { alias /data/hrm_data/; }
    location ~ ^/match/(.*)$ { alias /data/hrm_data/$1; }
}
server {
    listen 80;
    server_name first.example.org
        second.example.org .lab.example;
    root /data/hrm_data;`),
        );
        const found = await looks();
        expect(found)
            .to.contain("http://web/pictures/ (/data/hrm_data is served)")
            .and.to.contain("http://web/match/ (/data/hrm_data is served)")
            .and.to.contain("http://second.example.org/ (/data/hrm_data is served)")
            .and.to.contain("http://pulumi-hrm.lab.example/ (/data/hrm_data is served)")
            .and.to.contain("http://web/app/config/ (hrm_config.inc is served)")
            .and.to.contain("http://web/cfg/ (/var/www/html/hrm/config is served)");
    });

    it("tells by name what could not be looked at, where one of its sites does not answer in time, and looks at the others", async () => {
        await web(`systemd-run --quiet --unit=silent php -r '[stream_socket_server("tcp://127.0.0.1:9999"), sleep(3600)];'`);
        await web(
            site(`location ~ ^/hrm/(setup|${closed.slice(1)} { deny all; }
}
server {
    listen 80;
    server_name silent.example.org;
    location / { proxy_pass http://127.0.0.1:9999; }`),
        );
        const found = await looks();
        await web("systemctl stop silent");
        expect(found)
            .to.match(/^hrm: follows what else the web server shows stays unseen: .* in 6 s \(silent\.example\.org at 127\.0\.0\.1:80\b/)
            .and.not.to.contain("hrm: differs");
    });

    it("differs where it hangs, so that nobody sees what it shows", async () => {
        await web("pkill -STOP -x nginx");
        expect(await looks()).to.contain("nginx does not answer by any name, want it to");
        const { code, stderr } = await (await StepsOnHosts.of(cluster)).run("web-webServer", "ensure");
        await web("pkill -CONT -x nginx");
        expect(code).to.equal(1);
        expect(stderr).to.contain("web: webServer: the web server (nginx) does not answer by any name");
    });
});
