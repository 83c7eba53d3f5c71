// Covers: lib/steps/huygensCore lib/steps/fetch lib/steps/apt lib/huygensCore lib/description/huygensCore lib/steps/restart
import { createHash } from "node:crypto";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { Result } from "../../lab/command";
import { asHrmWrites, type HuygensCorePackage, makeHuygensCorePackage } from "../../lab/huygensCore";
import type { Verb } from "../../lib/hosts/launcher";
import { TestCluster } from "./support/cluster";
import { differencesIn, runStep } from "./support/onHost";
import { collected, jobOn, upWaitingFor } from "./support/queue";
import { until } from "./support/until";

const licenceFile = "/usr/local/svi/huygensLicense";
const licence = "HuCore-24.10-lins-pvcnsrlfm-eom2026Dec31em{hush-hush-one}";

describe("Huygens Core from a package", () => {
    let cluster: TestCluster;
    const debs: Record<string, { file: string; sha256: string }> = {};
    const node = (command: string) => cluster.lab.run("huygens1", command);

    const make = async (name: string, of: HuygensCorePackage) => {
        const file = join(cluster.lab.folder, `${name}.deb`);
        await makeHuygensCorePackage(file, of);
        debs[name] = { file, sha256: createHash("sha256").update(readFileSync(file)).digest("hex") };
    };

    before(async () => {
        cluster = await TestCluster.ready("t-core", [[0, 1], [0]]);
        await make("older", { version: "23.4.0" });
        await make("good", { version: "24.10.0" });
        await make("newer", { version: "25.4.0" });
        await make("hollow", { version: "24.10.0", hasHucore: false });
        await make("needy", { version: "24.10.0", control: "Depends: libnowhere-1\n" });
        await make("failing", { version: "24.10.0", postinst: "exit 1" });
        await make("slow", { version: "24.10.1", postinst: "touch /run/sets-up; sleep 20" });
        const file = join(cluster.lab.folder, "text.deb");
        writeFileSync(file, "no package\n");
        debs.text = { file, sha256: createHash("sha256").update("no package\n").digest("hex") };
    });
    after(() => cluster?.down());

    /** The step alone, as its host gets it. */
    function step(verb: Verb, deb = "good", instead: Record<string, string | string[]> = {}): Promise<Result> {
        const values = { user: "hrm", group: "hrm", sha256: debs[deb]!.sha256, address: "", brought: "core", licence: "", busy_seconds: 2 };
        return runStep(cluster, verb, { step: "huygensCore", host: "huygens1", values: { ...values, ...instead } });
    }
    const bring = (deb = "good") => copyFileSync(debs[deb]!.file, join(cluster.lab.root("huygens1"), "root/core"));
    const differences = async (deb?: string, instead?: Record<string, string | string[]>) =>
        differencesIn(await step("check", deb, instead));
    const install = async (deb?: string) => {
        bring(deb);
        const result = await step("ensure", deb);
        expect(result.code, result.stderr).to.equal(0);
        return result;
    };
    const version = () => node("dpkg-query -W huygens 2>/dev/null | cut -f 2; dpkg --audit");

    describe("by the step alone", () => {
        before(() => node("systemctl stop ssh; while pgrep hucore; do sleep 0.2; done"));
        after(() => node("systemctl start ssh"));

        for (const { title, deb = "good", put = ":", remove = ":", brings = "yes", instead, says } of [
            {
                title: "another checksum",
                instead: { sha256: "a".repeat(64) },
                says: ["the package of Huygens Core has another checksum", "nothing was installed"],
            },
            { title: "one that was not brought", brings: "", says: ["is not where it was copied to: /root/core", "run this again"] },
            { title: "what is no package", deb: "text", says: ["no package of Debian's kind", "a .deb file"] },
            { title: "a package without hucore", deb: "hollow", says: ["the package huygens 24.10.0 has no hucore"] },
            {
                title: "a package that needs what is nowhere",
                deb: "needy",
                says: ["apt-get cannot install huygens 24.10.0: ", "libnowhere-1"],
            },
            {
                title: "another system than Debian",
                put: "cp -P /etc/os-release /root; rm /etc/os-release; printf 'ID=fedora\\nPRETTY_NAME=\"Fedora Linux 42\"\\n' >/etc/os-release",
                remove: "rm /etc/os-release; mv /root/os-release /etc",
                says: ["this host is Fedora Linux 42", "describe huygensCore for the other hosts one by one"],
            },
            {
                title: "a disk without room",
                put: "mount -t tmpfs -o size=4k none /var/lib/pulumi-hrm; echo >/var/lib/pulumi-hrm/its-one-page",
                remove: "umount /var/lib/pulumi-hrm",
                says: ["the package of Huygens Core cannot be copied: ", "free on /var/lib/pulumi-hrm"],
            },
            {
                title: "a host on which hucore runs",
                put: "cp /bin/sleep /tmp/hucore; setsid /tmp/hucore 60 >/dev/null 2>&1 </dev/null & sleep 0.3",
                remove: "pkill -x hucore; rm /tmp/hucore",
                says: ["waiting for hucore to end, 2 s at most", "hucore runs on this host (process ", "maintenance: true"],
            },
        ] as {
            title: string;
            deb?: string;
            put?: string;
            remove?: string;
            brings?: string;
            instead?: Record<string, string>;
            says: string[];
        }[])
            it(`refuses ${title}, and changes nothing`, async () => {
                await node(put);
                if (brings) bring(deb);
                const { code, stderr } = await step("ensure", deb, instead);
                await node(remove);
                await node("rm -f /root/core");
                expect(code, stderr).to.equal(1);
                for (const text of says) expect(stderr, stderr).to.contain(text);
                for (const line of stderr.trim().split("\n")) expect(line).to.match(/^huygens1: huygensCore: /);
                expect(await version()).to.equal("");
            });

        it("is installed, and stays as it is then", async () => {
            expect(await differences()).to.deep.equal(["Huygens Core: not the described package, want it"]);
            await install();
            expect(await version()).to.equal("24.10.0\n");
            expect(await differences()).to.deep.equal([]);
            expect((await step("ensure")).stderr).to.equal("");
            expect(await node("ls /root /var/lib/pulumi-hrm | grep -xe core -e 'scratch.*' || :")).to.equal("");
        });

        it("is taken as it is, where somebody has installed the same version by hand", async () => {
            await node("rm /var/lib/pulumi-hrm/huygens-core");
            const { stderr } = await install();
            expect(stderr).not.to.contain("apt-get installs");
            expect(await differences()).to.deep.equal([]);
        });

        for (const { title, change, difference } of [
            { title: "another version", change: "newer", difference: /^package huygens: 25\.4\.0 there, want 24\.10\.0$/ },
            { title: "an older one", change: "older", difference: /^package huygens: 23\.4\.0 there, want 24\.10\.0$/ },
            { title: "none", change: "", difference: /^package huygens: not there, want 24\.10\.0$/ },
        ])
            it(`where somebody has installed ${title} is the described one again`, async () => {
                if (change) copyFileSync(debs[change]!.file, join(cluster.lab.root("huygens1"), "root/other.deb"));
                await node(change ? "dpkg -i /root/other.deb 2>&1; rm /root/other.deb" : "dpkg -r huygens");
                expect((await differences()).join()).to.match(difference);
                await install();
                expect(await version()).to.equal("24.10.0\n");
                expect(await differences()).to.deep.equal([]);
            });

        it("is there though somebody holds it, and comes again where its hucore is gone", async () => {
            await node("apt-mark hold huygens >/dev/null");
            expect(await differences()).to.deep.equal([]);
            await node("apt-mark unhold huygens >/dev/null; rm $(dpkg -L huygens | grep '/hucore$')");
            expect(await differences()).to.deep.equal(["package huygens: 24.10.0 without its hucore is there, want 24.10.0"]);
            await install();
            expect(await node("test -x $(dpkg -L huygens | grep '/hucore$' | head -n 1) && echo there")).to.equal("there\n");
            expect(await differences()).to.deep.equal([]);
        });

        it("whose setting up fails is told in apt-get's words, and mended by a good one", async () => {
            await node("dpkg -P huygens; rm /var/lib/pulumi-hrm/huygens-core");
            bring("failing");
            const { code, stderr } = await step("ensure", "failing");
            expect(code, stderr).to.equal(1);
            expect(stderr).to.contain("apt-get cannot install huygens 24.10.0: ");
            await install("newer");
            expect(await version()).to.equal("25.4.0\n");
        });

        it("that was cut off while it was set up is complete after a run more", async () => {
            bring("slow");
            const cut = step("ensure", "slow");
            await until("the package's own script", async () => (await cluster.lab.exec("huygens1", "test -e /run/sets-up")).code === 0);
            await node("pkill -9 -x apt-get; pkill -9 -x dpkg; pkill -9 -f '[s]h -s ensure'; pkill -x sleep; rm /run/sets-up");
            expect((await cut).code).not.to.equal(0);
            expect(await version()).not.to.equal("24.10.1\n");
            await install();
            expect(await version()).to.equal("24.10.0\n");
            expect(await differences()).to.deep.equal([]);
        });

        it("gets a licence that its group alone reads, beside those that are there", async () => {
            const described = { licence: [licence, "second"] };
            expect(await differences("good", described)).to.deep.equal([`${licenceFile}: lacks a licence that is described`]);
            const first = await step("ensure", "good", described);
            expect(first.stderr).not.to.contain("hush");
            expect(await node(`stat -c '%U %G %a' ${licenceFile}; cat ${licenceFile}`)).to.equal(`root hrm 640\n${licence}\nsecond\n`);
            await node(`printf 'ours' >${licenceFile}; chmod 0644 ${licenceFile}; chgrp root ${licenceFile}`);
            expect((await step("ensure", "good", described)).code).to.equal(0);
            expect(await node(`stat -c '%U %G %a' ${licenceFile}; cat ${licenceFile}`)).to.equal(
                `root root 644\nours\n${licence}\nsecond\n`,
            );
            expect(await differences("good", described)).to.deep.equal([]);
            // Of somebody who may not write in its folder.
            await node(`printf 'theirs' >${licenceFile}; chown hrm:hrm ${licenceFile}`);
            const theirs = await step("ensure", "good", described);
            expect(theirs.code, theirs.stderr).to.equal(0);
            expect(await node(`stat -c '%U %G %a' ${licenceFile}; cat ${licenceFile}`)).to.equal(
                `hrm hrm 644\ntheirs\n${licence}\nsecond\n`,
            );
            await node(`chown root:root ${licenceFile}; chmod 0600 ${licenceFile}`);
            expect(await differences("good", described)).to.deep.equal([`${licenceFile}: hrm cannot read it`]);
            const { code, stderr } = await step("ensure", "good", described);
            expect(code).to.equal(1);
            expect(stderr).to.contain(`hrm cannot read ${licenceFile} (root root 600)`).and.to.contain("chgrp hrm");
            await node(`rm ${licenceFile}`);
        });
    });

    describe("in a cluster", () => {
        before(() => node("dpkg -P huygens; rm -f /var/lib/pulumi-hrm/huygens-core"));

        it("is on every node after an up, and the queue manager knows it", async () => {
            copyFileSync(debs.newer!.file, join(cluster.lab.folder, "one.deb"));
            Object.assign(cluster.description, { huygensCore: { package: debs.good!.file, licence } });
            cluster.description.nodes.huygens2!.huygensCore = { package: debs.newer!.file };
            await cluster.configure();
            const preview = await cluster.stack.run(["preview"]);
            expect(preview.output).to.contain("Huygens Core: not the described package, want it");
            await cluster.up();
            for (const [host, version] of [
                ["huygens1", "24.10.0"],
                ["huygens2", "25.4.0"],
            ])
                expect(await cluster.lab.run(host!, "dpkg-query -W huygens")).to.equal(`huygens\t${version}\n`);
            await until("the queue manager's start", () => cluster.hasStarted());
            expect(await cluster.sql("SELECT value FROM global_variables WHERE name = 'huversion'")).to.deep.equal([
                asHrmWrites("24.10.0"),
            ]);
            await cluster.expectNothingToDo();
            await cluster.runJobs(2);
        });

        it("keeps the licence out of what is said and kept in plain", async () => {
            expect(await node(`cat ${licenceFile}`)).to.equal(`${licence}\n`);
            const { output } = await cluster.stack.run(["stack", "export"]);
            expect(output).to.contain("huygensCore").and.not.to.contain("hush-hush");
        });

        it("is not replaced under a job, but when the node has been taken out of service", async () => {
            const id = await jobOn(cluster, "huygens1 0");
            Object.assign(cluster.description, { huygensCore: { package: debs.newer!.file, licence } });
            await cluster.configure();
            const preview = await cluster.stack.run(["preview"]);
            expect(preview.output).to.contain("hucore runs here (").and.to.contain("take the node into maintenance first");
            const refused = await cluster.stack.run(["up", "--yes"]);
            expect(refused.code).to.equal(1);
            expect(refused.output).to.match(
                /huygensCore: hucore runs on this host \(process [\d ]+\), and huygens 25\.4\.0 would replace it/,
            );
            expect(await version()).to.equal("24.10.0\n");
            cluster.description.nodes.huygens1!.maintenance = true;
            await cluster.configure();
            expect((await upWaitingFor(cluster, [id])).code).to.equal(0);
            expect(await collected(cluster, [id])).to.have.length(1);
            delete cluster.description.nodes.huygens1!.maintenance;
            await cluster.configure();
            await cluster.up();
            expect(await version()).to.equal("25.4.0\n");
            expect(await cluster.sql("SELECT value FROM global_variables WHERE name = 'huversion'")).to.deep.equal([asHrmWrites("25.4.0")]);
            await cluster.expectNothingToDo();
            await cluster.runJobs(2);
        });
    });
});
