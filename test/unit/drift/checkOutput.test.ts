import { expect } from "chai";
import fc from "fast-check";
import { isFailure, printable, readCheck } from "../../../lib/hosts/drift/checkOutput";

describe("drift/checkOutput", () => {
    it("no difference", () => expect(readCheck(0, "hrm: checked\n", "")).to.deep.equal({ checked: true, differences: [], follows: [] }));

    it("differences, in their order", () =>
        expect(readCheck(0, "hrm: differs a: 1, want 2\nhrm: differs b\nhrm: checked\n", "noise")).to.deep.equal({
            ...{ checked: true, differences: ["a: 1, want 2", "b"], follows: [] },
        }));

    it("what follows of a change, which is no difference", () =>
        expect(readCheck(0, "hrm: differs a\nhrm: follows jobs are waited for\nhrm: checked\n", "")).to.deep.equal({
            ...{ checked: true, differences: ["a"], follows: ["jobs are waited for"] },
        }));

    const noAnswer: [title: string, code: number | undefined, stdout: string, stderr: string, why: RegExp][] = [
        ["a greeting", 0, "Welcome!\nhrm: checked\n", "", /Welcome!/],
        ["a greeting at the end", 0, "hrm: checked\nBye\n", "", /Bye/],
        ["a refused sudo", 1, "", "sudo: a password is required\n", /ended with 1: sudo: a password is required/],
        ["a script that was cut off", 0, "hrm: differs a\n", "", /ended with 0/],
        ["nothing", 0, "", "", /ended with 0$/],
        ["a script that failed after its differences", 1, "hrm: differs a\n", "", /ended with 1/],
        ["a script that failed and says that it has checked", 1, "hrm: checked\n", "", /ended with 1/],
        ["a connection that ended", undefined, "hrm: checked\n", "", /ended without an answer$/],
        ["another word of the protocol's", 0, "hrm: promises a\nhrm: checked\n", "", /ended with 0/],
        ["an empty difference", 0, "hrm: differs \nhrm: checked\n", "", /ended with 0/],
        ["two answers", 0, "hrm: checked\nhrm: checked\n", "", /ended with 0/],
    ];
    for (const [title, code, stdout, stderr, why] of noAnswer) {
        it(`${title} is no answer`, () => {
            const finding = readCheck(code, stdout, stderr);
            expect(finding.checked).to.equal(false);
            if (!finding.checked) expect(finding.why).to.match(why);
        });
    }

    for (const [code, is] of [
        [0, false],
        [1, true],
        [255, true],
        [3, false],
        [143, false],
        [137, false],
        [undefined, false],
    ] as const) {
        it(`a check that ends with ${code} has ${is ? "" : "not "}failed by itself`, () => expect(isFailure(code)).to.equal(is));
    }

    it("a node that the web host cannot reach is the node's fault", () =>
        expect(readCheck(1, "hrm: unreachable huygens1\n", "")).to.deep.include({ checked: false, host: "huygens1" }));

    it("what a host sends is one short line of printable ASCII in a message", () => {
        fc.assert(
            fc.property(fc.string({ unit: "binary-ascii", maxLength: 300 }), text => {
                expect(printable(text)).to.match(/^[ -~]{0,200}$/);
            }),
            { numRuns: 30 },
        );
        expect(printable("x".repeat(300))).to.equal("x".repeat(200));
        expect(printable(" a\n\tb\x1b[31m ")).to.equal("a b?[31m");
    });
});
