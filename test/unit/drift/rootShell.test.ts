import { spawn, spawnSync } from "node:child_process";
import { expect } from "chai";
import { type Result, RootShell } from "../../../lib/hosts/drift/rootShell";
import { sh } from "../../../lib/hosts/quote";
import { source, stepWord } from "../../../lib/hosts/stepText";
import { until } from "../../lab/support/until";
import { filesIn } from "../support/steps";

const mark = "0123456789abcdef";
const step = (script: string) => ({ word: sh(script), files: [] });

/** Started as the launcher does it, which has read the first line. */
function realShell() {
    const child = spawn("sh", ["-s", "check"]);
    let limit = "";
    const shell = new RootShell(text => {
        if (text === undefined) return child.stdin.end();
        if (limit === "") {
            [limit = ""] = text.split("\n");
            expect(Number(limit)).to.be.greaterThan(0);
            return child.stdin.write(text.slice(limit.length + 1));
        }
        return child.stdin.write(text);
    }, mark);
    child.stdout.on("data", data => shell.read(String(data)));
    child.on("close", code => shell.ended(code ?? undefined, ""));
    child.stdin.on("error", () => {});
    // What a program does whose work is done.
    opened.push(() => child.stdin.end());
    return { shell, children: () => spawnSync("ps", ["-o", "stat=,args=", "--ppid", String(child.pid)]).stdout.toString() };
}
const opened: (() => void)[] = [];

/** One that is played by the test. */
function playedShell(): { shell: RootShell; written: (string | undefined)[] } {
    const written: (string | undefined)[] = [];
    return { shell: new RootShell(text => written.push(text), mark), written };
}

const ready = `${mark} ready\n`;
const answer = (number: number, stdout: string, code = 0) =>
    `${mark} ${number} out\n${stdout}\n${mark} ${number} err\n\n${mark} ${number} ${code}\n`;

