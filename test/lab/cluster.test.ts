// Covers: lib/hrmCluster lib/huygensNode lib/webQueueHost lib/serverRegistry lib/hosts/part.ts lib/hosts/stepText lib/hosts/launcher lib/steps/part lib/steps/account lib/steps/folders lib/steps/application lib/steps/config lib/steps/database lib/steps/schema lib/steps/identity lib/steps/queueManager lib/steps/hucore lib/steps/access lib/steps/link lib/steps/rows lib/steps/restart lib/steps/keys lib/steps/departures lib/templates
import { expect } from "chai";
import { TestCluster } from "./support/cluster";
import { fingerprints, settled } from "./support/fingerprints";

describe("a cluster from nothing", () => {
    let cluster: TestCluster;
    before(async () => {
        cluster = await TestCluster.make("t-cluster", [[0, 1], [0]]);
        await cluster.up();
    });
    after(() => cluster?.down());

    it("has exactly the described rows", async () => {
        expect(await cluster.rows()).to.deep.equal([
            "huygens1 0 | /usr/local/bin/hucore | 0",
            "huygens1 1 | /usr/local/bin/hucore | 1",
            "huygens2 0 | /usr/local/bin/hucore | 0",
        ]);
    });

    for (const node of ["huygens1", "huygens2"]) {
        it(`lets the queue manager's user reach ${node} by ssh, sftp and hucore`, async () => {
            const as = { user: "hrm", timeoutSeconds: 20 };
            expect(await cluster.lab.run("web", `ssh -f hrm@${node} hostname </dev/null`, as)).to.equal(`${node}\n`);
            await cluster.lab.run("web", `echo 'ls /data/hrm_data' | sftp -b - hrm@${node}`, as);
            const tcl = "/var/www/html/hrm/scripts/hucore.tcl";
            const ask = `/usr/local/bin/hucore -noExecLog -checkUpdates disable -task "${tcl}" -huCoreTcl "${tcl}" -tool reportVersionNumberAsInteger`;
            expect(await cluster.lab.run("web", `ssh -f hrm@${node} '${ask} 2>&1 ' </dev/null`, as)).to.match(
                /BEGIN PROC\n[\s\S]*version\nVALUE\n\d+/,
            );
        });
    }

    it("runs a job on every row", async () => {
        const results = await cluster.runJobs(3);
        expect(results.map(({ ok, detail }) => ok || detail)).to.deep.equal([true, true, true]);
        expect(results.map(({ server }) => server).sort()).to.deep.equal(["huygens1 0", "huygens1 1", "huygens2 0"]);
    });

    it("has a queue manager whose log shows no failed start", async () => {
        const log = await cluster.lab.run("web", "cat /var/log/hrm/hrm.log; systemctl show -p NRestarts --value hrmd");
        expect(log).not.to.contain("was shut down");
        expect(log.trim().split("\n").at(-1)).to.equal("0");
    });

    it("gives the key nothing but commands and file transfer", async () => {
        const keys = await cluster.lab.run("huygens1", "cat /home/hrm/.ssh/authorized_keys");
        expect(keys).to.match(/^restrict ssh-ed25519 \S+ hrm-cluster\n$/);
    });

    it("is left alone by a second up", async () => {
        const before = await settled(cluster);
        const { output } = await cluster.up();
        const after = await fingerprints(cluster);
        expect(after).to.deep.equal(before);
        expect(output).to.match(/\d+ unchanged/);
        expect(output).not.to.match(/created|updated|deleted|replaced/);
    });

    it("is left by destroy without rows, key and service, but with its data", async () => {
        await cluster.lab.run("web", "echo image >/data/hrm_data/precious");
        const { code, output } = await cluster.stack.destroy();
        expect(code, output).to.equal(0);
        expect(await cluster.rows()).to.deep.equal([]);
        expect(await cluster.lab.run("huygens1", "cat /home/hrm/.ssh/authorized_keys")).to.equal("");
        expect(await cluster.lab.run("web", "ls -A /home/hrm/.ssh; systemctl is-active hrmd || :; cat /data/hrm_data/precious")).to.equal(
            "config\ninactive\nimage\n",
        );
    });
});

