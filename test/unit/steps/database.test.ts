import { expect } from "chai";
import fc from "fast-check";
import { sh } from "../../../lib/hosts/quote";
import { readSqlText } from "../support/literals";
import { runScript } from "../support/shell";
import { stepAlone } from "../support/stepAlone";

/** A function of the step, as hosts get it. */
function functionOf(name: string): string {
    const text = stepAlone({ step: "database", host: "web", declaredBy: "project/stack/step", timeLimitSeconds: 5, values: {} });
    const found = new RegExp(`^${name}\\(\\) \\{\\n[\\s\\S]*?^\\}$`, "m").exec(text);
    if (!found) throw new Error(`the step has no function ${name}`);
    return found[0];
}

// No control characters: passwords with them are refused.
const password = fc.oneof(
    fc.constantFrom("'", "\\", "\\'", "''", "a'b\"c$d\\e|f%g{{h}}", "-n", "%s", "\\n", "`id`", "$(id)", " a ", "&", "é☃"),
    fc.string({ unit: fc.constantFrom("'", "\\", '"', "$", "%", "&", "`", "n", " ") }),
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are refused
    fc.string({ unit: "grapheme" }).filter(text => !/[\u0000-\u001f\u007f]/.test(text)),
);

const inShell = (script: string) => runScript(`set -eu\nLC_ALL=C\nexport LC_ALL\n${script}`).split("\0").slice(0, -1);

describe("steps/database", () => {
    it("MariaDB reads the password that was given", () => {
        fc.assert(
            fc.property(fc.array(password, { minLength: 30, maxLength: 60 }), passwords => {
                const literals = inShell([functionOf("sql"), ...passwords.map(text => `sql ${sh(text)}; printf '\\0'`)].join("\n"));
                expect(literals.map(readSqlText)).to.deep.equal(passwords);
            }),
            { numRuns: 4 },
        );
    });

    it("a grant is for the database of that name, not for those that look like it", () => {
        const names = ["hrm", "hrm_db", "_", "a__b"];
        const found = inShell(
            [functionOf("sql_grant_name"), ...names.map(name => `db_name=${sh(name)}; sql_grant_name; printf '\\0'`)].join("\n"),
        );
        // `_` stands for any character there, and `\_` for itself.
        expect(found).to.deep.equal(["hrm", "hrm\\_db", "\\_", "a\\_\\_b"]);
    });
});
