import { expect } from "chai";
import { HrmCluster } from "../../lib";
import { declare } from "./support/declare";
import { example, oneMachine } from "./support/descriptions";
import { debFile, zipFile } from "./support/files";
import { changed, clusterProblems, withoutAgent } from "./support/refused";
import { valuesOf } from "./support/steps";

describe("Huygens Core's package", () => {
    withoutAgent();
    const nodes = Object.keys(example().nodes);
    const core = { package: debFile, licence: "hush-hush" };

    const wrong: [string, unknown, string][] = [
        ["package", undefined, "is missing; it is the path of Huygens Core's package, a .deb file, or an https address"],
        ["package", "/nowhere/huygens.deb", "there is no /nowhere/huygens.deb; a path begins in the folder"],
        ["package", "/etc", "/etc is not a file, want Huygens Core's package"],
        ["package", __filename, `${__filename} is none, want Huygens Core's package, a .deb file; a download may have brought a page`],
        ["package", zipFile, `${zipFile} is none, want Huygens Core's package`],
        ["package", "http://example.org/a.deb", "'http://example.org/a.deb', want a path, or an address https://HOST/PATH"],
        ["package", "https://me:hush@example.org/a.deb", "'https://...@example.org/a.deb', want a path"],
        ["sha256", "abc", "'abc', want a SHA-256: 64 hexadecimal digits"],
        ["licence", "", "what is given does not fit, want licence strings"],
        ["licence", "hush\u0007", "what is given does not fit, want licence strings"],
        ["licence", ["hush"], "what is given does not fit, want licence strings"],
        [
            "licence",
            "/home/me/hush.lic",
            "what is given does not fit, want licence strings, one a line, without control characters: the text, not",
        ],
        ["licence", " ~/hush.lic", "what is given does not fit, want licence strings"],
        ["licence", "./hush.lic", "what is given does not fit, want licence strings"],
        ["license", "hush", "there is no such argument, only package, sha256, licence"],
    ];
    for (const place of ["huygensCore", "web.huygensCore", `nodes.${nodes[0]}.huygensCore`])
        for (const [argument, value, problem] of wrong)
            it(`refuses ${place}.${argument}: ${problem}`, async () => {
                const found = await clusterProblems(changed(example(), place, { ...core, [argument]: value }));
                expect(found.filter(line => !line.endsWith("prints it"))[0]).to.satisfy((line: string) =>
                    line.startsWith(`${place}.${argument}: ${problem}`),
                );
                expect(found.join("\n")).not.to.contain("hush");
            });

    it("refuses a package with another checksum, and one from an address without", async () => {
        const problems = (huygensCore: object) => clusterProblems({ ...example(), huygensCore });
        expect((await problems({ ...core, sha256: "a".repeat(64) }))[0]).to.contain("has another checksum than sha256: ");
        expect((await problems({ package: "https://example.org/a.deb" }))[0]).to.match(/^huygensCore\.sha256: is missing/);
    });

    it("refuses two packages for one machine", async () => {
        const one = oneMachine();
        const [problem] = await clusterProblems({ ...one, huygensCore: core, web: { ...one.web, huygensCore: core } });
        expect(problem).to.equal(
            "web.huygensCore: is the same host as the node localhost, which has a huygensCore already; describe one of them",
        );
    });

    it("goes to all nodes but those that have their own, and to the web host where it has one", async () => {
        const own = { package: "https://example.org/own.deb", sha256: "b".repeat(64) };
        const description = changed({ ...example(), huygensCore: core }, `nodes.${nodes[1]}.huygensCore`, own);
        const { resources } = await declare(() => new HrmCluster("hrm", description as never));
        const first = valuesOf(resources, `hrm-${nodes[0]!.toLowerCase()}`, "huygensCore");
        expect(first).to.include({ licence: "hush-hush", address: "" });
        const copy = resources.find(({ name }) => name === `hrm-${nodes[0]!.toLowerCase()}-huygensCore`)!;
        expect(copy.type).to.equal("command:remote:CopyToRemote");
        expect(copy.inputs.remotePath).to.equal(first.brought);
        const second = valuesOf(resources, `hrm-${nodes[1]!.toLowerCase()}`, "huygensCore");
        expect(second).to.include({ address: own.package, sha256: own.sha256, licence: "" });
        expect(resources.some(({ name }) => name === `hrm-${nodes[1]!.toLowerCase()}-huygensCore`)).to.equal(false);
        const { resources: ofWeb } = await declare(() => new HrmCluster("hrm", changed(example(), "web.huygensCore", own) as never));
        expect(valuesOf(ofWeb, "hrm-web", "huygensCore")).to.include({ address: own.package });
    });

    it("that is another one is proven anew", async () => {
        const proof = async (huygensCore?: object) => {
            const { resources } = await declare(
                () => new HrmCluster("hrm", { ...example(), ...(huygensCore && { huygensCore }) } as never),
            );
            return valuesOf(resources, `hrm-${nodes[0]!.toLowerCase()}-link`, "link").described;
        };
        const addressed = (digit: string) => ({ package: "https://example.org/a.deb", sha256: digit.repeat(64) });
        const proofs = [await proof(), await proof(addressed("a")), await proof(addressed("b"))];
        expect(new Set(proofs).size).to.equal(3);
        expect(await proof(addressed("b"))).to.equal(proofs[2]);
    });
});
