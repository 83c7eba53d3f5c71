// Covers: lib/steps/access lib/steps/link lib/steps/identity lib/steps/prelude lib/steps/files lib/steps/departures lib/steps/keys lib/steps/drain lib/steps/hrm
import { expect } from "chai";
import { launcher } from "../../lib/hosts/launcher";
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

    describe("bound to the web host's addresses (authorizedKeys.from)", () => {
        const bound = async (verb: "check" | "ensure", from = "yes") => {
            const all = [];
            for (const step of ["huygens1-access", "huygens1-link"]) all.push(await steps.run(step, verb, { from }));
            return all.map(({ code, stdout, stderr }) => `${code} ${stdout}${stderr}`);
        };
        const line = () => cluster.lab.run("huygens1", "grep hrm-cluster ~hrm/.ssh/authorized_keys");

        before(async () => {
            for (const step of ["huygens1-access", "huygens1-link"]) expect(await steps.run(step, "ensure")).to.include({ code: 0 });
        });

        it("opens the node from there, and from nowhere else", async () => {
            expect((await bound("check"))[1]).to.contain(`huygens1: accepts the key from anywhere, want ${cluster.lab.web.address}`);
            for (const said of await bound("ensure")) expect(said).to.match(/^0 /);
            expect(await line()).to.match(new RegExp(`^from="${cluster.lab.web.address}",restrict ssh-ed25519 \\S+ hrm-cluster\n$`));
            expect(await opens("huygens1")).to.equal(true);
            const key = await cluster.lab.run("web", "cat ~hrm/.ssh/hrm-cluster.d/key-1");
            const stolen = await cluster.lab.exec(
                "huygens2",
                "cat >/tmp/key; chmod 600 /tmp/key; ssh -v -F none -i /tmp/key -o BatchMode=yes -o StrictHostKeyChecking=no hrm@huygens1 true",
                { stdin: key },
            );
            expect(stolen.code).to.equal(255);
            expect(stolen.stderr).to.contain("Permission denied");
            for (const said of await bound("check")) expect(said).to.equal("0 hrm: checked\n");
        });

        it("is told where the web host's address is another one, and opened again for it by from: false", async () => {
            await cluster.lab.run("huygens1", 'sed -i \'s/^from="[^"]*"/from="192.0.2.1"/\' ~hrm/.ssh/authorized_keys');
            const [, unreachable] = await bound("check");
            expect(unreachable).to.match(/^3 hrm: unreachable huygens1 hrm@huygens1: Permission denied .*\n$/);
            const [, failed] = await bound("ensure");
            expect(failed).to.match(/^1 .*ssh to huygens1 fails: .*set authorizedKeys.from to false for one run/s);
            for (const said of await bound("ensure", "no")) expect(said).to.match(/^0 /);
            expect(await line()).to.match(/^restrict /);
            expect(await opens("huygens1")).to.equal(true);
        });

        it("says what to do where root alone may change the file that sshd reads", async () => {
            await cluster.lab.run("huygens1", elsewhere);
            const [access, link] = await bound("ensure");
            expect(access).to.match(/^0 /);
            const wanted = `from="${cluster.lab.web.address}",`;
            expect(link).to.match(/^1 /).and.to.contain(`put ${wanted} in front of the line that ends in hrm-cluster`);
            await cluster.lab.run("huygens1", `sed -i 's/^restrict/${wanted}restrict/' /etc/ssh/authorized_keys/hrm`);
            for (const said of await bound("ensure")) expect(said).to.match(/^0 /);
            expect(await opens("huygens1")).to.equal(true);
            await cluster.lab.run("huygens1", `rm -r /etc/ssh/authorized_keys; ${asDebianHasIt}`);
        });
    });

    it("is looked at as the account, where root of the host may not (a home on NFS with root squash)", async () => {
        // Root without the capabilities by which it may look at everything.
        const { text } = steps.textOf("web-identity");
        const asNobody = launcher("check").replace("sh -s", "setpriv --bounding-set=-dac_override,-dac_read_search sh -s");
        const look = async () => (await cluster.lab.exec("web", asNobody, { stdin: text })).stdout;
        expect((await cluster.lab.exec("web", "setpriv --bounding-set=-dac_override,-dac_read_search cat ~hrm/.ssh/config")).code).to.equal(
            1,
        );
        expect(await look()).to.equal("hrm: checked\n");
        await cluster.lab.run("web", "echo >>~hrm/.ssh/hrm-cluster.d/key-1");
        expect(await look()).to.contain("key-1: other content than described");
        expect(await steps.run("web-identity", "ensure")).to.include({ code: 0 });
    });
});
