// Covers: lib/steps/folders lib/steps/config lib/steps/link
import { join } from "node:path";
import { expect } from "chai";
import { TestCluster } from "./support/cluster";
import { queueManager } from "./support/queue";

const folder = "/data/hrm_data";

/** Its server tells the journal which files it opens. */
const noteSftp = "sed -i '/^Subsystem/s/$/ -l INFO/' /etc/ssh/sshd_config; systemctl reload ssh";

describe("storage that all hosts share", () => {
    let cluster: TestCluster;
    before(async () => {
        cluster = await TestCluster.make("t-shared", [[0], [0]]);
        Object.assign(cluster.description, { storage: { shared: true } });
        await cluster.configure();
        // As an NFS mount would be there before.
        await cluster.lab.run("web", `mkdir -p ${folder}`);
        await share("huygens1");
        await cluster.lab.run("huygens1", noteSftp);
    });
    after(() => cluster?.down());

    const share = (node: string) => cluster.lab.bindMount(node, join(cluster.lab.root("web"), folder), folder);
    const listing = (host: string) => cluster.lab.run(host, `find ${folder} -printf '%P %s %u\\n' | sort`);
    const filesBySftp = async () => {
        const journal = await cluster.lab.run("huygens1", "journalctl -q -o cat");
        return [...journal.matchAll(/^open "([^"]+)"/gm)].map(([, file]) => file!);
    };

    it("is refused by name where a node does not have it, and nothing is made there", async () => {
        const { code, output } = await cluster.stack.up();
        expect(code).not.to.equal(0);
        expect(output).to.match(/web: link-huygens2: huygens2: \/data\/hrm_data: hrm cannot write there/);
        expect(output).to.match(/mount the shared storage/);
        expect((await cluster.lab.exec("huygens2", `ls -A ${folder}`)).code).not.to.equal(0);
        expect(await cluster.rows()).to.deep.equal(["huygens1 0 | /usr/local/bin/hucore | 0"]);
    });

    it("is refused where a node has a folder of its own, which stays as it is", async () => {
        await cluster.lab.run("huygens2", `install -d -o hrm -g hrm ${folder} && echo image >${folder}/precious`);
        const { code, output } = await cluster.stack.up();
        expect(code).not.to.equal(0);
        expect(output).to.match(/\/data\/hrm_data on huygens2 is not the web host's/);
        expect(await cluster.lab.run("huygens2", `ls -A ${folder}`)).to.equal("precious\n");
    });

    it("is proven to be one folder, which has no marker afterwards", async () => {
        await share("huygens2");
        await cluster.up();
        expect(await cluster.rows()).to.have.length(2);
        const [web, huygens1, huygens2] = await Promise.all(["web", "huygens1", "huygens2"].map(listing));
        expect([huygens1, huygens2]).to.deep.equal([web, web]);
        expect(web).not.to.contain(".hrm-cluster");
    });

    it("runs jobs without copying anything", async () => {
        const config = await cluster.lab.run("web", "grep copy_images /var/www/html/hrm/config/hrm_config.inc");
        expect(config).to.equal("$copy_images_to_huygens_server = false;\n");
        const results = await cluster.runJobs(2);
        expect(results.map(({ ok, server, detail }) => (ok ? server : detail)).sort()).to.deep.equal(["huygens1 0", "huygens2 0"]);
        const files = await filesBySftp();
        expect(files, "a control").to.include("/var/www/html/hrm/scripts/hucore.tcl.new");
        // HRM fetches the marker of the job's end in either mode.
        expect(files.filter(file => file.startsWith(folder) && !file.endsWith("_hrm.hgsb"))).to.deep.equal([]);
    });

    it("is left alone by a second up", async () => {
        const { output } = await cluster.up();
        expect(output).not.to.match(/created|updated|deleted|replaced/);
    });

    it("does not become copying while nodes are in service, since HRM would destroy the images", async () => {
        const pid = await queueManager(cluster);
        Object.assign(cluster.description, { storage: { shared: false } });
        await cluster.configure();
        const { code, output } = await cluster.stack.up();
        expect(code).not.to.equal(0);
        expect(output).to.match(/web: config: storage.shared, .* changes while nodes are in service/);
        expect(await cluster.lab.run("web", "grep copy_images /var/www/html/hrm/config/hrm_config.inc")).to.contain("= false;");
        expect(await queueManager(cluster)).to.equal(pid);
        const [result] = await cluster.runJobs(1, 1);
        expect(result?.ok, result?.detail).to.equal(true);
    });

    it("becomes copying by way of maintenance, where the folders are not one any more", async () => {
        Object.assign(cluster.description, { storage: { shared: true } });
        for (const node of Object.values(cluster.description.nodes)) node.maintenance = true;
        await cluster.configure();
        await cluster.up();
        Object.assign(cluster.description, { storage: { shared: false } });
        for (const node of Object.values(cluster.description.nodes)) delete node.maintenance;
        await cluster.configure();

        const still = await cluster.stack.up();
        expect(still.code).not.to.equal(0);
        expect(still.output).to.match(
            /\/data\/hrm_data on huygens1 is the web host's own folder: in copy mode HRM would destroy the images in it/,
        );
        expect(await cluster.rows()).to.deep.equal([]);
        expect((await cluster.lab.exec("web", "systemctl is-active hrmd")).stdout).not.to.equal("active\n");

        for (const node of ["huygens1", "huygens2"]) await cluster.lab.run(node, `umount ${folder}`);
        await cluster.up();
        const results = await cluster.runJobs(2);
        expect(results.map(({ ok, server, detail }) => (ok ? server : detail)).sort()).to.deep.equal(["huygens1 0", "huygens2 0"]);
    });
});
