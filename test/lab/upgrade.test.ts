// Covers: lib
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { expect } from "chai";
import { repositoryRoot } from "../../engine/root";
import { endJobs, waitForJobs } from "../../lab/jobs";
import { TestCluster } from "./support/cluster";
import { jsonIn } from "./support/preview";
import { jobOn } from "./support/queue";

const versions = join(repositoryRoot(), "test/versions");
const tarballs = readdirSync(versions).filter(name => name.endsWith(".tgz"));

describe("a cluster that an earlier version of the library has made", () => {
    it("is there to be taken over", () => expect(tarballs).not.to.deep.equal([]));

    for (const tarball of tarballs)
        describe(basename(tarball, ".tgz"), () => {
            let cluster: TestCluster;
            // Below the clone, where it finds what it depends on.
            const folder = join(repositoryRoot(), "dist/versions", basename(tarball, ".tgz"));
            before(async () => {
                rmSync(folder, { recursive: true, force: true });
                mkdirSync(folder, { recursive: true });
                execFileSync("tar", ["-xzf", join(versions, tarball), "-C", folder]);
                cluster = await TestCluster.make("t-upgrade", [[0, 1], [0]], { env: { HRM_TEST_LIBRARY: join(folder, "package") } });
            });
            after(async () => {
                await cluster?.down();
                rmSync(folder, { recursive: true, force: true });
            });

            const urns = async () => {
                const { output } = await cluster.stack.run(["stack", "export"]);
                const { deployment } = jsonIn(output);
                return (deployment.resources as { urn: string }[]).map(({ urn }) => urn);
            };

            it("is taken over by this one: nothing is deleted or replaced, jobs go on", async () => {
                await cluster.up();
                await cluster.expectNothingToDo();
                const [before, rows] = [await urns(), await cluster.rows()];
                const job = await jobOn(cluster, "huygens1 0");

                const now = await cluster.stackWith({ HRM_TEST_LIBRARY: "" });
                const preview = await now.preview("--json");
                expect(preview.code, preview.output).to.equal(0);
                const { steps } = jsonIn(preview.output);
                const changes = (steps as { op: string; urn: string }[]).filter(({ op }) => !["same", "read"].includes(op));
                // What changes is named, and is a part of a host: its steps' text has changed.
                expect(changes.map(({ op }) => op).filter(op => op !== "update")).to.deep.equal([]);
                for (const { urn } of changes) expect(urn).to.contain("command:remote:Command::hrm-");

                const up = await now.up();
                expect(up.code, up.output).to.equal(0);
                expect(up.output).not.to.match(/\b(deleted|replaced)\b/);
                expect(await urns()).to.include.members(before);
                expect(await cluster.rows()).to.deep.equal(rows);
                const again = await now.preview("--expect-no-changes");
                expect(again.code, again.output).to.equal(0);
                await endJobs(cluster.lab, [job]);
                const [result] = await waitForJobs(cluster.lab, [job], { timeoutSeconds: 120, log: () => {} });
                expect(result?.ok, result?.detail).to.equal(true);
            });
        });
});