describe("hosts with content of somebody else", () => {
    let cluster: TestCluster;
    const foreignKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFvTLBmV0lHXGyBPZEXwYzcDKFbMzI4hZFRm7Yhf1xeq someone@else";
    before(async () => {
        cluster = await TestCluster.make("t-foreign", [[0]]);
        const account = `useradd --uid 4321 --create-home --home-dir /srv/hrm-home --shell /bin/bash hrm
            cd /srv/hrm-home && echo 'ls -l' >.bash_history && mkdir -m 0700 .ssh && chown hrm:hrm .ssh .bash_history && mkdir -p /data/hrm_data/old`;
        await cluster.lab.run(
            "huygens1",
            `${account}; printf '%s' '${foreignKey}' >.ssh/authorized_keys; echo a >/data/hrm_data/old/image`,
        );
        await cluster.lab.run(
            "web",
            `${account}; echo 'other.example.org ${foreignKey}' >.ssh/known_hosts; printf 'Host other\\n    Port 2222\\n' >.ssh/config
            chown hrm:hrm .ssh/*; echo b >/data/hrm_data/old/image; echo '<?php // the site'\\''s' >/var/www/html/hrm/config/hrm_config.inc`,
        );
        const refused = await cluster.stack.up();
        expect(refused.output).to.contain(
            "huygens1: folders: /data/hrm_data cannot be HRM's: it belongs to root, group root, and is not empty",
        );
        cluster.description.storage = { takeOver: ["/data/hrm_data"] };
        await cluster.configure();
        await cluster.up();
    });
    after(() => cluster?.down());

    it("keeps the account's number, home and history", async () => {
        for (const host of ["web", "huygens1"]) {
            expect(await cluster.lab.run(host, "getent passwd hrm; cat /srv/hrm-home/.bash_history")).to.match(
                /^hrm:x:4321:.*:\/srv\/hrm-home:\/bin\/bash\nls -l\n$/,
            );
        }
    });

    it("keeps the other key, also where its line had no end", async () => {
        const lines = (await cluster.lab.run("huygens1", "cat /srv/hrm-home/.ssh/authorized_keys")).split("\n");
        expect(lines[0]).to.equal(foreignKey);
        expect(lines[1]).to.match(/^restrict ssh-ed25519 /);
    });

    it("keeps the other known host and the other ssh configuration", async () => {
        const files = await cluster.lab.run("web", "cat /srv/hrm-home/.ssh/known_hosts /srv/hrm-home/.ssh/config");
        expect(files).to.equal(`other.example.org ${foreignKey}\nInclude hrm-cluster.d/*.conf\nHost other\n    Port 2222\n`);
    });

    it("keeps the images and the site's configuration", async () => {
        expect(await cluster.lab.run("web", "cat /data/hrm_data/old/image /var/www/html/hrm/config/hrm_config.inc.before-pulumi")).to.equal(
            "b\n<?php // the site's\n",
        );
        expect(await cluster.lab.run("huygens1", "cat /data/hrm_data/old/image")).to.equal("a\n");
    });

    it("keeps the queue manager's own columns when a row changes", async () => {
        await cluster.sql("UPDATE server SET status = 'paused', job = '77' WHERE name = 'huygens1 0'");
        await cluster.lab.run("huygens1", "mkdir -p /opt && cp /usr/local/bin/hucore /opt/hucore");
        cluster.description.nodes.huygens1!.hucore = "/opt/hucore";
        await cluster.configure();
        await cluster.up();
        expect(await cluster.sql("SELECT name, huscript_path, status, job FROM server")).to.deep.equal([
            "huygens1 0 | /opt/hucore | paused | 77",
        ]);
    });
});
