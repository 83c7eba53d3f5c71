// Covers: lib/steps/identity lib/steps/keys lib/steps/database lib/hosts/openSshKey
import { expect } from "chai";
import { submitJobs, waitForJobs } from "../../lab/jobs";
import { TestCluster } from "./support/cluster";
import { fingerprints, settled } from "./support/fingerprints";
import { changed, forgetSteps, stepsThatRan } from "./support/hosts";
import { said } from "./support/preview";
import { secretsOf } from "./support/secrets";

const allWell = [true, true, true];

/** Fingerprints as `changed` takes them. */
const asTexts = (lines: Record<string, string[]>) =>
    Object.fromEntries(Object.entries(lines).map(([host, each]) => [host, each.join("\n")]));

describe("hosts that are as described already", () => {
    let cluster: TestCluster;
    let seed: string;

    before(async () => {
        cluster = await TestCluster.ready("t-adopt", [[0, 1], [0]]);
        seed = (await secretsOf(cluster)).find(({ name }) => name.startsWith("seed"))!.parts[0]!;
    });
    after(() => cluster?.down());

    const config = () => cluster.lab.run("web", "cat /var/www/html/hrm/config/hrm_config.inc");
    const password = async () => /db_password = '([^']+)'/.exec(await config())![1]!;
    const start = () => cluster.lab.run("web", "systemctl show -p MainPID -p ExecMainStartTimestamp hrmd");
    const authorised = async () => {
        const keys = cluster.lab.nodes.map(({ name }) => cluster.lab.run(name, "cat /home/hrm/.ssh/authorized_keys"));
        return new Set(await Promise.all(keys));
    };

    async function expectNoChanges(): Promise<void> {
        await cluster.expectNothingToDo();
    }

    async function runsJobs(): Promise<void> {
        expect((await cluster.runJobs(3)).map(({ ok, detail }) => ok || detail)).to.deep.equal(allWell);
    }

    it("are left alone by the first up of an empty stack, which has the seed and the password", async () => {
        cluster = await cluster.afterLossOfState();
        await cluster.stack.configure("keySeed", seed, { secret: true });
        await cluster.stack.configure("databasePassword", await password(), { secret: true });
        const [before, started] = [await settled(cluster), await start()];
        const { output } = await cluster.up();
        expect(output).to.match(/\+ \d+ created/);
        const after = await fingerprints(cluster);
        expect(after, changed(asTexts(before), asTexts(after)).join("\n")).to.deep.equal(before);
        expect(await start()).to.equal(started);
        await expectNoChanges();
    });

    it("get a new key and a new password where those are lost, and no job is", async () => {
        const old = { password: await password(), key: await cluster.lab.run("web", "cat /home/hrm/.ssh/hrm-cluster.d/key-1") };
        cluster = await cluster.afterLossOfState();
        cluster.description.keyVersion = 2;
        await cluster.configure();
        const jobs = await submitJobs(cluster.lab, { count: 6, seconds: 8 });
        const ended = waitForJobs(cluster.lab, jobs, { timeoutSeconds: 300, log: () => {} });
        await cluster.up();
        const results = await ended;
        expect(results.map(({ ok, detail }) => ok || detail)).to.deep.equal([...allWell, ...allWell]);
        await expectNoChanges();

        expect(await password()).not.to.equal(old.password);
        const [keys, ...others] = await authorised();
        expect(others, "both nodes have the same").to.deep.equal([]);
        expect(keys).to.match(/^restrict ssh-ed25519 \S+ hrm-cluster\n$/);
        await cluster.lab.run("web", "umask 077; cat >/root/old", { stdin: old.key });
        for (const { name } of cluster.lab.nodes) {
            const { code, stderr } = await cluster.lab.exec(
                "web",
                `ssh -i /root/old -o IdentitiesOnly=yes -o StrictHostKeyChecking=no hrm@${name} :`,
            );
            expect({ code, refused: /Permission denied/.test(stderr) }, stderr).to.deep.equal({ code: 255, refused: true });
        }
    });

    describe("but for one that was installed anew", () => {
        let others: Record<string, string[]>;
        before(async () => {
            const { hostKey } = await cluster.lab.reinstall("huygens2");
            expect(hostKey).not.to.equal(cluster.description.nodes.huygens2!.connection.hostKey);
            others = await settled(cluster);
        });

        it("are told from it by its host key", async () => {
            const outcome = await cluster.stack.preview("--expect-no-changes");
            expect(outcome.code, outcome.output).to.equal(0);
            expect(said(outcome).unchecked).to.deep.equal([
                "huygens2: not looked at for changes made by hand: the host key is not the one that the description pins; " +
                    "if huygens2 was reinstalled, describe its new hostKey",
            ]);
        });

        it("have it back with its new host key and one up, which does nothing on the other node", async () => {
            cluster.description.nodes.huygens2!.connection.hostKey = cluster.lab.host("huygens2").hostKey;
            await cluster.configure();
            await forgetSteps(cluster);
            await cluster.up();
            expect((await stepsThatRan(cluster)).filter(step => /huygens1/.test(step))).to.deep.equal([]);
            expect((await fingerprints(cluster)).huygens1).to.deep.equal(others.huygens1);
            await expectNoChanges();
            await runsJobs();
        });
    });
});
