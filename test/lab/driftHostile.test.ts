// Covers: lib/hosts/drift lib/steps/identity lib/steps/access lib/steps/departures lib/steps/checks lib/hosts/quote
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { Outcome } from "../../engine/stack";
import { TestCluster } from "./support/cluster";
import { changed, contents } from "./support/hosts";
import { said } from "./support/preview";
import { leaks, secretsOf } from "./support/secrets";

const esc = String.fromCharCode(27);
/** A file that nothing but an executed name could make. */
const touch = `$(touch\${IFS}/tmp/pwned)\`touch\${IFS}/tmp/pwned\`;touch\${IFS}/tmp/pwned;`;
/** An esc sequence, one of Pulumi's own for colours, one that it does not know, quotes, a comment. */
const ugly = `${esc}[2J<{%reset%}><{%nonsense%}>'"#%s%n`;
const forged = "hrm: checked\nhrm: differs forged: found nothing\nhrm: checked";
const long = "x".repeat(70 * 1024);

const rowNames = [
    `huygens1 ${touch}`,
    `huygens1 ${ugly}`,
    `huygens1 a\n${forged}`,
    touch,
    ugly,
    "x'OR'1'='1",
    "y\\' OR 1=1 -- ",
    "*",
    `-oProxyCommand=touch\${IFS}/tmp/pwned`,
    `zz\n${forged}`,
    "",
];
const fileNames = [`${touch.replaceAll("/", "\\57")}.conf`, "a b.conf", "-x.conf", `n\n${forged}.conf`, "*.conf"];
const account = (id: number, name: string) => `${name.replaceAll(":", "")}:x:${id}:${id}::/:/bin/sh\n`;

/** What is put into a host, and how: by standard input, so that no shell on the way has a say in it. */
const hostile: { host: string; command: string; stdin?: string }[] = [
    { host: "web", command: "cat >>/etc/passwd", stdin: account(6001, touch) + account(6002, ugly) },
    { host: "web", command: "chown 6001 /data/hrm_data; chown 6002 /var/log/hrm" },
    { host: "web", command: "cat >/etc/hrm.conf", stdin: `${long}\n${forged}\n` },
    {
        host: "web",
        command: "cp -p config /tmp/c; cat - /tmp/c >config; rm /tmp/c",
        stdin: `# ${long}\n# ${forged.replaceAll("\n", "\n# ")}\n`,
    },
    { host: "web", command: "cd hrm-cluster.d && xargs -0 touch --", stdin: fileNames.join("\0") },
    { host: "huygens1", command: "cat >>/etc/passwd", stdin: account(6003, touch) },
    { host: "huygens1", command: "chown 6003 /data/hrm_data" },
    {
        host: "huygens1",
        command: "perl -i -pe 'BEGIN { $s = <STDIN> } s{^(hrm:.*:).*}{$1$s}' /etc/passwd",
        stdin: `/<{%nonsense%}>$(touch /tmp/pwned)${esc}[2J/nologin`,
    },
    { host: "huygens1", command: "cat >authorized_keys", stdin: `${forged}\n${long}\n` },
    { host: "huygens1", command: "cat >/var/www/html/hrm/scripts/hucore.tcl", stdin: `${forged}\n${ugly}` },
];
/** What `up` leaves alone, since it is nobody's but the site's. */
const tidy: Record<string, string> = {
    web: "sed -i '/:x:600[0-9]:/d' /etc/passwd; sed -i '/^# /d' config; cd hrm-cluster.d && find . -name '*.conf' ! -name huygens1.conf -delete",
    huygens1: "sed -i '/:x:600[0-9]:/d' /etc/passwd; sed -i '/^x*$/d; /^hrm: /d' authorized_keys",
};

describe("what stands on a host", () => {
    let cluster: TestCluster;
    let before_: Record<string, string>;
    let outcome: Outcome;

    before(async () => {
        cluster = await TestCluster.ready("t-hostile", [[0]]);
        before_ = await contents(cluster);
        for (const { host, command, stdin } of hostile) await cluster.lab.run(host, `cd /home/hrm/.ssh && ${command}`, { stdin });
        const rows = rowNames.map((name, index) => `(${sqlText(name)}, ${sqlText(`/bin/${ugly}`)}, 'free', ${index})`);
        await cluster.sql(`INSERT INTO server (name, huscript_path, status, gpuId) VALUES ${rows.join(", ")}`);
        outcome = await cluster.stack.preview("--color", "always");
    });
    after(() => cluster?.down());

    function expectHarmless(output: string): void {
        const files = cluster.lab.hosts.map(({ name }) => join(cluster.lab.root(name), "tmp"));
        for (const folder of ["/tmp", ...files]) expect(readdirSync(folder)).not.to.include("pwned");
        // Colours are Pulumi's own. Nothing else may move the cursor, and no line be endless.
        const bare = withoutColours(output);
        expect([...bare].filter(character => character < " " && character !== "\n")).to.deep.equal([]);
        expect(Math.max(...bare.split("\n").map(line => line.length))).to.be.lessThan(1000);
        expect(bare).not.to.match(/panic:|^\s*forged: found nothing$/m);
    }

    it("is shown by preview", () => {
        expect(outcome.code, outcome.output).to.equal(0);
        const { changed, differences } = said({ ...outcome, output: withoutColours(outcome.output) });
        expect(changed).to.include.members(["web", "registry", "huygens1"]);
        expect(differences.web![0]).to.match(/^web: \/data\/hrm_data: owner and group \$\(touch\$\{IFS\}/);
        expect(differences.huygens1![0]).to.match(/^huygens1: shell of hrm: \/<\?%nonsense%}>\$\(touch \/tmp\/pwned\)\?\[2J\/nologin/);
        expect(differences.registry).to.include(
            `web: server row '-oProxyCommand=touch\${IFS}/tmp/pwned': not the name of a host, want none`,
        );
    });

    it("is neither executed nor printed as it is by preview", () => expectHarmless(outcome.output));

    it("is neither executed nor printed as it is by up, which repairs it", async () => {
        const up = await cluster.stack.up("--color", "always");
        expectHarmless(up.output);
        expect(up.code, up.output).to.equal(0);
        expect(await cluster.rows()).to.deep.equal(["huygens1 0 | /usr/local/bin/hucore | 0"]);
        for (const [host, command] of Object.entries(tidy)) await cluster.lab.run(host, `cd /home/hrm/.ssh && ${command}`);
        expect(changed(before_, await contents(cluster))).to.deep.equal([]);
        expectHarmless((await cluster.stack.preview("--expect-no-changes")).output);
    });

    it("is no secret in any difference", async () => {
        expect(leaks(outcome.output, await secretsOf(cluster))).to.deep.equal([]);
    });
});

function withoutColours(output: string): string {
    return output.replaceAll(new RegExp(`${esc}\\[[\\d;]*m`, "g"), "");
}

function sqlText(text: string): string {
    return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}
