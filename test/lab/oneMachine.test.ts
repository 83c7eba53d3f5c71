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
        const logins = await cluster.lab.run("web", "journalctl -u ssh -o cat | grep -E '(Accepted|closed|Failed).* hrm ' || :");
        expect(logins).to.equal("");
        expect((await cluster.lab.exec("web", "ls /home/hrm/.ssh/authorized_keys")).code).not.to.equal(0);
    });

    it("is left alone by a second up", async () => {
        const { output } = await cluster.up();
        expect(output).not.to.match(/created|updated|deleted|replaced/);
    });

    it("is left without rows by destroy", async () => {
        const { code, output } = await cluster.stack.destroy();
        expect(code, output).to.equal(0);
        expect(await cluster.rows()).to.deep.equal([]);
    });
});
