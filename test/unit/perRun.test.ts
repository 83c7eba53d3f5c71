import * as pulumi from "@pulumi/pulumi";
import * as store from "@pulumi/pulumi/runtime/state";
import { expect } from "chai";
import { perRun } from "../../lib/hosts/perRun";

const { withLocalStorage, setStackResource, getStore } = store as unknown as {
    withLocalStorage<T>(run: () => Promise<T>): Promise<T>;
    setStackResource(stack: object): void;
    getStore(): { settings: { monitor: unknown } };
};

describe("what a run of a program keeps", () => {
    const kept = perRun(() => ({}));
    /** In a store of its own, beside a monitor that listens there. */
    const inStore = (port: number, program: () => object | Promise<object>) =>
        withLocalStorage(async () => {
            getStore().settings.monitor = { getChannel: () => ({ getTarget: () => `127.0.0.1:${port}` }) };
            return program();
        });

    it("is its own for each inline program of a process, also where a port comes again", async () => {
        const inline = () =>
            inStore(1, async () => {
                setStackResource({});
                const value = kept();
                expect(kept()).to.equal(value);
                await new Promise(resolve => setTimeout(resolve, 1));
                expect(kept()).to.equal(value);
                return value;
            });
        expect(await inline()).not.to.equal(await inline());
    });

    it("is one for all components of a program in another language, each of which has a store", async () => {
        const first = await inStore(1, kept);
        expect(await inStore(1, kept)).to.equal(first);
        expect(await inStore(2, kept)).not.to.equal(first);
    });

    it("is its own for each unit test", async () => {
        const values = [];
        for (const _ of [1, 2]) {
            await pulumi.runtime.setMocks({ call: () => ({}), newResource: ({ inputs }) => ({ id: "", state: inputs }) });
            values.push(kept());
            expect(kept()).to.equal(values.at(-1));
        }
        expect(values[0]).not.to.equal(values[1]);
    });
});
