import { expect } from "chai";
import type { TestCluster } from "./cluster";
import { leftovers } from "./leftovers";

/** Everything is as described, nothing is left half-made, and each row runs a job. */
export async function expectWhole(cluster: TestCluster): Promise<void> {
    await cluster.expectNothingToDo();
    expect(await leftovers(cluster)).to.deep.equal([]);
    const results = await cluster.runJobs(2);
    expect(results.map(({ ok, server, detail }) => (ok ? server : detail)).sort()).to.deep.equal(["huygens1 0", "huygens2 0"]);
}
