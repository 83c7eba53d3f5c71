// Covers: lib/hosts/drift/probe lib/hosts/drift/run lib/hosts/part.ts lib/steps/restart lib/steps/departures
// Takes 190 s on 2 cores.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { TestCluster } from "./support/cluster";

describe("a saved plan holds", () => {
    let cluster: TestCluster;
    before(async () => {
        cluster = await TestCluster.ready("t-plan", [[0], [0]]);
    });
    after(() => cluster?.down());

    /** `up` by the plan of a preview. @returns what the preview has printed */
    async function planned(): Promise<string> {
        const file = join(cluster.lab.folder, "plan.json");
        const preview = await cluster.stack.preview("--save-plan", file);
        expect(preview.code, preview.output).to.equal(0);
        const { code, output } = await cluster.stack.up("--plan", file);
        rmSync(file);
        expect(code, output).to.equal(0);
        await cluster.expectNothingToDo();
        return preview.output;
    }
    const setting = () => cluster.lab.run("web", "grep log_verbosity /var/www/html/hrm/config/hrm_config.inc");

    it("for a changed setting, whose restart of the queue manager it has", async () => {
        cluster.description.settings = { logVerbosity: 1 };
        await cluster.configure();
        const running = await cluster.lab.run("web", "systemctl show --property ActiveEnterTimestampMonotonic hrmd");
        expect(await planned()).to.match(
            /web: then the queue manager finishes its round, which may take \d+ s, and is started anew; running jobs go on/,
        );
        expect(await setting()).to.contain("= 1;");
        expect(await cluster.lab.run("web", "systemctl show --property ActiveEnterTimestampMonotonic hrmd")).not.to.equal(running);
    });

    it("for what somebody changed by hand, the same a second time, too", async () => {
        for (const _ of [1, 2]) {
            await cluster.lab.run("web", "sed -i 's/log_verbosity = 1/log_verbosity = 2/' /var/www/html/hrm/config/hrm_config.inc");
            expect(await planned()).to.contain("hrm_config.inc: other content than described");
            expect(await setting()).to.contain("= 1;");
        }
    });

    it("for a difference that is gone when an earlier step has repaired another", async () => {
        await cluster.sql("INSERT INTO server (name, huscript_path) VALUES ('localhost', '/usr/local/bin/hucore')");
        expect(await planned())
            .to.match(/hrm-web update/)
            .and.to.match(/hrm-registry update/);
    });

    it("for an account that somebody removed, with all that hangs on it", async () => {
        await cluster.lab.run("huygens1", "userdel --force --remove hrm");
        expect(await planned()).to.contain("huygens1: user hrm: not there, want it");
        const [result] = await cluster.runJobs(1);
        expect(result?.ok, result?.detail).to.equal(true);
    });

    it("for a node that leaves", async () => {
        delete cluster.description.nodes.huygens2;
        await cluster.configure();
        expect(await planned()).to.match(
            /web: then huygens2 leaves the registry: no job runs there; its key is revoked; account, images and hucore stay there; its rows: huygens2 0/,
        );
        expect(await cluster.rows()).to.deep.equal(["huygens1 0 | /usr/local/bin/hucore | 0"]);
    });
});
