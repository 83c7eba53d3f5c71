import { expect } from "chai";
import { until, untilSeen } from "../lab/support/until";

const messageOf = (work: Promise<void>) =>
    work.then(
        () => "none",
        ({ message }: Error) => message,
    );

describe("waits of tests", () => {
    it("end when the condition holds", async () => {
        let looks = 0;
        await until("the third look", () => ++looks === 3);
        expect(looks).to.equal(3);
        await untilSeen(
            "five",
            () => ++looks,
            seen => seen === 5,
        );
        expect(looks).to.equal(5);
    });

    it("that fail say what they waited for, and what they saw last", async () => {
        expect(
            await messageOf(
                untilSeen(
                    "a row",
                    () => ["huygens1 0", "busy"],
                    () => false,
                    0.1,
                ),
            ),
        ).to.match(/^waited 0\.1 s for a row\nseen last: \["huygens1 0","busy"\]\n/);
        let looks = 0;
        expect(await messageOf(until("nothing", () => ({ looks: ++looks }), 0.1))).to.match(
            /^waited 0\.1 s for nothing\nseen last: \{"looks":[1-9]\d*\}\n/,
        );
    });

    it("take a sixth of the time at most for looking", async () => {
        // Of looks that a rest follows: not of the last.
        let [looked, latest, latestBegin] = [0, 0, 0];
        const look = async () => {
            looked += latest;
            latestBegin = Date.now();
            await new Promise(resolve => setTimeout(resolve, 60));
            latest = Date.now() - latestBegin;
            return false;
        };
        const begin = Date.now();
        await messageOf(until("nothing", look, 1));
        expect(looked).to.be.greaterThan(0);
        expect(looked / (latestBegin - begin)).to.be.lessThan(0.2);
    });

    it("end with an error of the look", async () =>
        expect(await messageOf(until("it", () => Promise.reject(new Error("no database"))))).to.equal("no database"));
});
