// Covers: lib/steps/release lib/steps/php
import { createHash } from "node:crypto";
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { join } from "node:path";
import { expect } from "chai";
import { repositoryRoot } from "../../engine/root";
import type { Result } from "../../lab/command";
import { makeReleaseZip } from "../../lab/release";
import type { Verb } from "../../lib/hosts/launcher";
import { certificateFor } from "./support/certificate";
import { TestCluster } from "./support/cluster";
import { differencesIn, runStep } from "./support/onHost";
import { path, refusedReleases } from "./support/releases";

const site = `${path}.d/site`;

/** A release zip on this machine, and what the step gets to know of it. */
interface Zip {
    file: string;
    sha256: string;
    version: string;
}

describe("HRM's release on a web host", () => {
    let cluster: TestCluster;
    let zip: Zip;
    const others: Record<string, Zip> = {};
    const web = (command: string) => cluster.lab.run("web", command);

    const makeZip = async (name: string, version: string, change: (tree: string) => void = () => {}): Promise<Zip> => {
        const file = join(cluster.lab.folder, `${name}.zip`);
        await makeReleaseZip(join(repositoryRoot(), "lab/hrm"), file, () => {}, change);
        return { file, version, sha256: createHash("sha256").update(readFileSync(file)).digest("hex") };
    };
    const edit = (tree: string, file: string, from: string, to: string) =>
        writeFileSync(join(tree, file), readFileSync(join(tree, file), "utf8").replace(from, to));

    before(async () => {
        cluster = await TestCluster.ready("t-release", [[0, 1], [0]]);
        zip = await makeZip("release", "3.10.0");
        others.next = await makeZip("next", "3.11.0", tree => edit(tree, "inc/System.php", "MINOR = 10", "MINOR = 11"));
        others.sources = await makeZip("sources", "3.10.0", tree => rmSync(join(tree, "vendor"), { recursive: true }));
        writeFileSync(join(cluster.lab.folder, "text.zip"), "no zip\n");
        others.text = {
            file: join(cluster.lab.folder, "text.zip"),
            version: "3.10.0",
            sha256: createHash("sha256").update("no zip\n").digest("hex"),
        };
    });
    after(() => cluster?.down());

    const values = ({ sha256, version }: Zip) => ({
        user: "hrm",
        group: "hrm",
        hrm_path: path,
        version,
        sha256,
        address: "",
        brought: "release.zip",
    });

    /** The step alone, as its host gets it. */
    function step(verb: Verb, of: Zip = zip, instead: Record<string, string> = {}): Promise<Result> {
        return runStep(cluster, verb, { step: "release", host: "web", values: { ...values(of), ...instead } });
    }

    const bring = (of: Zip = zip) => copyFileSync(of.file, join(cluster.lab.root("web"), "root/release.zip"));
    const clear = () => web("rm -rf /srv/www /root/release.zip");
    const all = () => web("find /srv/www -printf '%p %y %u %g %m %l %s\\n' 2>/dev/null | sort");
    const install = async (of: Zip = zip) => {
        bring(of);
        const { code, stderr } = await step("ensure", of);
        expect(code, stderr).to.equal(0);
    };
    const differences = async (of: Zip = zip) => differencesIn(await step("check", of));

    describe("that has none", () => {
        before(clear);

        it("is unpacked beside its path, which leads to it", async () => {
            const release = `3.10.0-${zip.sha256.slice(0, 8)}`;
            expect(await differences()).to.deep.equal([`${path}: nothing there, want HRM's release ${release}`]);
            await install();
            expect(await web(`readlink ${path}; ls ${path}.d; ls /root`)).to.equal(`hrm.d/${release}\n${release}\nsite\n`);
            expect(await differences()).to.deep.equal([]);
            expect((await step("ensure")).stderr).to.equal("");
        });

        it("belongs to root, is read by the account's group, and written by nobody else", async () => {
            expect(
                await web(`find ${path}.d ! -type l ! -user root; find ${path}.d ! -type l \\( ! -group hrm -o -perm /027 \\)`),
            ).to.equal("");
            expect(
                await web(`runuser -u hrm -- php ${path}/resources/checkConfig.php 2>&1 | head -n 1; test -x ${path}/bin/hrm_queuemanager`),
            ).not.to.contain("Permission denied");
            expect((await cluster.lab.exec("web", `runuser -u nobody -- cat ${path}/login.php`)).code).to.equal(1);
        });

        for (const { title, put, difference } of [
            {
                title: "mode",
                put: `chmod o+r ${path}/login.php`,
                difference: /login\.php: owner root, group hrm, mode 644, want root, hrm/,
            },
            { title: "owner", put: `chown -R www-data ${path}/inc`, difference: /inc: owner www-data, group hrm, mode 750, want root/ },
            { title: "site's folder", put: `chmod 0777 ${site}`, difference: /hrm\.d\/site: owner root, group hrm, mode 777, want root/ },
            {
                title: "releases' folder",
                put: `chown -R www-data ${path}.d`,
                difference: /hrm\.d: owner www-data, group hrm, mode 750, want root/,
            },
            { title: "link", put: `rm ${path}`, difference: /hrm: nothing there, want HRM's release/ },
            { title: "program", put: `rm ${path}/inc/System.php`, difference: /hrm: 3\.10\.0-\w+ there, want HRM's release/ },
        ])
            it(`whose ${title} somebody has changed is as described again`, async () => {
                await web(put);
                expect((await differences()).join()).to.match(difference);
                await install();
                expect(await differences()).to.deep.equal([]);
            });
    });

    describe("of which a site has files of its own", () => {
        before(async () => {
            await clear();
            await install();
        });

        const own = [
            ["config/ldap_config.inc", "<?php // ours"],
            ["user/login_user.inc", "welcome"],
            ["css/custom.css", "body {}"],
            ["images/logo_custom.png", "png"],
            ["images/hrm_custom.ico", "ico"],
            ["bin/ome_hrm.py", "print()"],
            ["inc/.htaccess", "Require all denied # ours"],
        ] as const;

        it("has them in a folder of their own, whatever the release's name", async () => {
            for (const [file, text] of own)
                await cluster.lab.run("web", `mkdir -p $(dirname ${path}/${file}) && cat >${path}/${file}`, { stdin: text });
            const moved = own.filter(([file]) => !file.startsWith("config/")).map(([file]) => file);
            const found = await differences();
            for (const file of moved)
                expect(found).to.include(`${path}/${file}: the site's own, want it in ${site}, for the next release to have it`);
            expect((await step("ensure")).code).to.equal(0);
            for (const [file, text] of own) expect(await web(`cat ${site}/${file} ${path}/${file}`)).to.equal(text + text);
            expect(await web(`cd ${path}; for file in ${moved.join(" ")}; do readlink $file; done | grep -c 'site/'`)).to.equal(
                `${moved.length}\n`,
            );
            expect(await differences()).to.deep.equal([]);
        });

        it("keeps the newer one where an editor has put a file in the place of the link, and the one before beside it", async () => {
            await web(`sed -i s/body/html/ ${path}/css/custom.css`);
            expect((await step("ensure")).code).to.equal(0);
            expect(await web(`cat ${path}/css/custom.css ${site}/css/custom.css; cat ${site}/css/custom.css.before-pulumi`)).to.equal(
                "html {}html {}body {}",
            );
            await web(`sed -i s/html/div/ ${path}/css/custom.css`);
            expect((await step("ensure")).code).to.equal(0);
            expect(await web(`cat ${site}/css/custom.css*`)).to.equal("div {}html {}body {}");
        });

        it("shows a file that is put into that folder", async () => {
            await web(`rm ${path}/css/custom.css; touch ${site}/css/other.css`);
            // Its group is root's, too.
            expect(await differences()).to.have.members([
                ...["css/custom.css", "css/other.css"].map(file => `${path}/${file}: not the site's own of ${site}, want that`),
                `${site}/css/other.css: owner root, group root, mode 644, want root, hrm, and no more than reading for that`,
            ]);
            expect((await step("ensure")).code).to.equal(0);
            expect(await differences()).to.deep.equal([]);
        });

        it("has the release's own again where the site's is deleted", async () => {
            const release = await web(`cat ${path}/.originals/inc/.htaccess`);
            expect(release).to.match(/deny from all|require all denied/i);
            await web(`mv ${site}/inc/.htaccess /root/htaccess; mv ${site}/user/login_user.inc /root`);
            expect(await differences()).to.have.members(
                ["inc/.htaccess", "user/login_user.inc"].map(
                    file => `${path}/${file}: leads to nothing, since ${site} has it no more; want the release's own`,
                ),
            );
            expect((await step("ensure")).code).to.equal(0);
            expect(await differences()).to.deep.equal([]);
            expect(
                await web(`cat ${path}/inc/.htaccess; test -e ${path}/user/login_user.inc && cat ${path}/user/login_user.inc || :`),
            ).to.contain(release);
            await web(
                `cp /root/htaccess ${path}/inc/.htaccess; cp /root/login_user.inc ${path}/user; rm /root/htaccess /root/login_user.inc`,
            );
            expect((await step("ensure")).code).to.equal(0);
        });

        it("is followed by the next one when somebody takes the link away, with the same files of the site", async () => {
            await web(`rm ${path}`);
            await install(others.next);
            expect(await web(`grep -c 'MINOR = 11' ${path}/inc/System.php; ls ${path}.d | wc -l`)).to.equal("1\n3\n");
            for (const [file] of own) expect(await web(`cmp ${site}/${file} ${path}/${file}`)).to.equal("");
            expect(await web(`cat ${path}/inc/.htaccess; ls ${path}/config/samples`))
                .to.contain("ours")
                .and.to.contain("hrm_config.inc.sample");
            expect(await differences(others.next)).to.deep.equal([]);
        });
    });

    describe("refuses, and leaves everything as it is", () => {
        before(clear);
        for (const { title, put = ":", remove = ":", brings = "yes", of, instead, says } of refusedReleases)
            it(title, async () => {
                const one = of ? others[of]! : zip;
                await web(put);
                if (brings) bring(one);
                const before = await all();
                const { code, stderr } = await step("ensure", one, instead);
                const after = await all();
                await web(remove);
                await clear();
                expect(code, stderr).to.equal(1);
                for (const text of says) expect(stderr, stderr).to.contain(text);
                for (const line of stderr.trim().split("\n")) expect(line).to.match(/^web: release: /);
                // The folder of releases may have been made.
                const seen = (text: string) => text.split("\n").filter(line => !/^\/srv\/www(\/hrm\.d)? d /.test(line));
                expect(seen(after)).to.deep.equal(seen(before));
            });
    });

    it("that somebody has put there stays as it is, where it is of the described version", async () => {
        await web(`mkdir -p ${path} && cp -r /var/www/html/hrm/. ${path} && touch ${path}/css.custom`);
        const before = await all();
        bring();
        expect(await step("ensure")).to.include({ code: 0, stderr: "" });
        expect(await all()).to.equal(before);
        expect(await web("ls /root")).to.equal("");
        await clear();
    });

    it("is fetched by the host itself, from a server whose certificate it trusts", async () => {
        const { machine } = cluster;
        const { authority, certificate, key } = certificateFor([machine]);
        const server = createServer({ cert: certificate, key }, (request, response) =>
            request.url === "/hrm.zip" ? response.end(readFileSync(zip.file)) : response.writeHead(404).end(),
        ).listen(0, machine);
        await new Promise(resolve => server.on("listening", resolve));
        const at = (name: string) => ({ address: `https://${machine}:${(server.address() as { port: number }).port}/${name}` });
        const untrusted = await step("ensure", zip, at("hrm.zip"));
        await cluster.lab.run("web", "mkdir -p /etc/ssl/certs && cat >>/etc/ssl/certs/ca-certificates.crt", { stdin: authority });
        const missing = await step("ensure", zip, at("other.zip"));
        const fetched = await step("ensure", zip, at("hrm.zip"));
        server.close();
        expect(untrusted.stderr)
            .to.contain("the release cannot be fetched: ")
            .and.to.match(/certificate/i);
        expect(missing.stderr).to.contain("the release cannot be fetched: ").and.to.contain("404");
        expect(fetched.code, fetched.stderr).to.equal(0);
        expect(await differences()).to.deep.equal([]);
        await clear();
    });

    it("is complete after a run more, wherever the one before was cut off", async () => {
        // Each program that changes something ends the step at its call of that number.
        const programs = "unzip chown chgrp chmod mkdir cp mv ln rm rmdir sync sha256sum cmp";
        await web(`mkdir -p /usr/local/sbin; for name in ${programs}; do cat >/usr/local/sbin/$name <<'END'
#!/bin/sh
n=$(($(cat /run/calls) + 1)); echo $n >/run/calls
[ $n != "$(cat /run/last)" ] || kill -9 -"$(ps -o pgid= $$ | tr -d ' ')"
exec /usr/bin/\${0##*/} "$@"
END
/usr/bin/chmod 0755 /usr/local/sbin/$name; done`);
        const interrupted: number[] = [];
        for (let last = 1; ; last++) {
            await web(
                `/usr/bin/rm -rf /srv/www; echo 0 >/run/calls; echo ${last} >/run/last; /usr/bin/mkdir -p ${site}/css; echo ours >${site}/css/custom.css`,
            );
            bring();
            const cut = await step("ensure");
            await web("echo 0 >/run/last");
            if (cut.code === 0) break;
            interrupted.push(last);
            // HRM is either whole or not there.
            const whole = await web(
                `! test -e ${path} || { test -f ${path}/inc/System.php && test -f ${path}/login.php && cat ${path}/css/custom.css && test -d ${path}/config/samples; }`,
            );
            expect(whole, `after call ${last}`).to.be.oneOf(["", "ours\n"]);
            const again = await step("ensure");
            expect(again.code, `after call ${last}: ${again.stderr}`).to.equal(0);
            expect(await differences(), `after call ${last}`).to.deep.equal([]);
            expect(await web(`cat ${path}/css/custom.css; ls ${path}.d | wc -l; ls -A /root | grep -c zip || :`)).to.equal("ours\n2\n0\n");
        }
        await web(`for name in ${programs}; do /usr/bin/rm /usr/local/sbin/$name; done`);
        expect(interrupted.length).to.be.greaterThan(20);
    });
});
