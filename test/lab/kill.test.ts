// Covers: lib/steps/schema lib/steps/config lib/steps/link lib/steps/restart lib/steps/part lib/hosts/launcher
// Takes 220 s on 2 cores.
import { expect } from "chai";
import { TestCluster } from "./support/cluster";
import { Held } from "./support/hold";
import { leftovers, stepRuns } from "./support/leftovers";
import { RunningUp } from "./support/runningUp";
import { until } from "./support/until";

interface Case {
    step: string;
    /** The step's first progress line. All of them run on the web host. */
    line: RegExp;
    /** The call in which Pulumi is killed. */
    during: { host: string; program: string; call: string };
    /** Whether Pulumi is started again while the remote script of the killed one still runs. */
    atOnce: boolean;
}

const cases: Case[] = [
    {
        step: "schema",
        line: /web: schema: brings HRM's schema from revision 0/,
        during: { host: "web", program: "/usr/bin/php", call: "dbupdate.php" },
        atOnce: true,
    },
    {
        // It has a scratch folder at that moment.
        step: "config",
        line: /web: config: /,
        during: { host: "web", program: "/usr/bin/php", call: "checkConfig.php" },
        atOnce: false,
    },
    {
        step: "link",
        line: /web: link-huygens1: /,
        during: { host: "huygens1", program: "/usr/local/bin/hucore", call: "reportVersionNumberAsInteger" },
        atOnce: false,
    },
    {
        step: "restart",
        line: /web: restart: starts hrmd.service/,
        during: { host: "web", program: "/usr/bin/systemctl", call: "start hrmd.service" },
        atOnce: false,
    },
];

for (const { step, line, during, atOnce } of cases) {
    describe(`Pulumi killed in ${step}, and started again ${atOnce ? "while" : "when"} the old script ${atOnce ? "still runs" : "has ended"}`, () => {
        let cluster: TestCluster;
        let held: Held;
        before(async () => {
            cluster = await TestCluster.make("t-kill", [[0]]);
            held = await Held.hold(cluster.lab, during.host, during.program, during.call);
        });
        after(() => cluster?.down());

        it("leaves the remote script running and the stack locked", async () => {
            const up = new RunningUp(cluster.stack);
            await up.prints(line);
            await held.reached();
            await up.kill();
            expect(await stepRuns(cluster, "web")).to.equal(true);
            const { code, output } = await cluster.stack.up();
            expect(code).not.to.equal(0);
            expect(output).to.match(/the stack is currently locked/);
        });

        it("finishes after pulumi cancel", async () => {
            if (!atOnce) {
                await held.release();
                await until("the old script to end", async () => !(await stepRuns(cluster, "web")));
            }
            const { code, output } = await cluster.stack.cancel();
            expect(code, output).to.equal(0);
            const up = new RunningUp(cluster.stack);
            if (atOnce) {
                await up.prints(/waiting for an earlier run of this step to end/);
                expect(await held.calls()).to.deep.equal(["begin"]);
                await held.release();
            }
            const second = await up.outcome;
            expect(second.code, second.output).to.equal(0);
        });

        it("never did the work twice at once", async () => {
            const calls = await held.calls();
            expect(calls.length).to.be.greaterThan(0);
            expect(calls).to.deep.equal(calls.map((_, index) => (index % 2 === 0 ? "begin" : "end")));
            if (step === "schema") expect(calls).to.have.length(2);
        });

        it("leaves nothing half-made on any host", async () => {
            expect(await leftovers(cluster)).to.deep.equal([]);
        });

        it("runs a job", async () => {
            expect(await cluster.rows()).to.deep.equal(["huygens1 0 | /usr/local/bin/hucore | 0"]);
            const [result] = await cluster.runJobs(1, 1);
            expect(result?.ok, result?.detail).to.equal(true);
        });

        it("is left alone by a third up", async () => {
            const { output } = await cluster.up();
            expect(output).not.to.match(/created|updated|deleted|replaced/);
        });
    });
}
