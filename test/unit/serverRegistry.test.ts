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
        const rows = (await exampleSteps()).filter(({ step }) => step === "rows");
        expect(rows.map(({ values: { step, node, gpus, hucore } }) => ({ step, node, gpus, hucore }))).to.have.deep.members([
            { step: "rows-huygens1", node: "huygens1", gpus: "0\n1", hucore: "/usr/local/bin/hucore" },
            { step: "rows-huygens2", node: "Huygens2", gpus: "0", hucore: "/opt/hucore" },
            { step: "rows-cpu1", node: "cpu1", gpus: "-1", hucore: "/usr/local/bin/hucore" },
        ]);
    });
});
