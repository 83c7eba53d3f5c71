// Covers: plugin examples/yaml lib/description/claims lib/hosts/perRun lib/hosts/drift/probe lib/hosts/drift/run lib/hosts/part.ts lib/hrmCluster lib/preload
import { yamlHostFolder } from "../../engine/build";
import { testLanguage } from "./support/otherLanguage";

describe("a program in YAML", () =>
    testLanguage({
        name: "yaml",
        file: "Pulumi.yaml",
        host: yamlHostFolder,
        argument: (name, value) => (name === "drift" ? `drift: ${value}\n            ` : `\n                    ${name}: ${value}`),
        // No other provider here has a schema, without which the language knows no resource: the stack's own output, then.
        prepared: (program, hostKey) => program.replace("outputs:\n", `outputs:\n    nodeKey: ${hostKey}\n`),
        withKeyOfResource: (program, hostKey) =>
            program.replace(`hostKey: ${hostKey}`, "hostKey: $" + '{stack.outputs["nodeKey"]}').replace(
                "resources:\n",
                `resources:
    stack:
        type: pulumi:pulumi:StackReference
        properties:
            name: organization/hrm-yaml/lab
`,
            ),
        withOther: (program, web, node) =>
            program.replace(
                "outputs:\n",
                `    other:
        type: hrm:index:HrmCluster
        properties: ${JSON.stringify({
            web: { host: "other.example.org", connection: { privateKey: "$" + "{adminKey}", hostKey: web } },
            nodes: { huygens9: { connection: { privateKey: "$" + "{adminKey}", hostKey: node } } },
        })}
outputs:
`,
            ),
    }));
