// Covers: lib/steps/access lib/steps/departures lib/steps/keys lib/steps/drain lib/steps/hrm
import { expect } from "chai";
import { TestCluster } from "./support/cluster";
import { StepsOnHosts } from "./support/onHost";

const sshd = (lines: string) => `printf '${lines}\\n' >/etc/ssh/sshd_config.d/00-test.conf; systemctl reload ssh; sleep 0.2`;
const elsewhere = sshd("AuthorizedKeysFile /etc/ssh/authorized_keys/%%u");
const asDebianHasIt = "rm /etc/ssh/sshd_config.d/00-test.conf; systemctl reload ssh; sleep 0.2";

describe("the queue manager's key on a node", () => {
    let cluster: TestCluster;
    let steps: StepsOnHosts;
    before(async () => {
        cluster = await TestCluster.ready("t-logins", [[0, 1], [0]]);
        steps = await StepsOnHosts.of(cluster);
    });
    after(() => cluster?.down());

    /** What happens when the other node is the only one. */
    const departure = (stays: string, more: Record<string, string> = {}) =>
        steps.run("registry-departures", "ensure", {
            nodes: stays,
            serving: stays,
            host_keys: cluster.description.nodes[stays]!.connection.hostKey,
            ...more,
        });
    const opens = async (node: string) =>
        (
            await cluster.lab.exec(
                "web",
                `ssh -o BatchMode=yes -o IdentitiesOnly=yes -o StrictHostKeyChecking=no -i ~hrm/.ssh/hrm-cluster.d/key-1 hrm@${node} true`,
            )
        ).code === 0;

    it("is authorised where sshd reads keys", async () => {
        await cluster.lab.run("huygens2", elsewhere);
        expect(await opens("huygens2")).to.equal(false);
        const { stdout } = await steps.run("huygens2-access", "check");
        expect(stdout).to.contain("/etc/ssh/authorized_keys/hrm: without the cluster's key, want it");
        expect(await steps.run("huygens2-access", "ensure")).to.include({ code: 0 });
        expect(await opens("huygens2")).to.equal(true);
        expect(await cluster.lab.run("huygens2", "stat -c '%U %G %a' /etc/ssh/authorized_keys/hrm")).to.equal("root root 644\n");
        expect(await steps.differences()).to.deep.equal([]);
    });

    it("that cannot be revoked there, is told to open it still", async () => {
        const { code, stderr } = await departure("huygens1");
        expect(code, stderr).to.equal(0);
        expect(stderr)
            .to.contain("the key could not be revoked on huygens2: the node still accepts it: its sshd reads keys elsewhere")
            .and.to.contain("'sshd -T -C user=hrm'");
        expect(await opens("huygens2")).to.equal(true);
    });

    it("is refused after it was revoked, and nothing else is said", async () => {
        await cluster.lab.run("huygens2", asDebianHasIt);
        expect(await steps.run("huygens2-access", "ensure")).to.include({ code: 0 });
        expect(await steps.run("huygens2-link", "ensure")).to.include({ code: 0 });
        expect(await opens("huygens2")).to.equal(true);
        const { code, stderr } = await departure("huygens1");
        expect(code, stderr).to.equal(0);
        expect(stderr).to.contain("revoking the key on huygens2").and.not.to.contain("could not");
        expect(await opens("huygens2")).to.equal(false);
    });

    it("that is turned away is no sign of a dead node: its hucore may run on", async () => {
        await cluster.lab.run(
            "huygens1",
            "cp /bin/sleep /tmp/hucore; runuser -u hrm -- sh -c '/tmp/hucore 600 >/dev/null 2>&1 </dev/null &'",
        );
        await cluster.lab.run("huygens1", sshd("AllowUsers admin"));
        // The other node's access was taken away above.
        for (const step of ["huygens2-access", "huygens2-link"]) expect(await steps.run(step, "ensure")).to.include({ code: 0 });
        const refused = await departure("huygens2", { drain_seconds: "12" });
        expect(refused.code).to.equal(1);
        expect(refused.stderr).to.match(
            /huygens1 is not drained after 12 s: waiting for huygens1, which does not let hrm in to look for a running hucore: .*ermission denied/,
        );
        expect(refused.stderr).not.to.contain("taken for dead");
        await cluster.lab.run("huygens1", `${asDebianHasIt}; pkill hucore; sleep 0.2`);
        const { code, stderr } = await departure("huygens2");
        expect(code, stderr).to.equal(0);
    });
});
