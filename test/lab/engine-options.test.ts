// Covers: engine/language-nodejs engine/build engine/engine
/** What Pulumi.yaml has as `runtime.options` reaches the program, whichever language host runs it. */
import { strict as assert } from "node:assert";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { engine } from "../../engine/engine";
import { Stack } from "./engine-stack";

describe("options of the runtime", function () {
    this.timeout(900_000);
    let stack: Stack;

    before(async () => {
        stack = new Stack(await engine(console.log));
        mkdirSync(join(stack.folder, "below"));
        writeFileSync(join(stack.folder, "below/first.js"), "global.first = true;");
        const says = `console.log("says", JSON.stringify([global.first ?? false, process.title === "as-described", process.env.PULUMI_NODEJS_TYPESCRIPT ?? "no"]));`;
        writeFileSync(join(stack.folder, "below/program.js"), says);
    });

    after(() => stack.remove());

    async function said(options: string): Promise<unknown> {
        writeFileSync(join(stack.folder, "Pulumi.yaml"), `name: engine\nmain: below/program.js\nruntime:\n  name: nodejs\n${options}`);
        const { code, text } = await stack.run(["preview"]);
        assert.equal(code, 0, text);
        return JSON.parse(/says (.*)/.exec(text)?.[1] ?? "null");
    }

    it("reach the program, with paths from its own folder", async () => {
        const options = "  options:\n    typescript: false\n    nodeargs: --require ./first.js --title=as-described\n";
        assert.deepEqual(await said(options), [true, true, "no"]);
    });

    it("are TypeScript and nothing else where there are none", async () => {
        assert.deepEqual(await said(""), [false, false, "true"]);
    });
});
