import { expect } from "chai";
import type { Result } from "../../lab/command";
import { imagesScript, type JobsLab, rowParts, submitJobs, submitSql, waitForJobs, wrongResult } from "../../lab/jobs";

const result = (host: string, gpu: string) => `stand-in result\nimage /data/x.h5\nhost ${host}\ngpu ${gpu}\nstarted 1\nended 2\n`;

/** A web host whose queue is scripted: each look at job_queue gets the next of `looks`. */
function fakeLab(
    looks: string[],
    answers: { find?: string; result?: string; report?: string; log?: string } = {},
): JobsLab & { said: string[] } {
    const said: string[] = [];
    const answer = (command: string, stdin = ""): string => {
        said.push(`${command}\n${stdin}`);
        if (stdin.includes("FROM job_queue")) return looks.length > 1 ? looks.shift()! : looks[0]!;
        if (stdin.includes("FROM statistics")) return "7\n";
        if (command.includes("find ")) return answers.find ?? "";
        if (command.startsWith("head ")) return answers.result ?? "";
        if (stdin.includes("Job id: a1 (pid")) return answers.report ?? "";
        if (stdin.includes("pgrep")) return answers.log ?? "";
        return "";
    };
    return {
        said,
        web: { name: "web" } as JobsLab["web"],
        run: async (_host, command, options) => answer(command, options?.stdin),
        exec: async (_host, command, options): Promise<Result> => ({ code: 0, stdout: answer(command, options?.stdin), stderr: "" }),
    };
}

const wait = (lab: JobsLab, ids: string[], timeoutSeconds = 30) =>
    waitForJobs(lab, ids, { timeoutSeconds, log: () => {}, pollMilliseconds: 5 });

describe("jobs of the lab", () => {
    it("reads host and GPU from a row's name", () => {
        expect(rowParts("huygens1 1")).to.deep.equal({ host: "huygens1", gpu: "1" });
        expect(rowParts("cpu1 -1")).to.deep.equal({ host: "cpu1", gpu: "-1" });
        expect(rowParts("huygens1")).to.deep.equal({ host: "huygens1", gpu: "0" });
    });

    it("takes a result only from the row's host and GPU", () => {
        expect(wrongResult(result("huygens1", "1"), "huygens1 1", "web")).to.equal(undefined);
        expect(wrongResult(result("huygens2", "1"), "huygens1 1", "web")).to.equal(
            'the result was made by host "huygens2", not by huygens1',
        );
        expect(wrongResult(result("huygens1", "0"), "huygens1 1", "web")).to.equal('the result was made on GPU "0", not on 1');
        expect(wrongResult("stand-in result\n", "huygens1 1", "web")).to.match(/host ""/);
        expect(wrongResult(result("web", "0"), "localhost 0", "web")).to.equal(undefined);
        expect(wrongResult(result("web", "0"), "huygens1 0", "web")).to.match(/"web"/);
        expect(wrongResult("", "huygens1 1", "web")).to.equal("the result file is empty");
        expect(wrongResult("ics_version\t2.0\n", "huygens1 1", "web")).to.equal(undefined);
    });

    it("queues one job an image, and no image has a job's id in its name", async () => {
        const lab = fakeLab([""]);
        const ids = await submitJobs(lab, { count: 3, seconds: 4 });
        expect(new Set(ids).size).to.equal(3);
        const [script, sql] = lab.said as [string, string];
        for (const id of ids) {
            expect(id).to.match(/^[0-9a-f]{13}$/);
            expect(sql).to.include(`VALUES ('${id}', 'demo', 'lab-`);
            expect(script).not.to.include(id);
        }
        expect(script).to.include("'seconds 4'").and.not.to.include("'fail'");
    });

    it("writes SQL in one transaction and a failing image's mark", () => {
        expect(submitSql("demo", ["a1"], ["x.h5"])).to.match(/^START TRANSACTION;[\s\S]*COMMIT;\n$/);
        expect(imagesScript("demo", ["x.h5"], { seconds: 1, failing: true })).to.include("'fail'");
    });

    it("is content when the result says where the job ran", async () => {
        const lab = fakeLab(["a1\tstarted\thuygens1 0\n", ""], { find: "/data/r_a1_hrm.ics\n", result: result("huygens1", "0") });
        expect(await wait(lab, ["a1"])).to.deep.equal([
            { id: "a1", server: "huygens1 0", ok: true, seconds: 7, detail: "/data/r_a1_hrm.ics" },
        ]);
    });

    it("asks HRM's report for the row of a job that ended before the first look", async () => {
        const answers = { find: "/data/r_a1_hrm.ics\n", result: result("huygens1", "0"), report: "huygens1 0\n" };
        const [job] = await wait(fakeLab([""], answers), ["a1"]);
        expect(job).to.include({ ok: true, server: "huygens1 0" });
    });

    it("is not content with a job that left the queue without having run", async () => {
        const [job] = await wait(fakeLab([""]), ["a1"]);
        expect(job).to.include({ ok: false, server: "", detail: "it left the queue without having run" });
    });

    it("is not content with a job that left the queue without a result", async () => {
        const [job] = await wait(fakeLab(["a1\tstarted\thuygens1 0\n", ""], { log: "finishing job a1 with error\n" }), ["a1"]);
        expect(job).to.include({ ok: false, server: "huygens1 0" });
        expect(job!.detail).to.equal("it ran on huygens1 0 but left no result\nfinishing job a1 with error");
    });

    it("is not content with a result from elsewhere", async () => {
        const lab = fakeLab(["a1\tstarted\thuygens1 0\n", ""], { find: "/data/r_a1_hrm.ics\n", result: result("web", "0") });
        const [job] = await wait(lab, ["a1"]);
        expect(job).to.include({ ok: false, detail: 'the result was made by host "web", not by huygens1: /data/r_a1_hrm.ics' });
    });

    it("gives up on a job that stays in the queue", async () => {
        const [job] = await wait(fakeLab(["a1\tqueued\t\n"], { log: "the queue manager does not run" }), ["a1"], 0);
        expect(job!.ok).to.equal(false);
        expect(job!.detail).to.match(/^after 0 s it is still queued\nthe queue manager does not run$/);
    });
});
