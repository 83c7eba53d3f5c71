// Covers: engine/plugins/command
/** What this library relies on in `remote.CopyToRemote`: the same tests for the stand-in and for a real provider on PATH. */
import { strict as assert } from "node:assert";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { engine } from "../../engine/engine";
import { type Lab, labUp } from "../../lab/lab";
import { Sshd } from "./engine-sshd";
import { type Resources, Stack } from "./engine-stack";

describe("remote.CopyToRemote", function () {
    this.timeout(900_000);
    let lab: Lab;
    let sshd: Sshd;
    let stack: Stack;
    let pulumi: Awaited<ReturnType<typeof engine>>;

    before(async () => {
        pulumi = await engine(console.log);
        lab = await labUp({ name: "t-eng-copy", gpus: [], log: console.log });
        sshd = new Sshd(lab);
        await sshd.start();
    });

    after(async () => {
        await sshd?.stop();
        sshd?.remove();
        await lab?.down();
    });

    beforeEach(async () => {
        stack = new Stack(pulumi);
        await sshd.shell("rm -rf /tmp/t; mkdir -p /tmp/t/folder");
        mkdirSync(join(stack.folder, "tree", "sub"), { recursive: true });
        writeFileSync(join(stack.folder, "tree", "sub", "inner"), "inner");
        writeFileSync(join(stack.folder, "tree", "outer"), "x".repeat(1_000_000));
        writeFileSync(join(stack.folder, "empty"), "");
    });

    afterEach(() => stack.remove());

    const copy = (source: object, remotePath: string, connection: object = {}): Resources => ({
        a: { type: "CopyToRemote", args: { connection: { ...sshd.connection, ...connection }, source, remotePath } },
    });
    const copied = async (source: object, remotePath: string) => {
        const result = await stack.up(copy(source, remotePath));
        assert.equal(result.code, 0, result.text);
    };
    const files = () => sshd.shell("cd /tmp/t && find . -type f -printf '%P %s %m\\n' | sort");

    it("copies a text to a path, with its parent folders", async () => {
        await copied({ $text: "line\n" }, "/tmp/t/new/deep/text");
        assert.equal(await sshd.shell("cat /tmp/t/new/deep/text"), "line\n");
        assert.equal((await stack.up(copy({ $text: "line\n" }, "/tmp/t/new/deep/text"))).changes.same, 1);
    });

    it("copies files into a folder, to a new path and over an old file", async () => {
        await copied({ $file: "tree/outer" }, "/tmp/t/folder");
        await copied({ $file: "tree/outer" }, "/tmp/t/deep/new");
        await sshd.shell("chmod 600 /tmp/t/deep/new");
        await copied({ $file: "empty" }, "/tmp/t/deep/new");
        assert.equal(await files(), "deep/new 0 600\nfolder/outer 1000000 644\n");
    });

    it("copies folders with and without their name", async () => {
        await copied({ $folder: "tree" }, "/tmp/t/folder");
        await copied({ $folder: "tree/" }, "/tmp/t/other");
        const tree = (folder: string) => `${folder}/outer 1000000 644\n${folder}/sub/inner 5 644\n`;
        assert.equal(await files(), tree("folder/tree") + tree("other"));
    });

    it("refuses a text for a folder, a folder for a file and a missing source", async () => {
        await sshd.shell("touch /tmp/t/file");
        const wrong: [Resources, RegExp][] = [
            [copy({ $text: "x" }, "/tmp/t/folder"), /remote path \/tmp\/t\/folder is a directory; when using a text asset/],
            [copy({ $folder: "tree" }, "/tmp/t/file"), /\/tmp\/t\/file/],
        ];
        for (const [resources, reason] of wrong) assert.match((await stack.up(resources)).text, reason);
        assert.equal((await stack.up(copy({ $file: "nothing" }, "/tmp/t/x"))).code, 1);
    });

    it("copies again for another content or path, not for another connection", async () => {
        await copied({ $text: "1" }, "/tmp/t/text");
        await sshd.shell("rm /tmp/t/text");
        const connection = await stack.up(copy({ $text: "1" }, "/tmp/t/text", { perDialTimeout: 14 }));
        assert.deepEqual(connection.changes, { update: 1 }, connection.text);
        assert.equal(await files(), "");
        await copied({ $text: "2" }, "/tmp/t/text");
        await copied({ $text: "2" }, "/tmp/t/moved");
        assert.equal(await files(), "moved 1 644\ntext 1 644\n");
        assert.deepEqual((await stack.up({})).changes, { delete: 1 });
        assert.equal(await files(), "moved 1 644\ntext 1 644\n");
    });
});
