import { writeFileSync } from "node:fs";
import Mocha from "mocha";

/** Mocha's spec reporter that also leaves the number of tests passed and failed in a file. */
class CountingReporter extends Mocha.reporters.Spec {
    constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
        super(runner, options);
        runner.once("end", () => {
            const { passes, failures } = this.stats;
            writeFileSync(options.reporterOptions.counts, JSON.stringify({ passed: passes, failed: failures }));
        });
    }
}

export = CountingReporter;
