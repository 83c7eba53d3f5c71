import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { repositoryRoot } from "../../engine/root";
import { faults } from "../lab/support/faults";
import { faultsInUp, nodeIsDown, twoStacks } from "../lab/support/faultsInUp";

const document = readFileSync(join(repositoryRoot(), "docs", "reliability.md"), "utf8");

/** Cells of the tables' rows, by the heading above them. */
function rows(heading: string): string[][] {
    const section = document.split(`\n## ${heading}\n`)[1]!.split("\n## ")[0]!;
    return section
        .split("\n")
        .filter(line => line.startsWith("| "))
        .slice(1)
        .map(line => line.split(" | ").map(cell => cell.replace(/^\| /, "")));
}

describe("docs/reliability.md", () => {
    it("has a row for each fault that is tested, and tests each of its rows", () => {
        const titles = (heading: string) => rows(heading).map(([title]) => title);
        expect(titles("While a cluster is in use")).to.deep.equal(faults.map(({ title }) => title));
        expect(titles("While it is made or changed")).to.have.members([...faultsInUp.map(({ title }) => title), nodeIsDown, twoStacks]);
    });

    for (const { title, says } of [...faults, ...faultsInUp]) {
        it(`quotes what is said where ${title}`, () => {
            const [, quoted] = [...rows("While a cluster is in use"), ...rows("While it is made or changed")].find(
                ([first]) => first === title,
            )!;
            for (const text of says) expect(quoted).to.contain(text);
        });
    }

    it("names tests that exist", () => {
        for (const [, file] of document.matchAll(/`(\w+\.test\.ts)`/g)) {
            expect(existsSync(join(repositoryRoot(), "test", "lab", file!)), file).to.equal(true);
        }
    });
});
