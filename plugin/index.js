// What Pulumi's other languages see of pulumi-hrm: the cluster alone. Its parts take each other as arguments, which a component of another language cannot be, so
// HuygensNode and ServerRegistry stay TypeScript's. Pulumi's own host (componentProviderHost) makes the schema from TypeScript's declarations at each start, in 2 to
// 5 s of CPU time, and does not find the values of enumerations in them (`export declare const`); here it comes from the file that `npm run schema` has made.

// First, since it keeps away what @pulumi/pulumi loads and a component never uses: half of what a start costs.
require("pulumi-hrm/dist/lib/preload");
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const { ComponentProvider } = require("@pulumi/pulumi/provider/experimental");
const { main } = require("@pulumi/pulumi/provider");
const { HrmCluster } = require("pulumi-hrm");

class Provider extends ComponentProvider {
    async getSchema() {
        const schema = readFileSync(join(__dirname, "schema.json"), "utf8");
        const { properties } = JSON.parse(schema).resources["hrm:index:HrmCluster"];
        this.componentDefinitions = { HrmCluster: { outputs: properties } };
        return schema;
    }
}

main(new Provider({ name: "hrm", components: [HrmCluster], dirname: __dirname }), process.argv.slice(2));
