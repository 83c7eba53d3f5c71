// Covers: plugin examples/python lib/description/claims lib/hosts/perRun lib/hosts/drift/probe lib/hosts/drift/run lib/hosts/part.ts lib/hrmCluster lib/preload
import { pythonHostFolder } from "../../engine/build";
import { testLanguage } from "./support/otherLanguage";

describe("a program in Python", () =>
    testLanguage({
        name: "python",
        file: "__main__.py",
        host: pythonHostFolder,
        folders: [".", "venv/bin"],
        argument: (name, value) => (name === "drift" ? `"drift": ${value.replace(/(\w+):/g, '"$1":')},\n    ` : `", "${name}": "${value}`),
        withKeyOfResource: (program, hostKey, address) =>
            program.replace(`"hostKey": "${hostKey}"`, '"hostKey": key.stdout').replace(
                "cluster = ",
                `class Command(pulumi.CustomResource):
    stdout: pulumi.Output[str]

    def __init__(self, name, connection, create):
        super().__init__("command:remote:Command", name, {"connection": connection, "create": create, "stdout": None})

key = Command("key", {**admin, "host": "${address}"}, "echo '${hostKey}'")
cluster = `,
            ),
        withOther: (program, web, node) => `${program}
HrmCluster("other", {
    "web": {"host": "other.example.org", "connection": {**admin, "hostKey": "${web}"}},
    "nodes": {"huygens9": {"connection": {**admin, "hostKey": "${node}"}}},
})
`,
    }));