describe("drift/rootShell", () => {
    afterEach(() => {
        for (const end of opened.splice(0)) end();
    });

    it("gets what checks share once", async () => {
        const { shell, written } = playedShell();
        for (const step of ["folders", "hucore"] as const)
            void shell.check(stepWord({ step, host: "h", declaredBy: "a/b/c", timeLimitSeconds: 5, values: {} }), 10);
        const sent = written.join("");
        expect(filesIn(sent)).to.deep.equal(["limit", "prelude", "files", "paths", "mounts", "folders", "hucore"]);
        expect(sent.match(/^\(one \d/gm)).to.deep.equal(["(one 1", "(one 2"]);
    });

    it("puts a check together of what it has", async () => {
        const { shell } = realShell();
        const word = `'echo begins >&2\n'"$file_limit"'keep_limit 5; echo ends >&2\n'`;
        const { stderr } = await shell.check({ word, files: ["limit"] }, 10);
        expect(stderr).to.equal("begins\nends");
    });

    const run = (...texts: string[]): Promise<Result[]> => {
        const { shell } = realShell();
        return Promise.all(texts.map(text => shell.check(step(text), 10)));
    };

    it("gives each check its own output, errors and exit code", async () => {
        const results = await run(
            'echo "$1 it\'s"; echo "no licence" >&2\n',
            "hidden=1; printf unfinished; exit 7\n",
            '[ "$hidden" ] || echo "a shell of its own"\n',
            "echo $(\n",
        );
        expect(results.slice(0, 3)).to.deep.equal([
            { code: 0, stdout: "check it's\n", stderr: "no licence" },
            { code: 7, stdout: "unfinished", stderr: "" },
            { code: 0, stdout: "a shell of its own\n", stderr: "" },
        ]);
        expect(results[3]!.code).not.to.equal(0);
        expect(results[3]!.stderr).to.match(/syntax error|unexpected/i);
    });

    it("runs them at once, and answers each as soon as it is there", async () => {
        const { shell } = realShell();
        const slow = shell.check(step(`trap 'exit 143' TERM\n${source("limit")}\nkeep_limit "$2"\nsleep 20\n`), 1);
        expect(await shell.check(step("echo quick\n"), 10)).to.deep.include({ code: 0, stdout: "quick\n" });
        expect(await slow).to.deep.equal({ code: 143, stdout: "", stderr: "Terminated" });
        expect(await shell.check(step("echo later\n"), 10)).to.deep.include({ code: 0, stdout: "later\n" });
    });

    it("survives one that reads its input, kills its shell or closes its output", async () => {
        const results = await run("cat >/dev/null\n", "kill -9 $$\n", "exec >&-; echo\n", "echo last\n");
        expect(results.map(({ code }) => code === 0)).to.deep.equal([true, false, false, true]);
        expect(results[3]!.stdout).to.equal("last\n");
    });

    it("neither cuts nor mixes long texts and answers", async () => {
        const texts = ["x", "y", "z"].map(letter => letter.repeat(200_000));
        const results = await run(...texts.map(text => `text='${text}'\nprintf %s "$text"\n`));
        expect(results.map(({ stdout }) => stdout)).to.deep.equal(texts);
    });

    it("puts no short answer into the gaps of a long one", async () => {
        // From 8 KiB on a shell writes the last newline by itself.
        const texts = Array.from({ length: 200 }, (_, index) => (index % 3 === 0 ? `${index}`.padEnd(9000, "x") : `${index}`));
        const results = await run(...texts.map(text => `printf %s ${text}\n`));
        expect(results.map(({ stdout }) => stdout)).to.deep.equal(texts);
    });

    it("shows no step's text in the arguments of a process", async () => {
        const [result] = await run('secret=hidden; for p in $$ $PPID; do tr "\\0" " " </proc/$p/cmdline; done\n');
        expect(result!.stdout)
            .to.match(/^sh -s check 10 sh -s check /)
            .and.not.to.contain("hidden");
    });

    it("ends at a greeting, which is the answer of each check", async () => {
        const { shell, written } = playedShell();
        const first = shell.check(step("true\n"), 10);
        shell.read(`Wel`);
        shell.read(`come!\n${ready}${answer(1, "hrm: checked")}`);
        const second = shell.check(step("true\n"), 10);
        expect(written.at(-1)).to.equal(undefined);
        shell.ended(0, "");
        const greeted = { code: undefined, stdout: "Welcome!\n", stderr: "" };
        expect([await first, await second]).to.deep.equal([greeted, greeted]);
        expect(await shell.check(step("true\n"), 10)).to.deep.equal(greeted);
    });

    it("ends at what comes between the answers", async () => {
        const { shell, written } = playedShell();
        const [first, second] = [shell.check(step("true\n"), 10), shell.check(step("true\n"), 10)];
        shell.read(`${ready}${answer(2, "hrm: checked")}hrm: checked\n${answer(1, "hrm: checked")}`);
        expect(written.at(-1)).to.equal(undefined);
        shell.ended(undefined, "");
        expect(await second).to.deep.equal({ code: 0, stdout: "hrm: checked", stderr: "" });
        expect((await first).stdout).to.match(/^hrm: checked\n/);
        expect((await first).code).to.equal(undefined);
    });

    it("takes nothing without the mark for an answer, even of a shell that ends well", async () => {
        for (const output of ["hrm: checked\n", "hrm: differs a\nhrm: checked\n", `\n${ready}hrm: checked\n`]) {
            const { shell } = playedShell();
            const first = shell.check(step("true\n"), 10);
            shell.read(output);
            shell.ended(0, "");
            expect((await first).code).to.equal(undefined);
        }
    });

    it("is not disturbed by blank lines of a login", async () => {
        const { shell } = playedShell();
        const first = shell.check(step("true\n"), 10);
        shell.read("\n\r\n");
        shell.read(`${ready}${answer(1, "hrm: checked")}`);
        expect(await first).to.deep.equal({ code: 0, stdout: "hrm: checked", stderr: "" });
    });

    it("cuts an answer that is too long, and takes no other for whole", async () => {
        const { shell, written } = playedShell();
        const [first, second] = [shell.check(step("true\n"), 10), shell.check(step("true\n"), 10)];
        shell.read(ready);
        shell.read(`${answer(1, "x".repeat(2 ** 20))}${answer(2, "hrm: differs a\nhrm: checked")}`);
        expect((await second).stdout).to.equal("hrm: differs a\nhrm: checked");
        expect((await first).code).to.equal(0);
        const third = shell.check(step("true\n"), 10);
        for (let megabyte = 0; megabyte < 3; megabyte++) shell.read(`${megabyte ? "" : `${mark} 3 out\n`}${"x".repeat(2 ** 20)}`);
        expect(written.at(-1)).to.equal(undefined);
        shell.ended(0, "");
        expect((await third).code).to.equal(undefined);
    });

    it("leaves no ended process that waits for it", async () => {
        const { shell, children } = realShell();
        await Promise.all([1, 2, 3].map(() => shell.check(step("true\n"), 10)));
        await until("its processes to be gone", async () => children() === "");
    });

    it("passes on what a refused sudo said", async () => {
        const { shell } = playedShell();
        const first = shell.check(step("true\n"), 10);
        shell.ended(1, "sudo: a password is required");
        const refused = { code: 1, stdout: "", stderr: "sudo: a password is required" };
        expect([await first, await shell.check(step("true\n"), 10)]).to.deep.equal([refused, refused]);
    });

    it("reads answers in pieces of any size", async () => {
        const fake = `fedcba9876543210 1 err\n\nfedcba9876543210 1 0\n${mark} 1 er\nx${mark} 1 err`;
        for (const size of [1, 3, 1000]) {
            const { shell, written } = playedShell();
            const first = shell.check(step("true\n"), 10);
            const output = `${ready}${answer(1, fake)}`;
            for (let at = 0; at < output.length; at += size) shell.read(output.slice(at, at + size));
            expect(await first).to.deep.equal({ code: 0, stdout: fake, stderr: "" });
            expect(written.at(-1)).not.to.equal(undefined);
        }
    });
});
