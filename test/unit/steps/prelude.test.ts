import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { skipLoudly, start } from "../support/shell";
import { StepFolder } from "../support/testStep";

// True of a host when the file `made` is there.
const made = `
check() { [ -e "$folder/made" ] || differs "made: not there, want it" "makes made"; }
ensure() { touch "$folder/made"; echo once >>"$folder/log"; }
undo() { rm "$folder/made"; }`;

describe("steps/prelude", () => {
    let folder: StepFolder;
    const inFolder = (name: string) => join(folder.path, name);

    beforeEach(function () {
        folder = StepFolder.of(this);
    });
    afterEach(() => folder?.remove());

    it("check says in which ways the host differs, and that it has looked", async () => {
        const text = folder.text(made);
        expect(await folder.run(text, "check")).to.deep.equal({
            ...{ code: 0, stdout: "hrm: differs made: not there, want it\nhrm: checked\n", stderr: "" },
        });
        expect(readdirSync(folder.path)).to.deep.equal([]);
        writeFileSync(inFolder("made"), "");
        expect((await folder.run(text, "check")).stdout).to.equal("hrm: checked\n");
    });

    it("ensure acts where there is a difference, and only there", async () => {
        const text = folder.text(made);
        const { code, stdout, stderr } = await folder.run(text, "ensure");
        expect({ code, stdout }).to.deep.equal({ code: 0, stdout: "" });
        expect(stderr).to.equal("web: folders: makes made\nweb: folders: done\n");
        expect(await folder.run(text, "ensure")).to.deep.equal({ code: 0, stdout: "", stderr: "" });
        expect(readFileSync(inFolder("log"), "utf8")).to.equal("once\n");
    });

    it("ensure says what it does where check says so beside a difference, and in the end what remains", async () => {
        const check = `check() { [ -e "$folder/made" ] || differs "made: not there, want it" "makes made"; differs "b: 3, want 4"; }`;
        expect((await folder.run(folder.text(`${check}\nensure() { touch "$folder/made"; }`), "check")).stdout).to.equal(
            "hrm: differs made: not there, want it\nhrm: differs b: 3, want 4\nhrm: checked\n",
        );
        expect((await folder.run(folder.text(`${check}\nensure() { :; }`), "ensure")).stderr).to.match(
            /^web: folders: makes made\nweb: folders: b: 3, want 4\nweb: folders: this remains after the change: made: not there, want it;\s*b: 3, want 4;?\s*$/m,
        );
    });

    it("ensure refuses before it says what it would have done", async () => {
        const text = folder.text(
            'check() { differs "a: not there, want it" "makes a"; }\nprecondition() { fail "not here"; }\nensure() { :; }',
        );
        expect((await folder.run(text, "ensure")).stderr).to.equal("web: folders: not here\n");
    });

    it("ensure that repairs nothing fails with what remains", async () => {
        const text = folder.text('check() { differs "a: 1, want 2"; differs "b: 3, want 4"; }\nensure() { :; }');
        const { code, stderr } = await folder.run(text, "ensure");
        expect(code).to.equal(1);
        expect(stderr).not.to.include("done");
        expect(stderr.split("\n").at(-2)).to.match(/^web: folders: this remains after the change: a: 1, want 2;\s*b: 3, want 4;?\s*$/);
    });

    for (const failing of ["false", "undefined_command", "echo $not_set", "x=$(false)", "differs a; exit 3", "fail 'no way'"]) {
        it(`an error in check (${failing}) is no answer`, async () => {
            const text = folder.text(`check() { ${failing}; true; }\nensure() { touch "$folder/made"; }`);
            const { code, stdout } = await folder.run(text, "check");
            expect(code).not.to.equal(0);
            expect(stdout).not.to.include("hrm: checked");
        });
    }

    it("a check without an answer makes ensure act, and say what is wrong", async () => {
        const text = folder.text('check() { [ -e "$folder/made" ]; }\nensure() { touch "$folder/made"; }');
        expect(await folder.run(text, "ensure")).to.include({ code: 0 });
        const hopeless = folder.text('check() { false; }\nensure() { fail "the host is down" "switch it on"; }');
        expect(await folder.run(hopeless, "ensure")).to.deep.equal({
            ...{ code: 1, stdout: "", stderr: "web: folders: the host is down\nweb: folders: switch it on\n" },
        });
    });

    it("a check that fails after the change is a failure", async () => {
        const text = folder.text('check() { [ ! -e "$folder/made" ] || exit 3; differs a; }\nensure() { touch "$folder/made"; }');
        const { code, stderr } = await folder.run(text, "ensure");
        expect(code).not.to.equal(0);
        expect(stderr).to.include("the change could not be verified");
    });

    it("an error in ensure is a failure", async () => {
        const text = folder.text('check() { differs a; }\nensure() { false; touch "$folder/made"; }');
        expect((await folder.run(text, "ensure")).code).to.equal(1);
        expect(existsSync(inFolder("made"))).to.equal(false);
    });

    it("what programs say is no message; where one of them ends the step, its last line is, with where to look", async () => {
        const noisy = "check() { differs a; }\nensure() { echo noise; echo more >&2; ls /not/there; }";
        const { code, stdout, stderr } = await folder.run(folder.text(noisy), "ensure");
        expect({ code, stdout }).to.deep.equal({ code: 2, stdout: "" });
        expect(stderr.split("\n")).to.deep.equal([
            "web: folders: a",
            "web: folders: a command on this host failed, with 2: ls: cannot access '/not/there': No such file or directory",
            "web: folders: nobody has foreseen that; look at it there, and run this again: it can be repeated",
            "",
        ]);
        const told = await folder.run(folder.text("check() { differs a; }\nensure() { echo noise; fail 'no way' 'a way out'; }"), "ensure");
        expect(told.stderr).to.equal("web: folders: a\nweb: folders: no way\nweb: folders: a way out\n");
        expect(readdirSync(inFolder("locks")).filter(name => name.startsWith("said"))).to.deep.equal([]);
    });

    it("undo takes it back", async () => {
        await folder.run(folder.text(made), "ensure");
        expect((await folder.run(folder.text(made), "undo")).code).to.equal(0);
        expect(existsSync(inFolder("made"))).to.equal(false);
    });

    it("messages are short lines of printable characters", async () => {
        const ugly = `printf 'a\\001\\033[31mred\\tb\\r\\nc%0600d' 0`;
        const { stderr } = await folder.run(
            folder.text(`check() { differs a; }\nensure() { fail "$(${ugly})" "$(${ugly} | tr 0 é)"; }`),
            "ensure",
        );
        const lines = stderr.split("\n").slice(0, -1);
        expect(lines).to.have.lengthOf(3);
        for (const line of lines) expect(line).to.match(/^[ -~]{1,400}$/);
        expect(lines[1]).to.have.lengthOf(400);
        expect(lines[1]!.slice(0, 40)).to.match(/^web: folders: a {2}\[31mred b {2}c0000/);
    });

    it("values arrive as they are, and nothing in them is run", async () => {
        const value = `it's "x" $(touch "$folder/hacked") \`touch hacked\` \\ \n'; touch hacked; '\n é`;
        const text = folder.text(`check() { printf '%s' "$value" >"$folder/value"; }\nensure() { :; }`, { value });
        expect((await folder.run(text, "check")).code).to.equal(0);
        expect(readFileSync(inFolder("value"), "utf8")).to.equal(value);
        expect(readdirSync(folder.path)).to.deep.equal(["value"]);
    });

    it("two runs of one step wait for each other; the second finds it done", async () => {
        const slow = made.replace("touch", 'sleep 0.5; echo slept >>"$folder/log"; touch');
        const both = await Promise.all([folder.run(folder.text(slow), "ensure"), folder.run(folder.text(slow), "ensure")]);
        expect(both.map(({ code }) => code)).to.deep.equal([0, 0]);
        expect(readFileSync(inFolder("log"), "utf8")).to.equal("slept\nonce\n");
        expect(both.map(({ stderr }) => stderr).join("")).to.include("waiting for an earlier run of this step to end");
    });

    it("edits of one file by several steps do not get lost", async () => {
        const edit = (line: string) => `
            check() { grep -qx ${line} "$folder/list" 2>/dev/null || differs ${line}; }
            add() { cat "$folder/list" 2>/dev/null >"$folder/new.$$" || :; sleep 0.1; echo ${line} >>"$folder/new.$$"; mv "$folder/new.$$" "$folder/list"; }
            ensure() { locked "$folder/list" add; }`;
        const lines = ["a", "b", "c", "d", "e"];
        // As steps of other names: one waits for its own name only.
        const runs = lines.map(line => folder.run(folder.text(edit(line)).replace("step='folders'", `step='folders-${line}'`), "ensure"));
        expect((await Promise.all(runs)).map(({ code }) => code)).to.deep.equal([0, 0, 0, 0, 0]);
        expect(readFileSync(inFolder("list"), "utf8").split("\n").slice(0, -1).sort()).to.deep.equal(lines);
    });

    for (const signal of ["SIGTERM", "SIGHUP"] as const) {
        it(`${signal} ends it with its scratch folder removed, and says so`, async () => {
            const text = folder.text(
                'check() { differs a; }\nensure() { scratch_folder; echo x >"$scratch/x"; progress begun; sleep 20; touch "$folder/made"; }',
            );
            const { child, ended, said } = start("sh", ["-s", "ensure"], text);
            while (!said().includes("begun")) await new Promise(resolve => setTimeout(resolve, 10));
            expect(readdirSync(inFolder("locks")).some(name => name.startsWith("scratch"))).to.equal(true);
            // Again, since a child that the shell was just starting has missed the first.
            const again = setInterval(() => process.kill(-child.pid!, signal), 50);
            child.once("exit", () => clearInterval(again));
            const { code, stderr } = await ended;
            expect(code).to.equal(143);
            expect(stderr).to.match(/stopped by a signal, or by the time limit of 5 s; it can be repeated\n$/);
            expect(readdirSync(inFolder("locks")).filter(name => name.startsWith("scratch"))).to.deep.equal([]);
            expect(existsSync(inFolder("made"))).to.equal(false);
        });
    }

    it("goes on when nobody reads its messages any more", async () => {
        const { child, ended } = start(
            "sh",
            ["-s", "ensure"],
            folder.text(made.replace("touch", "progress one; sleep 0.3; progress two; touch")),
        );
        child.stderr!.destroy();
        child.stdout!.destroy();
        expect((await ended).code).to.equal(0);
        expect(existsSync(inFolder("made"))).to.equal(true);
    });

    it("a file is written whole, with its mode before its content", async function () {
        if (process.getuid!() !== 0) skipLoudly(this, "it becomes another user, which needs root");
        const write = (mode: string, text: string) =>
            folder.text(
                `check() { file_differs "$folder/file" root root ${mode} "$text"; }\nensure() { printf '%s' "$text" | write_file "$folder/file" root root ${mode}; }`,
                { text },
            );
        expect((await folder.run(write("640", "a'b\n$c"), "check")).stdout).to.include("file: not there, want it");
        expect((await folder.run(write("640", "a'b\n$c"), "ensure")).code).to.equal(0);
        expect(readFileSync(inFolder("file"), "utf8")).to.equal("a'b\n$c");
        expect(statSync(inFolder("file")).mode & 0o7777).to.equal(0o640);
        const { stdout } = await folder.run(write("600", "other"), "check");
        expect(stdout).to.match(/file: other content than described\n.*owner, group and mode root root 640, want root root 600\n/);
        expect((await folder.run(write("600", "other"), "ensure")).code).to.equal(0);
        expect(readdirSync(folder.path).filter(name => name.startsWith("file"))).to.deep.equal(["file"]);
    });
    // A folder in the way of a file must not be taken for one.
    it("a folder in place of a file is a difference", async () => {
        mkdirSync(inFolder("file"));
        const { stdout } = await folder.run(
            folder.text('check() { file_differs "$folder/file" root root 640 x; }\nensure() { :; }'),
            "check",
        );
        expect(stdout).to.include("file: not there, want it");
    });
});
