import { expect } from "chai";
import { driftPolicy } from "../../../lib/hosts/drift/policy";
import { example } from "../support/descriptions";
import { clusterProblems, withoutAgent } from "../support/refused";

const byDefault = { check: true, strict: false, connectSeconds: 3, checkSeconds: 10 };

describe("drift/policy", () => {
    withoutAgent();
    afterEach(() => {
        delete process.env.HRM_DRIFT;
    });

    it("looks at hosts unless it is told otherwise", () => {
        expect(driftPolicy()).to.deep.equal(byDefault);
        expect(driftPolicy({ check: undefined, checkSeconds: 60 })).to.deep.equal({ ...byDefault, checkSeconds: 60 });
    });

    const modes: [mode: string, args: object, policy: object][] = [
        ["off", {}, { check: false }],
        ["strict", {}, { check: true, strict: true }],
        ["on", {}, { check: true, strict: false }],
        ["on", { strict: true }, { check: true, strict: true }],
        ["strict", { check: false }, { check: false }],
    ];
    for (const [mode, args, policy] of modes) {
        it(`HRM_DRIFT=${mode} with ${JSON.stringify(args)}`, () => {
            process.env.HRM_DRIFT = mode;
            expect(driftPolicy(args)).to.deep.include(policy);
        });
    }

    const wrong: [drift: unknown, problem: string][] = [
        [false, "drift: false, want an object with check"],
        [{ check: "no" }, "drift.check: 'no', want true or false"],
        [{ strict: 1 }, "drift.strict: 1, want true or false"],
        [{ checkSeconds: 0 }, "drift.checkSeconds: 0, want a whole number"],
        [{ connectSeconds: "3" }, "drift.connectSeconds: '3', want a whole number"],
        [{ checks: true }, "drift.checks: there is no such argument"],
    ];
    for (const [drift, problem] of wrong) {
        it(`refuses ${problem}`, async () => {
            const found = await clusterProblems({ ...example(), drift });
            expect(found.map(line => line.slice(0, problem.length))).to.deep.equal([problem]);
        });
    }

    it("refuses an HRM_DRIFT that it does not know", async () => {
        process.env.HRM_DRIFT = "of";
        expect(await clusterProblems(example())).to.deep.equal([
            "drift: the environment variable HRM_DRIFT is 'of', want on, off or strict",
        ]);
    });
});
