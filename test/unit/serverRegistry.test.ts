import { expect } from "chai";
import { HuygensNode, ServerRegistry, WebQueueHost } from "../../lib";
import { declare } from "./support/declare";
import { connection } from "./support/descriptions";
import { problemsOf, withoutAgent } from "./support/refused";
import { exampleSteps } from "./support/steps";

/** What a registry refuses, where web host and nodes are in order. */
async function registryProblems(
    args: (web: WebQueueHost, other: WebQueueHost, node: (name: string) => HuygensNode) => unknown,
): Promise<string> {
    const { result } = await declare(() => {
        const web = new WebQueueHost("web", { host: "web", connection: connection(1) });
        const other = new WebQueueHost("other", { host: "other", connection: connection(2) });
        let number = 3;
        const node = (name: string) => new HuygensNode(name, { connection: connection(number++), webQueueHost: web });
        try {
            new ServerRegistry("registry", args(web, other, node) as never);
        } catch (error) {
            return (error as Error).message;
        }
        return "was not refused";
    });
    return result;
}

describe("ServerRegistry", () => {
    withoutAgent();

    it("refuses what is no web host and no list of nodes", async () => {
        for (const args of [undefined, null, []]) {
            expect(await problemsOf(() => new ServerRegistry("registry", args as never))).to.have.lengthOf(1);
        }
        expect(await problemsOf(() => new ServerRegistry("registry", {} as never))).to.deep.equal([
            "webQueueHost: is missing; it is the WebQueueHost of the nodes",
            "nodes: is missing; HRM's queue manager needs at least one node",
        ]);
        for (const nodes of [[], {}, [{}], null, "huygens1"]) {
            const problems = await problemsOf(() => new ServerRegistry("registry", { webQueueHost: {}, nodes } as never));
            expect(problems.map(line => line.split(":")[0])).to.deep.equal(["webQueueHost", "nodes"]);
        }
    });

    it("refuses an argument that it does not have", async () =>
        expect(await registryProblems((web, _, node) => ({ webQueueHost: web, nodes: [node("a")], node: 1 }))).to.include(
            "\n  node: there is no such argument, only webQueueHost, nodes, drainTimeout",
        ));

    it("refuses nodes of another web host", async () =>
        expect(await registryProblems((_, other, node) => ({ webQueueHost: other, nodes: [node("a")] }))).to.include(
            "\n  nodes[0]: belongs to another webQueueHost",
        ));

    it("refuses names that differ in case only", async () =>
        expect(await registryProblems((web, _, node) => ({ webQueueHost: web, nodes: [node("a"), node("b"), node("A")] }))).to.include(
            "\n  nodes[2]: is the same name as nodes[0] for HRM, which ignores case",
        ));

    it("writes the rows that are described, under the names as they are written", async () => {
        const steps = await exampleSteps();
        const described = (node: string) => steps.find(({ step, values }) => step === "link" && values.node === node)!.values.described;
        expect(steps.find(({ step }) => step === "rows")!.values.nodes!.split("\n")).to.deep.equal([
            `huygens1\t/usr/local/bin/hucore\t0,1\t${described("huygens1")}`,
            `Huygens2\t/opt/hucore\t0\t${described("Huygens2")}`,
            `cpu1\t/usr/local/bin/hucore\t-1\t${described("cpu1")}`,
        ]);
    });
});
