// Covers: examples lib/description/fromConfig lib/description/arguments lib/description/checkConnection lib/description/checkSettings
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { repositoryRoot } from "../../engine/root";
import { adminKey, hostKey } from "../unit/support/descriptions";
import { certificateFor } from "./support/certificate";
import { Project } from "./support/project";

const secret = (name: string, value: string) => (project: Project) => project.must(`pulumi config set --secret ${name}`, value);
const key = (name: string) => secret(name, adminKey);
const file = (name: string, text: string) => async (project: Project) => writeFileSync(join(project.program, name), text);
const { certificate, key: webServerKey } = certificateFor(["hrm.example.org"]);
const host = (name: string, number: number) => ({ name, address: `192.0.2.${number}`, hostKey: hostKey(number), gpus: [0] });

/** What each example asks for before its first preview, and the rows that it describes. */
const examples: Record<string, { stack?: string; configure: ((project: Project) => Promise<unknown>)[]; servers: string[] }> = {
    "two-nodes": { configure: [key("adminKey")], servers: ["huygens1 0", "huygens1 1", "huygens2 -1"] },
    parts: { configure: [key("adminKey")], servers: ["huygens1 0", "huygens2 0"] },
    institute: {
        configure: [
            key("adminKey"),
            file("hrm.example.org.pem", certificate),
            secret("webServerKey", webServerKey),
            // As much of them as a description looks at.
            file("hrm_3.10.0.zip", "PK\x03\x04"),
            file("huygens_24.10.0_amd64.deb", "!<arch>\ndebian-binary"),
            ...["ldapPassword", "mailPassword", "huygensLicence"].map(name => secret(name, `its ${name}`)),
        ],
        servers: ["huygens1 0", "huygens1 1", "huygens2 0"],
    },
    bastion: { configure: [key("adminKey"), key("bastionKey")], servers: ["huygens1 0", "huygens1 1"] },
    "from-config": {
        stack: "example",
        configure: [project => project.must("pulumi config set --path hrm:admin.privateKey --secret", adminKey)],
        servers: ["huygens1 0", "huygens1 1"],
    },
    lab: {
        configure: [
            key("adminKey"),
            project => project.must("pulumi config set hosts", JSON.stringify({ web: host("web", 1), nodes: [host("huygens1", 2)] })),
        ],
        servers: ["huygens1 0"],
    },
};

describe("examples", () => {
    it("are all previewed here, but for those of other languages, which have tests of their own", () => {
        const projects = readdirSync(join(repositoryRoot(), "examples")).filter(name => !["ci", "yaml", "python"].includes(name));
        expect(projects).to.have.members(Object.keys(examples));
    });

    for (const [name, { stack = "test", configure, servers }] of Object.entries(examples)) {
        // Pulumi's ts-node refuses wrong types, too.
        it(`${name} has a preview with its rows`, async () => {
            const project = await Project.make(join("examples", name));
            try {
                await project.must(`pulumi stack init ${stack}`);
                for (const step of configure) await step(project);
                const output = await project.must("pulumi preview --non-interactive");
                expect([...output.matchAll(/name {2}: "(.*)"/g)].map(([, row]) => row)).to.deep.equal(servers);
            } finally {
                project.remove();
            }
        });
    }
});
