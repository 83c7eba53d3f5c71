import { strict as assert } from "node:assert";
import fc from "fast-check";
import { type Characters, randomCharacters } from "../../engine/plugins/random/characters";
import { randomPassword } from "../../engine/plugins/random/password";
import { differences } from "../../engine/provider/diff";
import { type Properties, secret } from "../../engine/provider/wire";

const anything: Characters = {
    length: 20,
    upper: true,
    lower: true,
    numeric: true,
    special: true,
    overrideSpecial: "",
    minUpper: 0,
    minLower: 0,
    minNumeric: 0,
    minSpecial: 0,
};

describe("engine: random characters", () => {
    it("are as many as wished, of the allowed kinds, at least as many of each as wished", () => {
        const least = fc.nat(5);
        const kinds = fc.record({ upper: fc.boolean(), lower: fc.boolean(), numeric: fc.boolean(), special: fc.boolean() });
        fc.assert(
            fc.property(kinds, least, least, least, least, fc.nat(30), (allowed, minUpper, minLower, minNumeric, minSpecial, more) => {
                fc.pre(Object.values(allowed).some(Boolean));
                const length = minUpper + minLower + minNumeric + minSpecial + more;
                const text = randomCharacters({
                    ...anything,
                    ...allowed,
                    length,
                    minUpper,
                    minLower,
                    minNumeric,
                    minSpecial,
                    overrideSpecial: "€_",
                });
                const count = (pattern: RegExp) => (text.match(pattern) ?? []).length;
                const counts = { upper: count(/[A-Z]/g), lower: count(/[a-z]/g), numeric: count(/[0-9]/g), special: count(/[€_]/g) };
                assert.equal(Array.from(text).length, length);
                assert.equal(
                    Object.values(counts).reduce((sum, number) => sum + number),
                    length,
                );
                const leasts = { upper: minUpper, lower: minLower, numeric: minNumeric, special: minSpecial };
                for (const kind of ["upper", "lower", "numeric", "special"] as const) {
                    assert.ok(allowed[kind] ? counts[kind] >= leasts[kind] : counts[kind] === leasts[kind], `${kind} in ${text}`);
                }
            }),
        );
    });

    it("are equally likely, at every place", () => {
        const places = [
            { A: 0, B: 0 },
            { A: 0, B: 0 },
        ] as Record<string, number>[];
        for (let round = 0; round < 20_000; round++) {
            const text = randomCharacters({
                ...anything,
                length: 2,
                upper: false,
                lower: false,
                numeric: false,
                overrideSpecial: "AB",
                minSpecial: 1,
            });
            for (const [place, character] of [...text].entries()) places[place][character]++;
        }
        // Five standard deviations of 20,000 throws of a coin.
        for (const { A } of places) assert.ok(Math.abs(A - 10_000) < 354, `${A}`);
    });

    it("come from Pulumi's own set of special ones by default", () => {
        const text = randomCharacters({ ...anything, length: 5000, upper: false, lower: false, numeric: false });
        assert.deepEqual(new Set(text), new Set("!@#$%&*()-_=+[]{}<>:?"));
    });
});

describe("engine: a password's inputs", () => {
    const compared = randomPassword.compared!;
    const changed = (olds: Properties, news: Properties) => [...differences(compared(olds), compared(news)).keys()];

    it("do not differ by defaults, secrets and the old name of numeric", () => {
        assert.deepEqual(changed({ length: 9 }, { length: secret(9), special: true, number: true, minUpper: 0, keepers: {} }), []);
        assert.deepEqual(changed({ length: 9, number: false }, { length: 9, numeric: false }), []);
        assert.deepEqual(changed({ length: 9 }, { length: 9, keepers: { a: null } }), []);
    });

    it("differ otherwise", () => {
        assert.deepEqual(changed({ length: 9 }, { length: 9, number: false, keepers: { a: "1" } }).sort(), ["keepers.a", "numeric"]);
    });
});
