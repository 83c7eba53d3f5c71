// Covers: lib/steps/localHucore lib/steps/rows lib/huygensNode lib/description/settings
import { expect } from "chai";
import { type Description, TestCluster } from "./support/cluster";

/** The web host itself, which has no connection of its own as a node. */
const localhost = (node: { gpus?: number[] }) => ({ localhost: node }) as unknown as Description["nodes"];

describe("a web host that is its own and only node", () => {
    let cluster: TestCluster;
    before(async () => {
        cluster = await TestCluster.make("t-one", []);
        cluster.description.nodes = localhost({ gpus: [0] });
        await cluster.configure();
        await cluster.up();
    });
    after(() => cluster?.down());

    it("has the row that HRM calls without ssh", async () => {
        expect(await cluster.rows()).to.deep.equal(["localhost 0 | /usr/local/bin/hucore | 0"]);
        const config = await cluster.lab.run("web", "grep -E 'imageProcessing|copy_images' /var/www/html/hrm/config/hrm_config.inc");
        expect(config).to.equal("$imageProcessingIsOnQueueManager = true;\n$copy_images_to_huygens_server = false;\n");
    });

    it("runs a job", async () => {
        const [result] = await cluster.runJobs(1, 2);
        expect(result?.ok, result?.detail).to.equal(true);
        expect(result?.server).to.equal("localhost 0");
    });

    it("never logs in to itself", async () => {
        const logins = await cluster.lab.run(
            "web",
            "journalctl -t sshd -t sshd-session -o cat | grep -E '(Accepted|closed|Failed).* hrm ' || :",
        );
        expect(logins).to.equal("");
        expect((await cluster.lab.exec("web", "ls /home/hrm/.ssh/authorized_keys")).code).not.to.equal(0);
    });

    it("is left alone by a second up", async () => {
        const { output } = await cluster.up();
        expect(output).not.to.match(/created|updated|deleted|replaced/);
    });

    it("takes the next key, and a GPU more", async () => {
        cluster.description.keyVersion = 2;
        cluster.description.nodes = localhost({ gpus: [0, 1] });
        await cluster.configure();
        await cluster.up();
        expect(await cluster.rows()).to.have.length(2);
        expect(await cluster.lab.run("web", "ls /home/hrm/.ssh/hrm-cluster.d")).to.equal("key-2\nkeys\n");
        const results = await cluster.runJobs(2, 2);
        expect(results.map(({ ok, server, detail }) => (ok ? server : detail)).sort()).to.deep.equal(["localhost 0", "localhost 1"]);
    });

    it("uses the CPU where no GPU is described, and survives a change of settings", async () => {
        cluster.description.nodes = localhost({});
        cluster.description.settings = { logVerbosity: 2 };
        await cluster.configure();
        await cluster.up();
        expect(await cluster.rows()).to.deep.equal(["localhost -1 | /usr/local/bin/hucore | -1"]);
        const [result] = await cluster.runJobs(1, 1);
        expect(result?.ok, result?.detail).to.equal(true);
    });

    it("is left without rows by destroy", async () => {
        const { code, output } = await cluster.stack.destroy();
        expect(code, output).to.equal(0);
        expect(await cluster.rows()).to.deep.equal([]);
    });
});
