import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect } from "chai";
import type { Log } from "../../../engine/cache";
import { engine } from "../../../engine/engine";
import { repositoryRoot } from "../../../engine/root";
import { type Outcome, Stack } from "../../../engine/stack";
import { TestCluster } from "./cluster";

export interface Language {
    /** Of the folder in examples/, and of the lab. */
    name: string;
    /** Of the folder's files, the one with the cluster. */
    file: string;
    /** The folder with its host; nothing where it cannot be had here. */
    host: (log: Log) => Promise<string | undefined>;
    /** What has to be on PATH of that folder. @default the folder itself */
    folders?: string[];
    /** How the language writes an argument. */
    argument: (name: string, value: string) => string;
    /** What the program needs from the begin for that which comes next. */
    prepared?: (program: string, hostKey: string) => string;
    /** Takes the host key of huygens1 from a resource of the program: a command on the host at `address` that prints it. */
    withKeyOfResource: (program: string, hostKey: string, address: string) => string;
    /** Adds a second cluster, `other`, of one web host and a node, with these host keys. */
    withOther: (program: string, web: string, node: string) => string;
}

/** The example of a language, on hosts of the lab. */
export function testLanguage(language: Language): void {
    const folder = mkdtempSync(join(tmpdir(), `pulumi-hrm-${language.name}-`));
    const program = join(folder, "program");
    let cluster: TestCluster;
    let path: string;
    let written: string;

    const stack = (env: Record<string, string> = {}) =>
        Stack.open({ program, folder: join(folder, "stack"), keepsLogs: false, env: { PATH: path, ...env } });
    /** @returns what it printed */
    const succeeds = async (running: Promise<Outcome>) => {
        const { code, output } = await running;
        expect(code, output).to.equal(0);
        return output;
    };
    const write = (text: string) => writeFileSync(join(program, language.file), text);

    /** The example as it is, but for names, addresses and keys. */
    function writeExample(): void {
        const root = repositoryRoot();
        cpSync(join(root, "examples", language.name), program, { recursive: true });
        const hosts: [name: string, key: RegExp][] = [
            ["web", /ssh-ed25519 \S+OA0n/],
            ["huygens1", /ssh-ed25519 \S+qoTbf/],
            ["huygens2", /ssh-ed25519 \S+FqkL/],
        ];
        for (const file of readdirSync(program)) {
            let text = readFileSync(join(program, file), "utf8").replace("../../plugin", join(root, "plugin"));
            text = text.replace("hrm.example.org", "web").replace("192.0.2.11", cluster.lab.host("huygens1").address);
            text = text.replace("192.0.2.12", cluster.lab.host("huygens2").address);
            for (const [name, key] of hosts) text = text.replace(key, cluster.lab.host(name).hostKey);
            // Here no name of the lab is known.
            const { address, hostKey } = cluster.lab.host("web");
            text = text.replace(hostKey, `${hostKey}${language.argument("host", address)}`);
            text = text.replace(/^( *)("?settings"?: ?)/m, `$1${language.argument("drift", "{connectSeconds: 60, checkSeconds: 60}")}$2`);
            writeFileSync(join(program, file), text);
        }
        const text = readFileSync(join(program, language.file), "utf8");
        written = language.prepared?.(text, cluster.lab.host("huygens1").hostKey) ?? text;
        write(written);
    }

    before(async function () {
        const host = await language.host(() => {});
        if (host === undefined) this.skip();
        cluster = await TestCluster.make(`t-${language.name}`, [[0, 1], [0]]);
        writeExample();
        const { folders = ["."] } = language;
        path = [...folders.map(name => join(host, name)), (await engine(() => {})).env.PATH].join(delimiter);
        await (await stack()).configure("adminKey", readFileSync(cluster.lab.admin.privateKey, "utf8"), { secret: true });
    });
    after(async () => {
        await cluster?.down();
        rmSync(folder, { recursive: true });
    });

    it("brings a cluster up, which has nothing to do then", async () => {
        await succeeds((await stack()).up());
        expect(await cluster.rows()).to.deep.equal([
            "huygens1 0 | /usr/local/bin/hucore | 0",
            "huygens1 1 | /usr/local/bin/hucore | 1",
            "huygens2 -1 | /usr/local/bin/hucore | -1",
        ]);
        expect(await succeeds((await stack()).preview("--expect-no-changes"))).not.to.contain("not looked at");
        const [job] = await cluster.runJobs(1);
        expect(job?.ok, job?.detail).to.equal(true);
    });

    it("shows what somebody changed by hand, repairs it, and shows the same again", async () => {
        for (const _ of [1, 2]) {
            await cluster.lab.run("web", "chmod g-rwx /data/hrm_data");
            const preview = await (await stack()).preview("--expect-no-changes");
            expect(preview.code, preview.output).to.equal(7);
            expect(preview.output).to.contain("web: /data/hrm_data: mode 2705, want at least 2770");
            await succeeds((await stack()).up());
            expect(await cluster.lab.run("web", "stat -c %a /data/hrm_data")).to.equal("2775\n");
        }
    });

    it("takes a host key that another resource of the program has", async () => {
        write(language.withKeyOfResource(written, cluster.lab.host("huygens1").hostKey, cluster.lab.web.address));
        await succeeds((await stack()).up());
        await succeeds((await stack()).preview("--expect-no-changes"));
        write(written);
        await succeeds((await stack()).up());
    });

    it("may have two clusters in one program, but no host in both", async () => {
        const key = (name: string) => cluster.lab.host(name).hostKey;
        write(language.withOther(written, otherKeys[0]!, otherKeys[1]!));
        expect(await succeeds((await stack({ HRM_DRIFT: "off" })).preview())).to.contain("other-huygens9-link");
        write(language.withOther(written, otherKeys[0]!, key("huygens1")));
        const shared = await (await stack({ HRM_DRIFT: "off" })).preview();
        write(written);
        expect(shared.code, shared.output).not.to.equal(0);
        expect(shared.output).to.match(/huygens[19]\.connection\.hostKey: is that of \S+ too: one host in two clusters/);
        expect(shared.output).not.to.match(/\.js:\d/);
    });

    it("warns of a host that it cannot look at, and fails with HRM_DRIFT=strict", async () => {
        await cluster.lab.powerOff("huygens1");
        expect(await succeeds((await stack()).preview())).to.match(/warning: huygens1: not looked at for changes made by hand/);
        const strict = await (await stack({ HRM_DRIFT: "strict" })).preview();
        expect(strict.code, strict.output).not.to.equal(0);
        expect(strict.output).to.match(/error: huygens1: not looked at/);
        await cluster.lab.powerOn("huygens1");
    });

    it("tells wrong arguments all at once, without a stack trace", async () => {
        write(written.replace(/admin@example\.org/, "admin").replace(/gpus("?): \[0, 1\]/, "gpus$1: [0, -1]"));
        const { code, output } = await (await stack({ HRM_DRIFT: "off" })).preview();
        write(written);
        expect(code, output).not.to.equal(0);
        expect(output).to.contain("HrmCluster hrm: 2 problems in the description; no host was touched.");
        expect(output)
            .to.contain("nodes.huygens1.gpus[1]: -1, want a GPU's number from 0")
            .and.to.contain("settings.emailAdmin: 'hrm-admin'");
        expect(output).not.to.match(/\.js:\d/);
    });

    it("leaves no key and no password in the stack's state, its history or the plugin's output", async () => {
        const config = await cluster.lab.run("web", "cat /var/www/html/hrm/config/hrm_config.inc");
        const password = /db_password = '([\w.-]{32})'/.exec(config)![1]!;
        const files = readdirSync(join(folder, "stack"), { recursive: true, withFileTypes: true }).filter(each => each.isFile());
        const texts = files.map(each => ({ name: each.name, text: readFileSync(join(each.parentPath, each.name), "utf8") }));
        expect(texts.some(({ text }) => text.includes("hrm-web-identity"))).to.equal(true);
        for (const { name, text } of texts) {
            expect(text.includes("BEGIN OPENSSH"), name).to.equal(false);
            expect(text.includes(password), name).to.equal(false);
        }
    });

    it("is destroyed", async () => {
        await succeeds((await stack()).destroy());
        expect(await cluster.rows()).to.deep.equal([]);
    });
}

/** Of hosts that are not there. */
const otherKeys = [
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIP2Or1SKZSIyj7mkEZUlj0dxMmrSEDC/TREBDFUjJfte",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICPFNR5Td1tCpAd2zq9hTnp7egsNDU2KC5zK1n7ub/m2",
];
