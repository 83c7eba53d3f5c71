import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { repositoryRoot } from "../../engine/root";
import { type Lab, labCopy, labDown, labUp } from "../../lab/lab";

const log = () => {};

describe("copies of a lab", () => {
    const folder = mkdtempSync(join(tmpdir(), "pulumi-hrm-copies-"));
    let first: Lab;
    let copy: Lab;
    before(async () => {
        for (const name of ["t-first", "t-copy"]) await labDown(name);
        first = await labUp({ name: "t-first", gpus: [[0, 1]], pace: { idle: 7 }, log });
        await first.run("web", 'mariadb -e "CREATE DATABASE kept; CREATE TABLE kept.t (a INT); INSERT INTO kept.t VALUES (42)"');
        // What an overlay remembers by a device, and by an attribute of a folder.
        await first.run(
            "huygens1",
            "rm /usr/bin/free; rm -r /etc/ssh/ssh_config.d; mkdir /etc/ssh/ssh_config.d; echo a >/srv/file; chown 1000:7 /srv/file; sync",
        );
        await first.run("web", "mkdir -p /also && echo b >/also/here");
    });
    after(async () => {
        await first?.down();
        await copy?.down();
        rmSync(folder, { recursive: true });
    });

    let id: string;
    it("have the disks, keys, names and addresses of hosts that were switched off in good order", async () => {
        const { hosts } = first;
        id = await first.run("web", "cat /etc/machine-id");
        await first.save(folder);
        expect(first.isRunning("web")).to.equal(false);
        await first.down();
        copy = await labCopy("t-copy", folder, log);
        expect(copy.hosts).to.deep.equal(hosts);
        expect(await copy.run("web", "mariadb -N -e 'SELECT a FROM kept.t'; cat /also/here /etc/hrm-stand-in")).to.equal(
            "42\nb\nidle = 7\n",
        );
        // In good order: MariaDB had nothing to recover.
        expect(await copy.run("web", "journalctl -q -u mariadb -o cat | grep -ci 'crash recovery' || :")).to.equal("0\n");
        expect((await copy.exec("huygens1", "ls /usr/bin/free")).code).not.to.equal(0);
        expect(await copy.run("huygens1", "ls /etc/ssh/ssh_config.d; stat -c '%u %g' /srv/file")).to.equal("1000 7\n");
    });

    it("name no folder of the checkout that made the first, which may be gone", () => {
        expect(readFileSync(join(folder, "lab.json"), "utf8")).not.to.contain(repositoryRoot());
    });

    it("have machine ids of their own", async () => {
        const ids = await Promise.all(copy.hosts.map(({ name }) => copy.run(name, "cat /etc/machine-id")));
        expect(new Set([id, ...ids]).size).to.equal(3);
    });

    it("change nothing of what they are copies of", async () => {
        await copy.run("web", "rm /also/here; echo c >/also/there");
        expect(existsSync(join(folder, "hosts/web/upper/also/here"))).to.equal(true);
        expect(existsSync(join(folder, "hosts/web/upper/also/there"))).to.equal(false);
    });

    it("are refused where one of the same addresses is there already, by name", async () => {
        const error = await labCopy("t-again", folder, log).then(
            () => "none",
            ({ message }: Error) => message,
        );
        expect(error).to.match(
            /^Lab t-again needs the network 198\.1[89]\.\d+\.0\/24 of the lab that it is a copy of, which is in use here\.$/,
        );
        expect(existsSync("/run/hrm-lab/t-again")).to.equal(false);
    });

    it("come up again with their disks after a power cut", async () => {
        await copy.powerOff("huygens1");
        await copy.powerOn("huygens1");
        expect(await copy.run("huygens1", "cat /srv/file")).to.equal("a\n");
    });

    it("have a node installed anew without what the copy began with", async () => {
        await copy.reinstall("huygens1");
        expect((await copy.exec("huygens1", "ls /srv/file")).code).not.to.equal(0);
        await copy.run("huygens1", "ls /usr/bin/free");
    });
});
