import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";

type Run = typeof import("../../../lib/hosts/drift/run");

/** A fresh one: a run of the program asks once. */
function freshRun(): Run {
    const path = require.resolve("../../../lib/hosts/drift/run");
    delete require.cache[path];
    return require(path) as Run;
}

describe("what the stack's state has of a step", () => {
    let asked = 0;
    async function engineThatFails(times: number): Promise<void> {
        asked = 0;
        const call = () => {
            if (asked++ < times) throw new Error("unexpected EOF");
            return { outputs: { "urn:there": { outputs: { stdin: "text", update: "again" } } } };
        };
        const newResource = ({ inputs }: pulumi.runtime.MockResourceArgs) => ({ id: "", state: inputs });
        await pulumi.runtime.setMocks({ call, newResource }, "project", "stack", false, "organization");
    }

    it("is asked for again where the state was half-written, and once for all steps", async () => {
        await engineThatFails(1);
        const { inState } = freshRun();
        expect(await inState(pulumi.output("urn:new"))).to.deep.equal({
            exists: false,
            stdin: undefined,
            update: undefined,
            triggers: undefined,
        });
        expect(await inState(pulumi.output("urn:there"))).to.deep.equal({
            exists: true,
            stdin: "text",
            update: "again",
            triggers: undefined,
        });
        expect(asked).to.equal(2);
    });

    it("is taken for there where nobody can tell", async () => {
        await engineThatFails(Number.POSITIVE_INFINITY);
        expect(await freshRun().inState(pulumi.output("urn:new"))).to.deep.equal({ exists: true });
    });
});
