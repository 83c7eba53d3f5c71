import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { repositoryRoot } from "../../engine/root";
import { paceText, quickPace } from "../../lab/pace";
import { exampleSteps } from "./support/steps";

describe("pauses", () => {
    const values = async (step: string) => (await exampleSteps()).find(each => each.step === step)!.values;

    it("of steps are those that HRM needs, unless a test makes them quick", async () => {
        const drain = {
            look_seconds: "1",
            settle_seconds: "2",
            quiet_looks: "10",
            quiet_looks_beside: "30",
            silence_seconds: "20",
            death_seconds: "120",
        };
        expect(await values("departures")).to.include(drain);
        expect(await values("rows")).to.include(drain);
        expect(await values("restart")).to.include({ look_seconds: "1", settle_seconds: "2" });
        expect(await values("keys")).to.include({ look_seconds: "1" });
    });

    it("of the queue manager's service too", async () => {
        const { unit, start_script } = await values("queueManager");
        expect(unit!.split("\n")).to.include("RestartSec=10");
        expect(start_script).to.contain("usleep((int) (1 * 1e6));");
    });

    it("of the stand-in HRM are HRM's where no file says otherwise, and tests name no other", () => {
        const source = readFileSync(join(repositoryRoot(), "lab/hrm/inc/Pace.php"), "utf8");
        const own = Object.fromEntries([...source.matchAll(/'(\w+)' => ([\d.]+)/g)].map(([, name, value]) => [name!, Number(value)]));
        expect(own).to.deep.equal({ idle: 0, collect_early: 0, pid: 1, template: 15 });
        expect(own).to.include.keys(Object.keys(quickPace));
        expect(paceText({ idle: 3, pid: 0.5 })).to.equal("idle = 3\npid = 0.5\n");
    });
});
