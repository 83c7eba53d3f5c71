import { expect } from "chai";
import { sh } from "../../../lib/hosts/quote";
import { source } from "../../../lib/hosts/stepText";
import { isInstalled, skipLoudly, start } from "../support/shell";

/** What a step says of how it was called. */
const says = 'echo "$1 $2 after failure: $before_failed" >&2';

interface Made {
    name: string;
    text: string;
    undo?: string;
    even?: "yes";
}

function partOf(...steps: Made[]): string {
    const lines = steps.map(({ name, undo = "-", even = "no" }) => `${name} 5 ${undo} ${even}`);
    const texts = steps.map(({ name, text }) => `text_${name}=${sh(`${text}\n`)}`);
    return [...texts, `steps=${sh(lines.join("\n"))}`, source("part"), 'part "$@"', ""].join("\n");
}

describe("steps/part", () => {
    before(function () {
        if (!isInstalled("setsid")) skipLoudly(this, "there is no setsid here, as on macOS; parts run on Linux hosts");
    });

    const run = (text: string, ...args: string[]) => start("sh", ["-s", ...args], text).ended;

    it("runs its steps in order, each in a group of its own with its limit, and names each when it is done", async () => {
        const leads = '[ "$(cut -d " " -f 5 /proc/$$/stat)" = $$ ] && echo leads >&2';
        const { code, stdout, stderr } = await run(
            partOf({ name: "a", text: `${says}; ${leads}` }, { name: "b", text: says }),
            "ensure",
            "part",
        );
        expect({ code, stdout }).to.deep.equal({ code: 0, stdout: "a\nb\n" });
        expect(stderr).to.equal("ensure 5 after failure: no\nleads\nensure 5 after failure: no\n");
    });

    it("ends at the first failure with its exit code, but for steps that are there for that case, which know", async () => {
        const part = partOf({ name: "a", text: "exit 7" }, { name: "b", text: says }, { name: "c", text: says, even: "yes" });
        const result = await run(part, "ensure", "part");
        expect(result).to.deep.include({ code: 7, stdout: "c\n", stderr: "ensure 5 after failure: yes\n" });
    });

    it("is undone backwards, where a step has an undo, in its own time", async () => {
        const part = partOf(
            { name: "a", text: `echo a >&2; ${says}`, undo: "9" },
            { name: "b", text: says },
            { name: "c", text: "echo c >&2", undo: "8" },
        );
        expect(await run(part, "undo", "part")).to.deep.include({ code: 0, stdout: "", stderr: "c\na\nundo 9 after failure: no\n" });
    });

    it("looks at one step alone, by hand", async () => {
        const part = partOf({ name: "a", text: "exit 1" }, { name: "b", text: "echo hrm: checked" });
        expect(await run(part, "check", "", "b")).to.deep.include({ code: 0, stdout: "hrm: checked\n", stderr: "" });
    });
});
