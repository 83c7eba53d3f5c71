import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isOlder } from "../../engine/build";
import { cached, cacheFolder, cacheKey } from "../../engine/cache";
import { findGo } from "../../engine/go";
import { repositoryRoot } from "../../engine/root";
import { which } from "../../engine/which";

describe("engine: cache", () => {
    const before = process.env.XDG_CACHE_HOME;

    beforeEach(() => {
        process.env.XDG_CACHE_HOME = mkdtempSync(join(tmpdir(), "engine-cache-"));
    });

    afterEach(() => {
        rmSync(process.env.XDG_CACHE_HOME!, { recursive: true });
        if (before === undefined) delete process.env.XDG_CACHE_HOME;
        else process.env.XDG_CACHE_HOME = before;
    });

    const make = async (folder: string) => writeFileSync(join(folder, "file"), "whole");

    it("makes an entry once, also for several who want it at the same time", async () => {
        let made = 0;
        const slowly = async (folder: string) => {
            made++;
            await sleep(50);
            await make(folder);
        };
        const folders = await Promise.all([1, 2, 3].map(() => cached("kind", "key", () => {}, slowly)));
        assert.equal(made, 1);
        assert.deepEqual(new Set(folders), new Set([join(cacheFolder(), "kind-key")]));
        assert.deepEqual(readdirSync(cacheFolder()), ["kind-key"]);
    });

    it("leaves nothing of an entry that failed", async () => {
        await assert.rejects(
            cached(
                "kind",
                "key",
                () => {},
                async folder => {
                    await make(folder);
                    throw new Error("no space left");
                },
            ),
            /no space left/,
        );
        assert.deepEqual(readdirSync(cacheFolder()), []);
    });

    it("is told without a stack trace where a person interrupts what is being made", async function () {
        this.timeout(60_000);
        // Without a pulumi on PATH.
        const env = { ...process.env, PATH: `${dirname(process.execPath)}:/usr/bin:/bin` };
        if (findGo() === undefined || which("pulumi", env.PATH.split(":")) !== undefined) this.skip();
        const child = spawn(process.execPath, [join(repositoryRoot(), "dist/test/run.js"), "lab", "engine-options"], { env });
        let [printed, complained] = ["", ""];
        child.stdout.on("data", data => {
            printed += data;
            if (!child.killed && /building the Pulumi CLI/.test(printed)) child.kill("SIGINT");
        });
        child.stderr.on("data", data => (complained += data));
        const code = await new Promise(resolve => child.on("close", resolve));
        assert.equal(complained, "interrupted by SIGINT\n", printed);
        assert.equal(code, 1);
    });

    it("is not stopped by what a process that is gone has left", async () => {
        await cached("other", "key", () => {}, make);
        writeFileSync(join(cacheFolder(), "kind-key.lock"), "4194305 1");
        const half = join(cacheFolder(), "kind-key.tmp-4194305");
        await cached(
            "unrelated",
            "key",
            () => {},
            async () => {},
        );
        writeFileSync(half, "");
        assert.ok(existsSync(join(await cached("kind", "key", () => {}, make), "file")));
        assert.ok(!existsSync(half));
    });

    it("has keys that tell apart what they are made from", () => {
        assert.match(cacheKey("a"), /^[0-9a-f]{16}$/);
        assert.equal(cacheKey("a", Buffer.from("b")), cacheKey("a", "b"));
        assert.equal(new Set([cacheKey("ab", "c"), cacheKey("a", "bc"), cacheKey("abc"), cacheKey("c", "ab")]).size, 4);
    });
});

describe("engine: version of Go", () => {
    it("is compared number by number", () => {
        for (const old of ["go1.9", "go1.25.10", "go1.25", "go1.24.99"]) assert.ok(isOlder(old), old);
        for (const good of ["go1.25.11", "go1.26.8", "go1.26", "go2.0", "devel +abc"]) assert.ok(!isOlder(good), good);
    });
});
