import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { repositoryRoot } from "../../engine/root";

const root = repositoryRoot();
const { main, runtime } = parse(readFileSync(join(root, "Pulumi.yaml"), "utf8"));
const preloaded = runtime.options.nodeargs.split(" ");

describe("what is loaded before a program", function () {
    this.timeout(60_000);

    const sdk = `require("@pulumi/pulumi/cmd/run/tracing"); require("@pulumi/pulumi")`;
    const plugin = `process.argv.push("127.0.0.1:1"); require("${join(root, "plugin/index.js")}")`;

    /** As Pulumi's language host starts the program: in the folder of `main`, with `nodeargs`. @returns what `ask`, a JavaScript expression, comes to after `code` */
    function started(nodeargs: string[], ask: string, code = sdk): unknown {
        const loaded = `const loaded = name => Object.keys(require.cache).some(path => path.includes("/node_modules/" + name + "/"));`;
        const program = `${code}; ${loaded} process.stdout.write(JSON.stringify(${ask})); process.exit();`;
        return JSON.parse(execFileSync("node", [...nodeargs, "-e", program], { cwd: join(root, dirname(main)), encoding: "utf8" }));
    }

    it("keeps away what Pulumi's SDK loads without it", () => {
        const names = ["typescript", "@npmcli/arborist", "@opentelemetry/sdk-trace-node", "@opentelemetry/exporter-zipkin"];
        const ask = `${JSON.stringify(names)}.filter(loaded)`;
        assert.deepEqual(started([], ask), names, "the SDK no longer loads all of it, and the list can be shorter");
        assert.deepEqual(started(preloaded, ask), []);
        assert.deepEqual(started([], ask, plugin), [], "the plugin for other languages begins with it");
    });

    it("loads it once something asks for it, and leaves V8's debugger off", () => {
        const hooks = `Object.keys(require("@pulumi/pulumi/runtime/closure/v8Hooks"))`;
        const ask = `[require("typescript").version, loaded("typescript"), "createSourceFile" in require("typescript"), ${hooks}]`;
        const { version } = JSON.parse(readFileSync(join(root, "node_modules/typescript/package.json"), "utf8"));
        assert.deepEqual(started(preloaded, ask), [version, true, true, ["isInitializedAsync"]]);
    });
});
