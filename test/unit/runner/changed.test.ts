import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { repositoryRoot } from "../../../engine/root";
import { changedSince, choose, coveredBy, explain, importsOf, type Read, reader } from "../../runner/changed";
import { stepNames } from "../support/steps";

const files: Record<string, string> = {
    "test/lab/cluster.test.ts": '// Covers: lib/step.ts\nimport { a } from "./support/a";',
    "test/lab/drain.test.ts": '// Covers: lib/steps/drain lib/hosts/pace\nimport { b } from "./support/b";',
    "test/lab/lab.test.ts": 'import { lab } from "../../lab/lab";',
    "test/lab/support/a.ts": 'import { b } from "./b";\nimport "../../../lab/lab";',
    "test/lab/support/b.ts": 'export { a } from "./a";',
    "lab/lab.ts": 'import type { Log } from "../engine/cache";',
    "lab/demo.ts": "",
    "lab/started.ts": "",
    "engine/cache.ts": "",
};
const read: Read = path => files[path];
const names = ["cluster", "drain", "lab"];
const chosen = (...paths: string[]) => [...choose(paths, names, read).files.keys()].sort();

describe("the lab files that a change reaches", () => {
    const cases: [path: string, expected: string[]][] = [
        ["lib/steps/drain.sh", ["cluster", "drain"]],
        ["lib/step.ts", ["cluster"]],
        ["lib/hosts/pace.ts", ["cluster", "drain"]],
        ["test/lab/drain.test.ts", ["drain"]],
        ["test/lab/support/b.ts", ["cluster", "drain"]],
        ["lab/lab.ts", names],
        ["engine/cache.ts", names],
        ["lab/demo.ts", []],
        ["docs/nodes.md", []],
        ["README.md", []],
        ["test/unit/quote.test.ts", []],
        // Nobody says that it is about these, or there is no telling.
        ["lib/steps/prelude.sh", names],
        ["lab/hrm/inc/Node.php", names],
        ["lab/gone.ts", names],
        ["lab/started.ts", names],
        ["package.json", names],
        ["somewhere/else", names],
    ];
    for (const [path, expected] of cases)
        it(`${path}: ${expected.join(", ") || "none"}`, () => expect(chosen(path)).to.deep.equal(expected));

    it("add up", () => expect(chosen("lib/hosts/pace.ts", "lab/demo.ts", "test/lab/lab.test.ts")).to.deep.equal(names));

    it("are told with the reasons, or with what may reach everything", () => {
        expect(explain(choose(["lib/hosts/pace.ts"], names, read), "HEAD")).to.equal(
            "Reached by changes since HEAD:\n  drain: lib/hosts/pace.ts\n  cluster: lib/hosts/pace.ts",
        );
        expect(explain(choose(["package.json", "lib/hosts/pace.ts"], names, read), "v1")).to.equal(
            "All files run, since any may be reached by package.json, changed since v1.",
        );
        expect(explain(choose(["README.md"], names, read), "v1")).to.equal("No lab file is reached by changes since v1.");
    });

    const root = repositoryRoot();
    const labFiles = readdirSync(join(root, "test/lab")).filter(name => name.endsWith(".test.ts"));

    it("come from git: what differs from the revision, and what is new", () => {
        const folder = mkdtempSync(join(tmpdir(), "pulumi-hrm-changed-"));
        const git = (...args: string[]) => execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", ...args], { cwd: folder });
        try {
            git("init", "-q");
            for (const name of ["same", "edited", "moved"]) writeFileSync(join(folder, name), name);
            git("add", ".");
            git("commit", "-qm", "first");
            writeFileSync(join(folder, "edited"), "anew");
            writeFileSync(join(folder, "new é"), "");
            renameSync(join(folder, "moved"), join(folder, "there"));
            expect(changedSince("HEAD", folder).sort()).to.deep.equal(["edited", "moved", "new é", "there"]);
            expect(() => changedSince("nonsense", folder)).to.throw(/git cannot tell what has changed since 'nonsense': /);
        } finally {
            rmSync(folder, { recursive: true });
        }
    });

    it("follow what the real ones import", () => {
        const imports = importsOf("test/lab/drain.test.ts", reader(root));
        expect([...imports]).to.include.members(["test/lab/support/cluster.ts", "lab/jobs.ts", "engine/cache.ts"]);
    });

    it("say that they are about what is there, and each step has one that is about it", () => {
        const covers = labFiles.flatMap(name => coveredBy(reader(root)(`test/lab/${name}`)!));
        const all = ["lib", "examples", "program", "stacks", "engine", "plugin"].flatMap(folder =>
            readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map(path => join(folder, path)),
        );
        for (const prefix of covers)
            expect(
                all.some(path => path.startsWith(prefix)),
                prefix,
            ).to.equal(true);
        for (const step of stepNames)
            expect(
                covers.some(prefix => `lib/steps/${step}.sh`.startsWith(prefix)),
                step,
            ).to.equal(true);
    });
});
