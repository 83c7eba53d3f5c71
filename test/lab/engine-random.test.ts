// Covers: engine/plugins/random engine/provider engine/bin/random
/** What this library relies on in `random`: the same tests for the stand-in and for a real provider on PATH, as in engine-command.test.ts. */
import { strict as assert } from "node:assert";
import { engine } from "../../engine/engine";
import { type Resources, Stack } from "./engine-stack";

describe("random", function () {
    this.timeout(900_000);
    let stack: Stack;
    let pulumi: Awaited<ReturnType<typeof engine>>;

    before(async () => {
        pulumi = await engine(console.log);
    });

    beforeEach(() => {
        stack = new Stack(pulumi);
    });

    afterEach(() => stack.remove());

    const declare = (type: "RandomBytes" | "RandomPassword", args: object): Resources => ({ a: { type, args } });
    const plaintext = (value: unknown) => JSON.parse((value as { plaintext: string }).plaintext) as string;
    const output = async (name: string) => plaintext((await stack.state()).a.outputs[name]);

    it("makes bytes once, as secrets", async () => {
        const resources = declare("RandomBytes", { length: 32 });
        const preview = await stack.run(["preview"], resources);
        assert.equal(preview.code, 0, preview.text);
        assert.deepEqual((await stack.up(resources)).changes, { create: 1 });
        const made = Buffer.from(await output("base64"), "base64");
        assert.equal(made.length, 32);
        assert.equal(await output("hex"), made.toString("hex"));
        assert.equal((await stack.state()).a.id, made.toString("base64"));
        assert.ok(!stack.stateFile().includes(made.toString("hex")));
        assert.deepEqual((await stack.up(resources)).changes, { same: 1 });
    });

    it("makes a password once, as a secret", async () => {
        const resources = declare("RandomPassword", { length: 40, special: false, minNumeric: 3 });
        assert.deepEqual((await stack.up(resources)).changes, { create: 1 });
        const password = await output("result");
        assert.match(password, /^[A-Za-z0-9]{40}$/);
        assert.ok((password.match(/\d/g) ?? []).length >= 3);
        assert.ok(!stack.stateFile().includes(password));
        const { a } = await stack.state();
        assert.equal(a.id, "none");
        const defaults = {
            lower: true,
            upper: true,
            number: true,
            numeric: true,
            special: false,
            minLower: 0,
            minUpper: 0,
            minSpecial: 0,
            minNumeric: 3,
        };
        for (const [name, value] of Object.entries(defaults)) assert.equal(a.outputs[name], value, name);
        assert.deepEqual((await stack.up(resources)).changes, { same: 1 });
        assert.equal(await output("result"), password);
    });

    for (const type of ["RandomBytes", "RandomPassword"] as const) {
        it(`makes another ${type} for other keepers or another length`, async () => {
            const result = type === "RandomBytes" ? "base64" : "result";
            const seen = new Set<string>();
            for (const args of [
                { length: 20 },
                { length: 20, keepers: { round: "1" } },
                { length: 20, keepers: { round: "2" } },
                { length: 21, keepers: { round: "2" } },
                { length: 21 },
            ]) {
                const { code, text, changes } = await stack.up(declare(type, args));
                assert.equal(code, 0, text);
                assert.equal(seen.size === 0 ? changes.create : changes.replace, 1, `${JSON.stringify(args)} ${JSON.stringify(changes)}`);
                seen.add(await output(result));
            }
            assert.equal(seen.size, 5);
        });
    }

    it("keeps a password when a default is written out", async () => {
        await stack.up(declare("RandomPassword", { length: 20 }));
        const password = await output("result");
        const { changes } = await stack.up(declare("RandomPassword", { length: 20, special: true, number: true, minLower: 0 }));
        assert.equal(changes.replace, undefined, JSON.stringify(changes));
        assert.equal(await output("result"), password);
    });

    it("refuses impossible wishes", async () => {
        const impossible: [Resources, RegExp][] = [
            [declare("RandomBytes", { length: 0 }), /length/],
            [declare("RandomPassword", { length: 3, minUpper: 2, minLower: 2 }), /length/],
            [declare("RandomPassword", { length: 3, upper: false, lower: false, numeric: false, special: false }), /special/],
        ];
        for (const [resources, reason] of impossible) {
            const result = await stack.up(resources);
            assert.equal(result.code, 1);
            assert.match(result.text, reason);
        }
    });
});
