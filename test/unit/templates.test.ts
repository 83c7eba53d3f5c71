import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { repositoryRoot } from "../../engine/root";
import { renderTemplate, type TemplateName } from "../../lib/hosts/templates";
import { exampleSteps } from "./support/steps";

const folder = join(repositoryRoot(), "lib", "templates");
const names = readdirSync(folder).map(file => file.replace(/\.hbs$/, "") as TemplateName);

/** The values that a template wants: but for the items of a list, and what it asks for before it uses it. */
function wantedBy(name: TemplateName): string[] {
    const text = readFileSync(join(folder, `${name}.hbs`), "utf8");
    const all = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, value]) => value!);
    const optional = ["this", "else", ...all(/\{\{#if (\w+)\}\}/g)];
    return all(/\{\{(?:\w+ )?(\w+)\}\}/g).filter(value => !optional.includes(value));
}

describe("templates", () => {
    for (const name of names) {
        it(`${name}: a value that is not given is an error, not a gap`, () => {
            const all = Object.fromEntries(wantedBy(name).map(value => [value, "x"]));
            expect(renderTemplate(name, all)).to.be.a("string");
            for (const value of wantedBy(name)) {
                const { [value]: _, ...others } = all;
                expect(() => renderTemplate(name, others), value).to.throw();
            }
        });
    }

    it("render with the defaults, without a trace of the template language", async () => {
        const rendered = (await exampleSteps()).flatMap(({ values }) =>
            ["hrm_config", "hrm_conf", "unit", "start_script", "rotation", "ssh_config", "known_hosts"].flatMap(name => values[name] ?? []),
        );
        expect(rendered).to.have.lengthOf(5 + 2 * 3);
        for (const text of rendered) expect(text).not.to.match(/\{\{|\}\}|undefined|\[object|Calling \[toString\]|&#|&quot;/);
        for (const text of rendered) expect(text.endsWith("\n"), text).to.equal(true);
    });

    it("the queue manager's jobs outlive its service", async () => {
        const { values } = (await exampleSteps()).find(({ step }) => step === "queueManager")!;
        expect(values.unit!.split("\n")).to.include.members([
            "KillMode=process",
            "Wants=network-online.target mariadb.service mysql.service",
            "RequiresMountsFor=/data/hrm_data /var/log/hrm",
            "UMask=0002",
            "Type=forking",
            "User=hrm",
            "PIDFile=/var/log/hrm/hrmd.pid",
            "ExecStart=/var/www/html/hrm/bin/hrm_queuemanager --detach",
        ]);
        expect(values.unit).not.to.match(/^Requires=/m);
    });

    it("the queue manager's ssh is as HRM can bear it", async () => {
        const { values } = (await exampleSteps()).find(({ resource }) => resource.name === "hrm-huygens1-link")!;
        expect(values.ssh_config!.split("\n").map(line => line.trim())).to.include.members([
            "BatchMode yes",
            "StrictHostKeyChecking yes",
            "HostKeyAlgorithms ssh-ed25519",
            "UpdateHostKeys no",
            "ControlMaster no",
            "IdentitiesOnly yes",
        ]);
    });
});
