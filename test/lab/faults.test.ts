// Covers: lib/steps/config lib/steps/link lib/steps/rows lib/steps/restart lib/steps/departures lib/steps/queueManager lib/steps/access lib/steps/identity lib/steps/schema lib/steps/database lib/steps/account lib/steps/folders
// Takes 540 s on 2 cores.
import { expect } from "chai";
import type { Result } from "../../lab/command";
import { submitJobs } from "../../lab/jobs";
import { TestCluster } from "./support/cluster";
import { type Deed, type Fault, faults } from "./support/faults";
import { leftovers } from "./support/leftovers";
import { StepsOnHosts } from "./support/onHost";
import { briefJobOn, collected } from "./support/queue";

/** Users' files, on each host. */
const images = "cd /data/hrm_data/user && find . -printf '%p %U %G %m %T@\\n' && sha256sum image";
/** A configuration that was written by halves has another end. */
const endOfConfiguration = "tail -n 1 /var/www/html/hrm/config/hrm_config.inc";

describe("a cluster in use, when something breaks", () => {
    let cluster: TestCluster;
    before(async () => {
        cluster = await TestCluster.make("t-faults", [[0], [0]], { realPace: "steps" });
        const { lab } = cluster;
        // Small disks, which can be filled.
        await lab.run(
            "web",
            "set -e; systemctl stop mariadb; mount -t tmpfs -o size=500m none /mnt; cp -a /var/. /mnt; mount --bind /mnt /var; systemctl start mariadb",
        );
        await lab.run(
            "huygens1",
            "set -e; mkdir -p /data/hrm_data; mount -t tmpfs -o size=2m none /data/hrm_data; mkdir -p /opt; cp -p /usr/local/bin/hucore /opt",
        );
        for (const { name } of lab.hosts)
            await lab.run(name, "mkdir -p /data/hrm_data/user; head -c 9999 /dev/urandom >/data/hrm_data/user/image");
        cluster.description.storage = { takeOver: ["/data/hrm_data"], minFreeGb: 0 };
        await cluster.configure();
        await cluster.up();
    });
    after(() => cluster?.down());

    async function perform(deed: Deed): Promise<void> {
        for (const [host, command] of Object.entries(deed)) await cluster.lab.run(host, command);
    }
    const untouched = () =>
        Promise.all([...cluster.lab.hosts.map(({ name }) => cluster.lab.run(name, images)), cluster.lab.run("web", endOfConfiguration)]);

    /** What the steps that meet a fault say and whether they succeed, or what Pulumi does. */
    async function meet({ steps, work }: Fault): Promise<{ code: number; output: string }> {
        if (work) {
            work(cluster.description);
            await cluster.configure();
            return cluster.stack.up();
        }
        const onHosts = await StepsOnHosts.of(cluster);
        const results: Result[] = [];
        for (const step of steps!) {
            // A preview shows what the check finds, with the host in front.
            const { stdout } = await onHosts.run(step, "check");
            const { code, stdout: none, stderr } = await onHosts.run(step, "ensure");
            results.push({ code, stdout: `${stdout.replace(/^hrm: differs /gm, `${onHosts.hostOf(step)}: `)}${none}`, stderr });
        }
        return {
            code: Math.max(...results.map(({ code }) => code)),
            output: results.map(({ stdout, stderr }) => stdout + stderr).join(""),
        };
    }

    /** @returns what still is not as described */
    async function finish({ steps, instead }: Fault): Promise<string[]> {
        if (!steps) {
            instead?.(cluster.description);
            await cluster.configure();
            await cluster.up();
            return [];
        }
        const onHosts = await StepsOnHosts.of(cluster);
        for (const step of steps) {
            const { code, stderr } = await onHosts.run(step, "ensure");
            expect(code, stderr).to.equal(0);
        }
        // The others are looked at in the end, once for all faults.
        return onHosts.differences(steps);
    }

    for (const fault of faults) {
        const { title, put, says, succeeds = false, runsOn, remove, steps } = fault;
        const what = steps ? steps.join(" and ") : "up";
        describe(title, () => {
            let outcome: { code: number; output: string };
            let atFirst: string[];
            before(async () => {
                atFirst = await untouched();
                await perform(put);
                outcome = await meet(fault);
            });

            it(succeeds ? `is no obstacle to ${what}` : `makes ${what} fail, which says why`, () => {
                expect(outcome.code === 0, outcome.output).to.equal(succeeds);
                for (const text of says) expect(outcome.output, outcome.output).to.contain(text);
            });

            it("leaves nothing half-made", async () => {
                expect(await leftovers(cluster)).to.deep.equal([]);
                expect(await untouched()).to.deep.equal(atFirst);
            });

            if (runsOn)
                it(`does not keep ${runsOn} from its jobs`, async () => {
                    await briefJobOn(cluster, runsOn);
                });

            it(`is over with the next ${what} when its cause is gone`, async () => {
                await perform(remove);
                expect(await finish(fault)).to.deep.equal([]);
                const jobs = await submitJobs(cluster.lab, { count: 2, seconds: 4 });
                if (!steps) await cluster.expectNothingToDo();
                expect(await leftovers(cluster)).to.deep.equal([]);
                expect(await untouched()).to.deep.equal(atFirst);
                expect((await collected(cluster, jobs)).sort()).to.deep.equal(["huygens1 0", "huygens2 0"]);
            });
        });
    }

    it("is as described after all of them", () => cluster.expectNothingToDo());
});
