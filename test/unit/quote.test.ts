import { expect } from "chai";
import fc from "fast-check";
import { php, sh, systemd } from "../../lib/hosts/quote";
import { readPhp } from "./support/literals";
import { isInstalled, runScript, skipLoudly } from "./support/shell";

const nasty = [
    "",
    "'",
    "''",
    "\\",
    "\\'",
    "it's",
    '"',
    "$(touch x)",
    "`id`",
    "a'b\"c$d\\e|f%g{{h}}",
    "\n",
    "a\n",
    " a ",
    "-n",
    "*",
    "!",
    "é☃",
];
const text = fc.oneof(
    fc.constantFrom(...nasty),
    fc.string({ unit: fc.constantFrom("'", "\\", '"', "$", "`", "\n", " ", "a", "{{", "%", "é") }),
    fc.string({ unit: "grapheme" }).filter(value => !value.includes("\0")),
);
const many = fc.array(text, { minLength: 100, maxLength: 300 });

describe("quote", () => {
    it("sh: a shell reads what was written", () => {
        fc.assert(
            fc.property(many, texts => {
                const read = runScript(`printf '%s\\0' ${texts.map(sh).join(" ")}`).split("\0");
                expect(read.slice(0, -1)).to.deep.equal(texts);
            }),
            { numRuns: 10 },
        );
    });

    it("sh: random text that ends its quotes runs as nobody, in a folder of its own, and is noticed (control)", () => {
        expect(() => runScript("touch x")).to.throw("the script has made x");
        if (process.getuid?.() === 0) expect(runScript("id -un; touch /root/x 2>/dev/null || :")).to.equal("nobody\n");
    });

    const value = fc.oneof(text, fc.boolean(), fc.integer(), fc.array(text), fc.dictionary(text, text, { minKeys: 1 }));

    it("php: a reader of PHP's literals reads what was written", () => {
        fc.assert(
            fc.property(value, written => {
                expect(readPhp(php(written))).to.deep.equal(written);
            }),
            { numRuns: 500 },
        );
    });

    it("php: PHP itself reads what was written", function () {
        if (!isInstalled("php")) skipLoudly(this, "there is no php here; the test before has read the same with a reader of its own");
        fc.assert(
            // PHP takes a key such as "0" for a number.
            fc.property(fc.array(value, { minLength: 100, maxLength: 200 }), values => {
                const program = `<?php echo json_encode([${values.map(php).join(",\n")}], JSON_THROW_ON_ERROR);`;
                expect(JSON.parse(runScript(program, "php", []))).to.deep.equal(asPhpHasIt(values));
            }),
            { numRuns: 5 },
        );
    });

    it("php: a newline stands in the text as itself", () => expect(php("a\nb")).to.equal("'a\nb'"));

    it("systemd: no specifier is left", () => {
        fc.assert(fc.property(text, word => systemd(word).replace(/%%/g, "%") === word && !systemd(word).replace(/%%/g, "").includes("%")));
        expect(systemd("100%h")).to.equal("100%%h");
    });
});

/** JSON of a PHP array with the keys 0, 1, … is a list. */
function asPhpHasIt(values: unknown[]): unknown[] {
    return values.map(value => {
        const keys = typeof value === "object" && !Array.isArray(value) ? Object.keys(value as object) : ["none"];
        return keys.every((key, index) => key === String(index)) ? Object.values(value as object) : value;
    });
}
