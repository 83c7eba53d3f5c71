import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { repositoryRoot } from "../../engine/root";
import { renderPart, type StepText } from "../../lib/hosts/stepText";
import { withFiles } from "./support/literals";
import { isInstalled } from "./support/shell";
import { stepAlone } from "./support/stepAlone";
import { filesIn, renderedSteps, sharedParts, stepNames, stepSource } from "./support/steps";

/** Variables of the prelude, which steps may use. */
const ofPrelude = ["state", "locks", "scratch", "tab", "newline"];

const withoutComments = (source: string) => source.replace(/^\s*#.*\n/gm, "");
const header = /^: (?:"\$\{\w+:?\?\}" ?)+$/gm;
/** The values that a shell file says it needs. */
const neededBy = (source: string) =>
    [...source.matchAll(header)].flatMap(([line]) => [...line.matchAll(/\$\{(\w+):?\?\}/g)].map(([, name]) => name!));
const emptyIsRefused = (source: string, name: string) => source.includes(`\${${name}:?}`);
const asSent = (name: string) => stepSource(name).replace(/^\s*(#.*)?\n/gm, "");

describe("stepText", () => {
    it("every file in lib/steps is declared by the components, or part of those that are", async () =>
        expect([...new Set((await renderedSteps()).map(({ step }) => step))]).to.have.members(stepNames));

    for (const name of stepNames) {
        describe(name, () => {
            const all = async () => {
                const steps = (await renderedSteps()).filter(({ step }) => step === name);
                expect(steps).not.to.deep.equal([]);
                return steps;
            };
            const partsOf = (rest: string) => [...sharedParts.filter(part => rest.includes(asSent(part))), name].map(stepSource);

            it("gets the values that it needs, and no other", async () => {
                for (const { values, rest } of await all()) {
                    const parts = partsOf(rest);
                    for (const needed of parts.flatMap(neededBy).filter(each => !ofPrelude.includes(each)))
                        expect(values).to.have.property(needed);
                    const code = withoutComments(parts.join("\n")).replace(header, "");
                    for (const given of Object.keys(values)) {
                        expect(code, `${given} is given but not used`).to.match(new RegExp(`\\$\\{?${given}\\b`));
                    }
                }
            });

            it("names in its first lines all that it gets", async () => {
                for (const { values, rest } of await all()) {
                    const named = partsOf(rest).flatMap(neededBy);
                    expect(named).to.include.members(Object.keys(values));
                    for (const [key, value] of Object.entries(values)) {
                        if (value === "") for (const part of partsOf(rest)) expect(emptyIsRefused(part, key), key).to.equal(false);
                    }
                }
            });

            it("has a time limit, the call last, and no comment lines", async () => {
                for (const { text, timeLimit } of await all()) {
                    expect(timeLimit).to.match(/^[1-9]\d*$/);
                    expect(text.endsWith('\nmain "$@" </dev/null\n')).to.equal(true);
                    const code = text
                        .slice(text.indexOf("\nset -eu\n") + 1)
                        .split("\n")
                        .slice(0, -1);
                    expect(code.filter(line => /^\s*(#|$)/.test(line))).to.deep.equal([]);
                }
            });

            for (const shell of ["sh", "dash", "bash"]) {
                it(`is a script for ${shell}`, async function () {
                    if (!isInstalled(shell)) this.skip();
                    for (const { text } of await all()) {
                        const { status, stderr } = spawnSync(shell, ["-n"], { input: text, encoding: "utf8" });
                        expect({ status, stderr }).to.deep.equal({ status: 0, stderr: "" });
                    }
                });
            }

            it("keeps what it has set for good, whatever of the prelude it calls", async () => {
                const common = ["limit", "prelude", "files"].map(stepSource);
                const inFunctions = [...common.join("\n").matchAll(/^ +.*$/gm)].join("\n");
                const isSetByCalls = (variable: string) => new RegExp(`\\b${variable}=|\\b(for|read -r) ${variable}\\b`).test(inFunctions);
                for (const { rest } of await all()) {
                    const own = partsOf(rest).filter(source => !common.includes(source));
                    const setForGood = [...own.join("\n").matchAll(/^(\w+)=/gm)].map(([, variable]) => variable!);
                    expect(setForGood.filter(isSetByCalls)).to.deep.equal([]);
                }
            });

            it("says in its source what is true afterwards, and has check and ensure", () => {
                const source = stepSource(name);
                expect(source).to.match(/^# shellcheck shell=sh\n# \S/);
                for (const call of ["check", "ensure"]) expect(source).to.match(new RegExp(`^${call}\\(\\) \\{$`, "m"));
            });
        });
    }

    it("gets the limit, the prelude and what it does with files first, then the parts that its kind shares", async () => {
        for (const { rest, step } of await renderedSteps()) {
            expect(rest.startsWith(asSent("limit") + asSent("prelude") + asSent("files"))).to.equal(true);
            expect(rest.includes(asSent("drain")), step).to.equal(["rows", "departures", "link"].includes(step));
        }
    });

    it("has an undo exactly where Pulumi destroys with one", async () => {
        const undone = (await renderedSteps()).filter(({ undoLimit }) => undoLimit !== "-").map(({ step }) => step);
        expect(stepNames.filter(name => /^undo\(\) \{$/m.test(stepSource(name)))).to.have.members([...new Set(undone)]);
    });

    const values = { user: "hrm", group: "hrm", folders: ["2770 /data", "- /x"] };
    const step: StepText = { step: "folders", host: "web", declaredBy: "project/stack/step", timeLimitSeconds: 5, values };
    const text = (args: object = {}) => stepAlone({ ...step, ...args });

    it("is in a part what it is alone, whatever its values, while a part has each file once", () => {
        const steps = (["folders", "hucore"] as const).map(step => ({
            ...{ step, host: "a'b\"c$d", declaredBy: "project/stack/step", timeLimitSeconds: 5 },
            values: { nasty: '\'; x="$file_prelude" `touch`\n' },
        }));
        const part = renderPart(steps);
        // Up to what runs them.
        const assigned = part.slice(part.indexOf("\n") + 1, part.indexOf("\nsteps='"));
        for (const step of steps) {
            const { stdout } = spawnSync("sh", ["-c", `${assigned}\nprintf %s "$text_${step.step}"`], { encoding: "utf8" });
            expect(stdout).to.equal(stepAlone(step));
        }
        const files = withFiles(part);
        expect(files.split(asSent("paths").split("\n")[0]!)).to.have.length(2);
        expect(filesIn(files)).to.deep.equal(["limit", "prelude", "files", "paths", "mounts", "folders", "hucore"]);
    });

    it("is the same text in every run", () => expect(text()).to.equal(text()));

    it("has a list as lines, and its name with what it is about", () => {
        expect(text().split("\n").slice(0, 8)).to.deep.equal([
            ...["host='web'", "step='folders'", "time_limit='5'", "declared_by='project/stack/step'"],
            ...["user='hrm'", "group='hrm'", "folders='2770 /data", "- /x'"],
        ]);
        expect(text({ subject: "huygens1" })).to.include("\nstep='folders-huygens1'\n");
    });

    it("no value can end its quotes", () => {
        const nasty = "x'; touch /tmp/y; '";
        expect(text({ host: nasty })).to.include(`host='x'\\''; touch /tmp/y; '\\'''\n`);
    });

    it("a comment or a blank line is no change of a step", () => {
        const fresh = (edit: (source: string) => string) => {
            const folder = mkdtempSync(join(tmpdir(), "pulumi-hrm-steps-"));
            try {
                return renderFrom(folder, edit);
            } finally {
                rmSync(folder, { recursive: true });
            }
        };
        expect(fresh(source => source.replace(/\n/, "\n# another comment\n\n    # indented\n"))).to.equal(renderPart([step]));
        expect(fresh(source => source.replace("mkdir -p", "mkdir"))).not.to.equal(renderPart([step]));
    });

    /** As renderPart does it, but with edited files: a copy of the compiled module beside them. */
    function renderFrom(folder: string, edit: (source: string) => string): string {
        const compiled = join(__dirname, "..", "..", "lib", "hosts");
        const script = `
            const fs = require("fs"), path = require("path");
            for (const file of ["stepText.js", "quote.js"]) fs.copyFileSync(path.join(${JSON.stringify(compiled)}, file), path.join(${JSON.stringify(join(folder, "hosts"))}, file));
            require("child_process").execFileSync(process.execPath, [${JSON.stringify(join(repositoryRoot(), "scripts/compress.mjs"))}, ${JSON.stringify(folder)}]);
            process.stdout.write(require(${JSON.stringify(join(folder, "hosts", "stepText.js"))}).renderPart([JSON.parse(process.argv[1])]));`;
        spawnSync("mkdir", [join(folder, "steps"), join(folder, "hosts")]);
        for (const name of [...sharedParts, ...stepNames]) writeFileSync(join(folder, "steps", `${name}.sh`), edit(stepSource(name)));
        const { stdout, stderr, status } = spawnSync(process.execPath, ["-e", script, JSON.stringify(step)], { encoding: "utf8" });
        expect({ status, stderr }).to.deep.equal({ status: 0, stderr: "" });
        return stdout;
    }
});
