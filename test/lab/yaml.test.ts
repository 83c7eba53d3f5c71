// Covers: plugin examples/yaml lib/description/claims lib/hosts/drift/probe lib/hosts/drift/run lib/hosts/part.ts lib/hrmCluster
import { yamlHostFolder } from "../../engine/build";
import { testLanguage } from "./support/otherLanguage";

describe("a program in YAML", () =>
    testLanguage({
        name: "yaml",
        file: "Pulumi.yaml",
        folders: async () => {
            const folder = await yamlHostFolder(() => {});
            return folder === undefined ? undefined : [folder];
        },
        argument: (name, value) => (name === "drift" ? `drift: ${value}\n            ` : `\n                    ${name}: ${value}`),
        withKeyOfResource: (program, hostKey) =>
            program
                .replace(`hostKey: ${hostKey}`, "hostKey: $" + "{key.stdout}")
                .replace(
                    "resources:\n",
                    `resources:\n    key:\n        type: command:local:Command\n        properties:\n            create: echo '${hostKey}'\n`,
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
