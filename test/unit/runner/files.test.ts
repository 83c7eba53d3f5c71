import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { type Ran, runFiles, type TestFile } from "../../runner/files";
import { isAlive } from "../../support/alive";

describe("test files, each in a process of its own", () => {
    let folder: string;
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "pulumi-hrm-files-"));
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    function file(name: string, source: string): TestFile {
        const path = join(folder, `${name}.js`);
        writeFileSync(path, source);
        return { name, paths: [path], expectedSeconds: 1, timeoutSeconds: 20, isolated: false };
    }

    async function run(
        files: TestFile[],
        words: string[] = [],
        again: (ran: Ran) => TestFile | undefined = () => undefined,
    ): Promise<Ran[]> {
        const all: Ran[] = [];
        await runFiles(files, { words, keep: false, live: false, log: () => {} }, ran => {
            all.push(ran);
            return again(ran);
        });
        return all;
    }

    const counts = (all: Ran[]) => Object.fromEntries(all.map(({ file, passed, failed }) => [file.name, [passed, failed]]));

    it("are counted, with what they printed and what they took", async () => {
        const all = await run([
            file("good", "it('a', () => {}); it('b', () => { while (process.cpuUsage().user < 300_000); });"),
            file("bad", "it('a', () => {}); it('b', () => { throw new Error('broken'); });"),
        ]);
        expect(counts(all)).to.deep.equal({ good: [2, 0], bad: [1, 1] });
        expect(all.find(({ file }) => file.name === "bad")!.output).to.match(/Error: broken/);
        for (const { times } of all) {
            expect(times.wall).to.be.greaterThan(0);
            expect(times.own ?? 1).to.be.greaterThan(0);
        }
        const own = (name: string) => all.find(({ file }) => file.name === name)!.times.own;
        if (own("good") !== undefined) expect(own("good")!).to.be.greaterThan(0.3);
    });

    it("fail where they die, or have no test", async () => {
        const all = await run([file("dies", "it('a', () => process.exit(0));"), file("empty", ""), file("broken", "syntax error")]);
        expect(counts(all)).to.deep.equal({ dies: [0, 1], empty: [0, 1], broken: [0, 1] });
    });

    it("may have none of the tests that are asked for", async () => {
        const all = await run(
            [file("some", "it('wanted', () => {}); it('other', () => {});"), file("none", "it('other', () => {});")],
            ["--grep", "wanted"],
        );
        expect(counts(all)).to.deep.equal({ some: [1, 0], none: [0, 0] });
    });

    it("end though something is left open, and what they started goes with them", async () => {
        const left = join(folder, "left");
        const source = `it('a', () => { setInterval(() => {}, 1000);
            const child = require('child_process').spawn('sleep', ['300'], { detached: true, stdio: 'inherit' });
            require('fs').writeFileSync(${JSON.stringify(left)}, String(child.pid)); });`;
        const [ran] = await run([file("open", source), file("other", "it('a', () => {});")]);
        expect(ran!.failed).to.equal(0);
        // Where this machine has no control groups for it, there is no telling what is whose.
        if (ran!.times.own !== undefined) expect(isAlive(Number(readFileSync(left, "utf8")))).to.equal(false);
        else process.kill(Number(readFileSync(left, "utf8")));
    });

    it("run again where that is asked for", async () => {
        const tries = join(folder, "tries");
        mkdirSync(tries);
        const source = `it('a', () => { const fs = require('fs'); const n = fs.readdirSync(${JSON.stringify(tries)}).length;
            fs.writeFileSync(${JSON.stringify(tries)} + '/' + n, ''); if (n === 0) throw new Error('the first time'); });`;
        const all = await run([file("flaky", source)], [], ({ file, failed }) => (failed > 0 ? file : undefined));
        expect(all.map(({ failed }) => failed)).to.deep.equal([1, 0]);
    });
});
