import { inspect } from "node:util";
import { RunError } from "@pulumi/pulumi";
import { expect } from "chai";
import { LateProblem, Problems } from "../../lib/description/problems";

describe("problems", () => {
    it("does nothing where there is none", () => {
        const problems = new Problems();
        expect(problems.expect(true, "a", "is wrong")).to.equal(true);
        problems.throwIfAny("HrmCluster hrm");
        expect(problems.all).to.deep.equal([]);
    });

    it("throws all of them at once, in their order", () => {
        const problems = new Problems();
        problems.add("nodes.b", "is wrong");
        expect(problems.expect(false, "nodes.a", "is missing")).to.equal(false);
        expect(() => problems.throwIfAny("HrmCluster hrm")).to.throw(
            RunError,
            /^HrmCluster hrm: 2 problems in the description; no host was touched\.\n {2}nodes\.b: is wrong\n {2}nodes\.a: is missing$/,
        );
    });

    it("counts one as one", () => {
        const problems = new Problems();
        problems.add("a", "is wrong");
        expect(() => problems.throwIfAny("X y")).to.throw("X y: 1 problem in the description");
    });
});

describe("LateProblem", () => {
    it("is inspected without what hangs on it", () => {
        const problem = Object.assign(new LateProblem("hostKey of web: not a text"), { promise: { resources: ["many"] } });
        expect(inspect(problem)).to.equal("hostKey of web: not a text");
        expect(RunError.isInstance(problem)).to.equal(true);
    });
});
