import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { StepName } from "../../../lib/hosts/stepText";
import { renderedSteps } from "../support/steps";
import { StepFolder } from "../support/testStep";

// A host on which all is well but the database, which does not answer.
const host = `
db() { cat >/dev/null; echo 'database: gone' >&2; return 1; }
as() { shift; case "$*" in *dbupdate*) touch "$HERE/dbupdate" ;; esac; }
id() { echo hrm; }
home_of() { echo /nonexistent; }
file_differs() { :; }
queue_manager_runs() { return 0; }
systemctl() { :; }
wanted_revision() { echo 21; }
journalctl() { :; }`;

describe("steps, while the database does not answer", () => {
    let folder: StepFolder;
    beforeEach(function () {
        folder = StepFolder.of(this);
    });
    afterEach(() => folder?.remove());

    async function text(step: StepName): Promise<string> {
        const { values } = (await renderedSteps()).find(each => each.step === step)!;
        const { host: _, step: __, time_limit: ___, ...own } = values;
        // The step changes to a folder of HRM's, which is not here.
        const real = folder.realText(step, { ...own, hrm_path: folder.path }, host.replaceAll("$HERE", folder.path));
        return real.replace('cd "$hrm_path/setup"', "true");
    }

    for (const step of ["schema", "departures", "rows", "restart", "keys"] as const) {
        it(`${step}: not checked, rather than in sync`, async () => {
            const { code, stdout } = await folder.run(await text(step), "check");
            expect({ code, stdout }).to.deep.equal({ code: 1, stdout: "" });
        });
    }

    for (const step of ["schema", "departures", "rows"] as const) {
        it(`${step}: ensure fails`, async () => {
            expect((await folder.run(await text(step), "ensure")).code).not.to.equal(0);
        });
    }

    // It would take the database for an empty one, and upgrade without a backup when the database is back by then.
    it("schema: HRM's dbupdate.php is not run", async () => {
        await folder.run(await text("schema"), "ensure");
        expect(existsSync(join(folder.path, "dbupdate"))).to.equal(false);
    });
});
