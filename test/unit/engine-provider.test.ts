import { strict as assert } from "node:assert";
import fc from "fast-check";
import { checkConnection, readConnection } from "../../engine/plugins/command/connection";
import { Lines } from "../../engine/plugins/command/lines";
import { quote } from "../../engine/plugins/command/quote";
import { retry } from "../../engine/plugins/command/retry";
import { differences } from "../../engine/provider/diff";
import type { Operation } from "../../engine/provider/resource";
import { isSecret, type Properties, plain, secret, UNKNOWN } from "../../engine/provider/wire";

const difference = (olds: Properties, news: Properties) => Object.fromEntries(differences(olds, news));

describe("engine: differences of inputs", () => {
    it("has none for equal inputs", () => {
        fc.assert(
            fc.property(fc.dictionary(fc.string(), fc.jsonValue()), inputs => {
                const copy = structuredClone(inputs) as Properties;
                assert.deepEqual(difference(inputs as Properties, copy), {});
            }),
        );
    });

    it("names properties, elements and keys", () => {
        assert.deepEqual(difference({ a: 1, b: 2 }, { b: 3, c: 4 }), { a: "delete", b: "update", c: "add" });
        assert.deepEqual(difference({ triggers: [1, 2] }, { triggers: [1, 3, 4] }), { "triggers[1]": "update", "triggers[2]": "add" });
        assert.deepEqual(difference({ environment: { A: "1" } }, { environment: { A: "2" } }), { "environment.A": "update" });
        assert.deepEqual(difference({ environment: {} }, { environment: { "a b": "2" } }), { 'environment["a b"]': "add" });
    });

    it("compares secrets as wholes, and tells them from plain text", () => {
        assert.deepEqual(difference({ a: secret({ b: 1 }) }, { a: secret({ b: 1 }) }), {});
        assert.deepEqual(difference({ a: secret({ b: 1 }) }, { a: secret({ b: 2 }) }), { a: "update" });
        assert.deepEqual(difference({ a: secret("x") }, { a: "x" }), { a: "update" });
    });

    it("compares assets by their content", () => {
        const asset = (path: string, hash: string) => ({
            source: { "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", path, hash },
        });
        assert.deepEqual(difference(asset("one", "same"), asset("two", "same")), {});
        assert.deepEqual(difference(asset("one", "old"), asset("one", "new")), { source: "update" });
    });

    it("ignores what the engine adds", () => {
        assert.deepEqual(difference({ version: "1", __defaults: [] }, { version: "2" }), {});
    });
});

describe("engine: secrets", () => {
    it("are opened at any depth, and marked once", () => {
        assert.deepEqual(plain({ a: secret([secret("x"), { b: secret(1) }]) }), { a: ["x", { b: 1 }] });
        assert.deepEqual(secret(secret("x")), secret("x"));
    });
});

describe("engine: connection", () => {
    it("gets its defaults, and is secret with its keys and passwords", () => {
        const { value, failures } = checkConnection({ host: "h", privateKey: "k", proxy: { host: "p", password: "w" } });
        assert.deepEqual(failures, []);
        assert.ok(isSecret(value));
        const inner = value.value as Properties;
        assert.ok(isSecret(inner.privateKey) && isSecret((inner.proxy as Properties).password));
        const defaults = { port: 22, user: "root", dialErrorLimit: 10, perDialTimeout: 15 };
        assert.deepEqual(readConnection(value), {
            ...defaults,
            host: "h",
            privateKey: "k",
            proxy: { ...defaults, host: "p", password: "w" },
        });
    });

    it("may be unknown in a preview, but not missing", () => {
        assert.deepEqual(checkConnection(UNKNOWN).failures, []);
        assert.equal(checkConnection(undefined).failures.length, 1);
        assert.equal(checkConnection({ user: "root" }).failures.length, 1);
    });
});

describe("engine: quoted commands", () => {
    // What Go's strconv.Quote gives.
    const quoted: [string, string][] = [
        ["a \"b\" \\ $c 'd'", '"a \\"b\\" \\\\ $c \'d\'"'],
        ["\t\n\r\u0007\b\f\v\u0000\u001b\u007f", '"\\t\\n\\r\\a\\b\\f\\v\\x00\\x1b\\x7f"'],
        ["é € 😀", '"é € 😀"'],
        ["\u00a0\u200b\ufeff", '"\\u00a0\\u200b\\ufeff"'],
    ];
    for (const [text, expected] of quoted) it(JSON.stringify(text), () => assert.equal(quote(text), expected));
});

describe("engine: lines of output", () => {
    it("are the same however the bytes arrive", () => {
        fc.assert(
            fc.property(fc.array(fc.stringMatching(/^[a€😀 ]*$/u)), fc.array(fc.nat(40)), (lines, sizes) => {
                const seen: string[] = [];
                const reader = new Lines(line => seen.push(line));
                let rest = Buffer.from(lines.map(line => `${line}\n`).join(""));
                for (const size of sizes) {
                    reader.write(rest.subarray(0, size));
                    rest = rest.subarray(size);
                }
                reader.write(rest);
                reader.end();
                assert.deepEqual(seen, lines);
            }),
        );
    });

    it("may lack their last end, and have a carriage return", () => {
        const seen: string[] = [];
        const reader = new Lines(line => seen.push(line));
        reader.write(Buffer.from("one\r\ntwo"));
        reader.end();
        assert.deepEqual(seen, ["one", "two"]);
    });
});

describe("engine: dial retries", () => {
    const operation = (signal: AbortSignal, lines: string[] = []): Operation => ({ name: "a", signal, log: (_, line) => lines.push(line) });
    const never = new AbortController().signal;

    it("forgive the given number of failures, with growing pauses", async () => {
        const times: number[] = [];
        const lines: string[] = [];
        const work = async () => {
            times.push(Date.now());
            throw new Error("no");
        };
        await assert.rejects(retry(operation(never, lines), "Dial", 3, work), /^Error: after 3 failed attempts: no$/);
        assert.deepEqual(lines, ["Dial 1/3 failed: retrying", "Dial 2/3 failed: retrying", "Dial 3/3 failed: retrying"]);
        const pauses = times.slice(1).map((time, index) => time - times[index]);
        for (const [index, expected] of [100, 150, 225].entries()) assert.ok(pauses[index] > expected - 5, `${pauses}`);
    });

    it("end when the operation is cancelled", async () => {
        const cancel = new AbortController();
        setTimeout(() => cancel.abort(new Error("context canceled")), 120);
        await assert.rejects(
            retry(operation(cancel.signal), "Dial", -1, () => Promise.reject(new Error("no"))),
            /^Error: context canceled$/,
        );
    });
});
