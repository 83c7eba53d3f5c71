// Covers: lib/templates/node.ssh_config lib/hosts/part.ts lib/hosts/drift
// Takes 340 s: ssh's own end of a call comes after 300.
import { expect } from "chai";
import { TestCluster } from "./support/cluster";
import { nodeIsDown } from "./support/faultsInUp";
import { briefJobOn } from "./support/queue";
import { untilSeen } from "./support/until";
import { expectWhole } from "./support/whole";

describe(nodeIsDown, () => {
    let cluster: TestCluster;
    let call: Promise<{ code: number; stderr: string }>;
    before(async () => {
        cluster = await TestCluster.ready("t-nodedown", [[0], [0]]);
        call = cluster.lab.exec("web", `ssh hrm@huygens2 'touch /tmp/begun; sleep 1000' </dev/null`, {
            user: "hrm",
            timeoutSeconds: 500,
        });
        await untilSeen(
            "a call to begin",
            () => cluster.lab.exec("huygens2", "test -e /tmp/begun"),
            seen => seen.code === 0,
        );
        await cluster.lab.powerOff("huygens2");
    });
    after(() => cluster?.down());

    it("is a warning in a preview, or a failure where that is asked for", async () => {
        const { code, output } = await cluster.stack.preview("--expect-no-changes");
        expect(code, output).to.equal(0);
        expect(output).to.contain("warning: huygens2: not looked at for changes made by hand: ");
        const strict = await cluster.stackWith({ HRM_DRIFT: "strict" });
        expect((await strict.preview("--expect-no-changes")).code).not.to.equal(0);
    });
    it("keeps the others neither from changes nor from jobs", async () => {
        await cluster.lab.run("huygens1", "chmod 0700 /data/hrm_data");
        const { code, output } = await cluster.stack.up();
        expect(code, output).not.to.equal(0);
        expect(output).to.match(/error: huygens2: not looked at/);
        expect(output).to.contain("huygens1: /data/hrm_data: mode 2700, want at least 2770");
        await briefJobOn(cluster, "huygens1 0");
    });
    it("ends a call that was under way, for which the queue manager would wait", async () => {
        const { code, stderr } = await call;
        expect({ code, stderr: stderr.trim() }).to.deep.equal({ code: 255, stderr: "Timeout, server huygens2 not responding." });
    });
    it("is over when the node is back, without an up", async () => {
        await cluster.lab.powerOn("huygens2");
        await expectWhole(cluster);
    });
});
