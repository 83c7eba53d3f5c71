import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { exclusive } from "../../lab/lock";

const quiet = () => {};

describe("lab: lock", () => {
    it("lets one at a time in, and everybody in the end", async () => {
        let inside = 0;
        let most = 0;
        const work = async () => {
            most = Math.max(most, ++inside);
            await sleep(5);
            inside--;
        };
        await Promise.all(Array.from({ length: 8 }, () => exclusive("test one", quiet, work)));
        expect(most).to.equal(1);
    });

    it("is free after an error", async () => {
        const failed = await exclusive("test error", quiet, () => Promise.reject(new Error("no"))).catch((error: Error) => error.message);
        expect(failed).to.equal("no");
        expect(await exclusive("test error", quiet, async () => "yes")).to.equal("yes");
    });

    it("is free when its owner is killed, and says whom it waits for", async () => {
        const program = `require(${JSON.stringify(join(__dirname, "../../lab/lock"))}).exclusive("test kill", () => {}, () => new Promise(() => {
            console.log("in"); setInterval(() => {}, 1000); }))`;
        const owner = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
        await once(owner.stdout, "data");
        const said: string[] = [];
        const entered = exclusive(
            "test kill",
            line => said.push(line),
            async () => "in",
        );
        await sleep(50);
        owner.kill("SIGKILL");
        expect(await entered).to.equal("in");
        expect(said).to.deep.equal([`waiting for process ${owner.pid}, which is busy with test kill`]);
    });
});
