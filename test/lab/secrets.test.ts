// Covers: lib/hosts/quote lib/steps/database lib/hosts/stepText
// Takes 290 s on 2 cores.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect } from "chai";
import { TestCluster } from "./support/cluster";
import { rounds } from "./support/obstacles";
import { Sampler } from "./support/sampler";
import { keySecret, leaks, passwordSecret, type Secret, secretsOf } from "./support/secrets";

const given = "hT4nB8cYp3Dq-given";
const control = "jG5sF1aRe6Uo-control";
/** For the control: a process that lives as long as a short call of a client program does. */
const shortProcess = `perl -e 'select undef, undef, undef, 0.02' ${control}`;

describe("secrets", () => {
    let cluster: TestCluster;
    let sampler: Sampler;
    let secrets: Secret[];
    let seen: Map<string, string>;
    /** What Pulumi printed, by what it was asked to do. */
    const console = new Map<string, string>();

    before(async () => {
        cluster = await TestCluster.make("t-secrets", [[0]]);
        // With a generated password: Pulumi takes secrets of the stack's configuration out of what it prints, others it does not know.
        sampler = await Sampler.start(cluster.lab);
    });
    after(() => cluster?.down());

    for (const [index, obstacles] of rounds.entries()) {
        const names = [...new Set(obstacles.map(({ fails }) => fails))].sort();
        it(`round ${index + 1} of ${rounds.length}: ${names.join(" and ")} fails`, async () => {
            for (const { host, put } of obstacles) await cluster.lab.run(host, put);
            const { code, output } = await cluster.stack.up("--diff");
            for (const { host, remove } of obstacles) await cluster.lab.run(host, remove);
            console.set(`up in round ${index + 1}`, output);
            expect(code).not.to.equal(0);
            expect(failed(output), output).to.deep.equal(names);
        });
    }

    it("comes up after all of that", async () => {
        console.set("up", (await cluster.up()).output);
        expect(await cluster.rows()).to.deep.equal(["huygens1 0 | /usr/local/bin/hucore | 0"]);
        secrets = [...(await secretsOf(cluster)), passwordSecret(given)];
        for (const { name, parts } of secrets) expect(parts.join("").length, name).to.be.greaterThan(20);
    });

    it("takes another password, at the second attempt", async () => {
        const { lab, stack } = cluster;
        await stack.configure("databasePassword", given, { secret: true });
        for (const options of [[], ["--diff"], ["--json"]])
            console.set(`preview ${options} of another password`, (await stack.preview(...options)).output);
        await lab.run("web", "systemctl stop mariadb && systemctl mask --runtime mariadb");
        const first = await stack.up("--diff");
        await lab.run("web", "systemctl unmask --runtime mariadb && systemctl start mariadb");
        console.set("up to another password, which fails", first.output);
        expect(failed(first.output)).to.include("database on web");
        const second = await stack.up("--diff");
        console.set("up to another password", second.output);
        expect(second.code, second.output).to.equal(0);
        seen = await sampler.stop();
    });

    it("stand in nothing that Pulumi prints", () => {
        const found = [...console].flatMap(([what, text]) => leaks(text, secrets).map(leak => `${what}: ${leak}`));
        expect(found).to.deep.equal([]);
    });

    it("stand in no process list", () => {
        const found = [...seen].flatMap(([host, text]) => leaks(text, secrets).map(leak => `${host}: ${leak}`));
        expect(found).to.deep.equal([]);
    });

    it("would have been seen there (control)", async () => {
        for (const [host, text] of seen) expect(text, host).to.contain("sh\0-s\0ensure");
        const again = await Sampler.start(cluster.lab);
        for (const { name } of cluster.lab.hosts) {
            await cluster.lab.run(name, shortProcess);
            await cluster.lab.run(name, `SOME_VARIABLE=${control}-environment perl -e 'select undef, undef, undef, 0.02'`);
        }
        for (const [host, text] of await again.stop()) {
            expect(text, host).to.contain(`0.02\0${control}\0`).and.to.contain(`SOME_VARIABLE=${control}-environment`);
        }
    });

    it("are not plain in state, configuration and what Pulumi keeps beside them", () => {
        const folder = join(cluster.lab.folder, "stack");
        expect(grep(folder, [{ name: "control", parts: ["web: HRM at "] }])).not.to.equal("");
        expect(grep(folder, secrets)).to.equal("");
    });

    it("stand in no file that everybody may read, and in no journal", async () => {
        const { lab } = cluster;
        const parts = secrets.flatMap(({ parts }) => parts);
        for (const { name } of lab.hosts) {
            await lab.run(name, `umask 022; echo ${parts[0]} >/var/tmp/control`);
            expect(await lab.run(name, readable, { stdin: parts.join("\n") })).to.equal("/var/tmp/control\n");
            expect(leaks(await lab.run(name, "journalctl --no-pager -o json"), secrets)).to.deep.equal([]);
        }
    });

    it("are found by this test's own means (control)", async () => {
        const key = await cluster.lab.run("web", "cat /home/hrm/.ssh/hrm-cluster.d/key-1");
        expect(leaks(JSON.stringify({ stdin: key }), [keySecret("key", key)])).not.to.deep.equal([]);
        expect(leaks(await cluster.lab.run("web", "cat /var/www/html/hrm/config/hrm_config.inc"), secrets)).to.have.length(1);
    });
});

/** `STEP on HOST` of what failed, without repetition: of the steps of a part, those that said something and whose names do not stand alone for their ends. */
function failed(output: string): string[] {
    const failures = [...output.matchAll(/Process exited with status \d+: running "sh -c .*":\n((?:.*\S.*\n)+)/g)];
    const steps = failures.flatMap(([, text = ""]) => {
        const said = [...text.matchAll(/^\s*([\w.]+): ([a-zA-Z]+)(?:-\S+)?: /gm)];
        return said.flatMap(([, host, step]) => (new RegExp(`^\\s*${step}$`, "m").test(text) ? [] : [`${step} on ${host}`]));
    });
    return [...new Set(steps)].sort();
}

const readable = `cat >/root/parts; chmod 0600 /root/parts
    find / -xdev -type f -perm -o=r ! -path '/proc/*' ! -path '/sys/*' -exec grep -lFf /root/parts {} + ; rm /root/parts`;

function grep(folder: string, secrets: Secret[]): string {
    const patterns = secrets.flatMap(({ parts }) => parts).join("\n");
    try {
        return execFileSync("grep", ["-rlF", "-f", "-", folder], { input: patterns, encoding: "utf8" });
    } catch (error) {
        if ((error as { status?: number }).status === 1) return "";
        throw error;
    }
}
