// Covers: lib/hosts/drift lib/steps/account lib/steps/folders lib/steps/config lib/steps/database lib/steps/schema lib/steps/identity lib/steps/queueManager lib/steps/hucore lib/steps/access lib/steps/link lib/steps/rows lib/steps/departures lib/steps/restart lib/steps/checks
// Takes 220 s on 2 cores.
import { expect } from "chai";
import type { Outcome } from "../../engine/stack";
import { type Round, rounds } from "./support/byHand";
import { TestCluster } from "./support/cluster";
import { changed, contents, forgetSteps, stepOf, stepsThatRan } from "./support/hosts";
import { StepsOnHosts } from "./support/onHost";
import { byPart, partOf, said } from "./support/preview";

/** Which resources differ after the changes of a round, and how. */
function differing({ changes }: Round): Record<string, (string | RegExp)[]> {
    const all: Record<string, (string | RegExp)[]> = {};
    for (const { shows } of changes)
        for (const [part, lines] of Object.entries(byPart<string | RegExp>(shows))) all[part] = [...(all[part] ?? []), ...lines];
    return all;
}

function expectLines(found: string[] | undefined, wanted: (string | RegExp)[], output: string): void {
    const matches = (line: string, want: string | RegExp) => (typeof want === "string" ? line === want : want.test(line));
    for (const want of wanted)
        expect(
            found?.some(line => matches(line, want)),
            `${want} in\n${output}`,
        ).to.equal(true);
    for (const line of found ?? [])
        expect(
            wanted.some(want => matches(line, want)),
            `unexpected: ${line}`,
        ).to.equal(true);
}

describe("changes made by hand", () => {
    let cluster: TestCluster;
    let before_: Record<string, string>;

    before(async () => {
        cluster = await TestCluster.ready("t-drift", [[0, 1], [0]]);
        before_ = await contents(cluster);
    });
    after(() => cluster?.down());

    async function expectNoChanges(): Promise<void> {
        const outcome = await cluster.stack.preview("--expect-no-changes");
        expect(outcome.code, outcome.output).to.equal(0);
        expect(said(outcome)).to.deep.equal({ differences: {}, follows: [], changed: [], unchecked: [] });
    }

    async function makeByHand({ changes }: Round): Promise<void> {
        for (const { host, does } of changes) await cluster.lab.run(host, does);
    }

    function expectShown(outcome: Outcome, round: Round): void {
        const { differences, changed, unchecked } = said(outcome);
        const wanted = differing(round);
        expect(changed, outcome.output).to.deep.equal(Object.keys(wanted).sort());
        for (const [resource, lines] of Object.entries(wanted)) expectLines(differences[resource], lines, outcome.output);
        expectLines(unchecked, round.unchecked ?? [], outcome.output);
    }

    async function expectRepaired(round: Round): Promise<void> {
        await forgetSteps(cluster);
        const outcome = await cluster.up();
        const repaired = Object.keys(differing(round)).sort();
        expect(said(outcome).changed, outcome.output).to.deep.equal(repaired);
        expect(outcome.output).to.contain(`~ ${repaired.length} updated`);
        // The steps of these parts, and no other.
        const steps = (await StepsOnHosts.of(cluster)).names;
        expect(await stepsThatRan(cluster)).to.deep.equal(
            steps
                .filter(name => repaired.includes(partOf(name)))
                .map(name => stepOf(name))
                .sort(),
        );
        expect(changed(before_, await contents(cluster))).to.deep.equal([]);
    }

    it("an untouched cluster has none", () => expectNoChanges());

    for (const round of rounds) {
        it(`are shown by preview, with exit code 7: ${round.title}`, async () => {
            await makeByHand(round);
            const outcome = await cluster.stack.preview("--expect-no-changes");
            expect(outcome.code, outcome.output).to.equal(7);
            expectShown(outcome, round);
        });

        it(`are repaired by up, which runs nothing else: ${round.title}`, () => expectRepaired(round));

        it(`are gone from the next preview: ${round.title}`, () => expectNoChanges());
    }

    it("are repaired again when the same is done a second time", async () => {
        await makeByHand(rounds[0]!);
        await expectRepaired(rounds[0]!);
        await expectNoChanges();
    });

    it("leave a cluster that runs jobs", async () => {
        const results = await cluster.runJobs(3);
        expect(results.map(({ ok, detail }) => ok || detail)).to.deep.equal([true, true, true]);
    });
});
