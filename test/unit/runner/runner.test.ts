import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { type LabEvent, labsLeft } from "../../../lab/journal";
import { availableMemory, cpuTimes, Machine } from "../../runner/machine";
import { readOptions } from "../../runner/options";
import { keepTimes, longestFirst, readTimes, timesTable, waitingShare } from "../../runner/times";

/** Files of /proc, whose numbers a test sets. */
class Fake {
    private idle = 0;
    private busy = 0;
    memory = 8e9;

    /** A second on two processors. @param idleShare of it */
    pass(idleShare: number): void {
        this.idle += 200 * idleShare;
        this.busy += 200 * (1 - idleShare);
    }

    readonly read = (file: string) =>
        file === "/proc/stat"
            ? `cpu  ${this.busy} 0 0 ${this.idle} 0 0 0 0 0 0\ncpu0 1 2 3\n`
            : `MemTotal: 99 kB\nMemAvailable:   ${Math.round(this.memory / 1024)} kB\n`;
}

describe("how many test files run at a time", () => {
    let fake: Fake;
    let machine: Machine;
    beforeEach(() => {
        fake = new Fake();
        machine = new Machine(fake.read, 2);
    });

    /** @returns after how many seconds the next one may begin */
    function waits(running: number, idleShare: number, most = 20): number {
        for (let second = 0; second < most; second++) {
            if (machine.hasRoom(running)) return second;
            fake.pass(idleShare);
        }
        return Infinity;
    }

    it("one, however busy others keep the machine", () => {
        fake.memory = 0;
        expect(waits(0, 0)).to.equal(0);
    });
    it("as many as there are processors, at once", () => expect([waits(0, 0), waits(1, 0)]).to.deep.equal([0, 0]));
    it("more where a quarter of the machine is idle, when that has shown", () => {
        expect(waits(4, 0.3)).to.equal(3);
        expect(waits(7, 0.26)).to.be.lessThan(2);
    });
    it("no more where it is not, nor before the last one has shown what it takes", () => {
        expect(waits(4, 0.2)).to.equal(Infinity);
        for (let second = 0; second < 9; second++) fake.pass(1);
        machine.taken();
        expect(waits(3, 1)).to.equal(3);
    });
    it("twice as many as there are processors where others keep these busy, one after the other", () => {
        expect(waits(2, 0)).to.equal(3);
        machine.taken();
        expect(waits(3, 0)).to.equal(3);
        machine.taken();
        expect(waits(4, 0)).to.equal(Infinity);
    });
    it("no more where memory is short", () => {
        fake.memory = 1e9;
        expect(waits(1, 1)).to.equal(Infinity);
    });

    it("reads this machine's files", () => {
        const { idle, total } = cpuTimes(readFileSync("/proc/stat", "utf8"));
        expect(idle).to.be.within(1, total);
        expect(availableMemory(readFileSync("/proc/meminfo", "utf8"))).to.be.greaterThan(1e6);
    });
});

describe("times of test files", () => {
    const times = { short: { wall: 10, own: 2, hosts: 1 }, long: { wall: 100, own: 50, hosts: 60 }, unknown: { wall: 30, hosts: 0 } };

    it("are a table, longest first, with the sum", () => {
        expect(timesTable(times).split("\n")).to.deep.equal([
            "file     seconds  CPU of its own  CPU of its hosts  waiting",
            "long     100      50              60                0 %",
            "unknown  30       ?               0                 100 %",
            "short    10       2               1                 70 %",
            "all 3    140      52              61                19 %",
            "",
        ]);
    });

    it("wait for what they do not work", () => {
        expect(waitingShare({ wall: 10, own: 2, hosts: 3 })).to.equal(0.5);
        expect(waitingShare({ wall: 10, own: 20, hosts: 3 })).to.equal(0);
    });

    it("are kept, also those of files that did not run again", () => {
        const folder = mkdtempSync(join(tmpdir(), "pulumi-hrm-times-"));
        try {
            expect(readTimes(folder)).to.deep.equal({});
            keepTimes(folder, times);
            keepTimes(folder, { short: { wall: 5, hosts: 0 } });
            expect(readTimes(folder)).to.deep.equal({ ...JSON.parse(JSON.stringify(times)), short: { wall: 5, hosts: 0 } });
        } finally {
            rmSync(folder, { recursive: true });
        }
    });

    it("give the order, the longest first, where an unknown one is taken for what it is expected to be", () => {
        const expected = { short: 70, long: 5, new: 60, newer: 20, unit: Infinity };
        const files = Object.entries(expected).map(([name, expectedSeconds]) => ({ name, expectedSeconds }));
        expect(longestFirst(files, times).map(({ name }) => name)).to.deep.equal(["unit", "long", "new", "newer", "short"]);
        expect(longestFirst(files, {}).map(({ name }) => name)).to.deep.equal(["unit", "short", "new", "newer", "long"]);
    });
});

describe("options of the tests", () => {
    const all = { parts: ["lint", "unit", "lab"], files: [], keep: false, retry: false, words: [] };
    const cases: [string, object][] = [
        ["", all],
        ["lab drain drift", { ...all, parts: ["lab"], files: ["drain", "drift"] }],
        ["lab --changed", { ...all, parts: ["lab"], changed: "HEAD" }],
        ["lab --changed main --keep --retry", { ...all, parts: ["lab"], changed: "main", keep: true, retry: true }],
        ["lab --changed --keep", { ...all, parts: ["lab"], changed: "HEAD", keep: true }],
        ["unit --grep words", { ...all, parts: ["unit"], words: ["--grep", "words"] }],
        ["lab drain --grep words", { ...all, parts: ["lab"], files: ["drain"], words: ["--grep", "words"] }],
        ["--grep words", { ...all, words: ["--grep", "words"] }],
    ];
    for (const [line, expected] of cases) {
        it(line || "none", () => expect(readOptions(line.split(" ").filter(Boolean))).to.deep.equal(expected));
    }
    it("refuse a part that there is not, and say what there is", () =>
        expect(() => readOptions(["labs"])).to.throw("There is no part 'labs'"));
});

describe("labs that a test file has left", () => {
    const made = (lab: string): LabEvent => ({ lab, what: "made" });
    const gone = (lab: string): LabEvent => ({ lab, what: "gone" });

    it("are those that were made and are not gone", () => {
        const stopped: LabEvent = { lab: "b", what: "stopped", host: "web", cpuSeconds: 1 };
        expect(labsLeft([made("a"), gone("a"), made("b"), stopped, made("c"), gone("c"), made("c")])).to.deep.equal(["b", "c"]);
        expect(labsLeft([gone("a")])).to.deep.equal([]);
    });
});
