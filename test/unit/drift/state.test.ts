import * as pulumi from "@pulumi/pulumi";
import * as store from "@pulumi/pulumi/runtime/state";
import { expect } from "chai";
import { inState } from "../../../lib/hosts/drift/run";

const { withLocalStorage, setStackResource } = store as unknown as {
    withLocalStorage(run: () => Promise<void>): Promise<void>;
    setStackResource(stack: object): void;
};

describe("what the stack's state has of a step", () => {
    let asked = 0;
    /** A run of a program, beside an engine that fails so many times. */
    function run(times: number, program: () => Promise<unknown>): Promise<void> {
        return withLocalStorage(async () => {
            asked = 0;
            const call = () => {
                if (asked++ < times) throw new Error("unexpected EOF");
                return { outputs: { "urn:there": { outputs: { stdin: "text", update: "again" } } } };
            };
            const newResource = ({ inputs }: pulumi.runtime.MockResourceArgs) => ({ id: "", state: inputs });
            await pulumi.runtime.setMocks({ call, newResource }, "project", "stack", false, "organization");
            setStackResource({});
            await program();
        });
    }

    const isNew = { exists: false, stdin: undefined, update: undefined, triggers: undefined };

    it("is asked for again where the state was half-written, and once for all steps", () =>
        run(1, async () => {
            expect(await inState(pulumi.output("urn:new"))).to.deep.equal(isNew);
            const there = await inState(pulumi.output("urn:there"));
            expect(there).to.deep.equal({ exists: true, stdin: "text", update: "again", triggers: undefined });
            expect(asked).to.equal(2);
        }));

    it("is taken for there where nobody can tell", () =>
        run(Number.POSITIVE_INFINITY, async () => expect(await inState(pulumi.output("urn:new"))).to.deep.equal({ exists: true })));

    it("is asked for anew by the next program of the same process, as the Automation API runs them", async () => {
        const program = async () => expect(await inState(pulumi.output("urn:new"))).to.deep.equal(isNew);
        for (const _ of [1, 2]) {
            await run(0, program);
            expect(asked).to.equal(1);
        }
    });
});
