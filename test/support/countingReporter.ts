import { writeFileSync } from "node:fs";
import Mocha from "mocha";
import { Lab } from "../../lab/lab";
import { keepVariable } from "../runner/files";

/** Mocha's spec reporter that also leaves the number of tests passed and failed in a file. With HRM_TEST_KEEP a failure keeps the file's labs. */
class CountingReporter extends Mocha.reporters.Spec {
    constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
        super(runner, options);
        runner.on("fail", () => {
            if (process.env[keepVariable]) Lab.prototype.down = async () => {};
        });
        runner.once("end", () => {
            const { passes, failures } = this.stats;
            writeFileSync(options.reporterOptions.counts, JSON.stringify({ passed: passes, failed: failures }));
        });
    }
}

export = CountingReporter;
