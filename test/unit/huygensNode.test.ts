import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { HrmCluster, HuygensNode, ServerRegistry, WebQueueHost } from "../../lib";
import { commandsOf, declare, known } from "./support/declare";
import { connection, example } from "./support/descriptions";
import { readPhpFile } from "./support/literals";
import { changed, clusterProblems, problemsOf, withoutAgent } from "./support/refused";
import { exampleSteps, valuesOf } from "./support/steps";

const path61 = `/${"h".repeat(60)}`;

describe("HuygensNode", () => {
    withoutAgent();

    const wrong: [argument: string, value: unknown, problem: string][] = [
        ["hucore", path61, `'${path61.slice(0, 40)}...', want at most 60 characters, which is what HRM's registry holds`],
        ["hucore", "bin/hucore", "'bin/hucore', want an absolute path"],
        ["hucore", "/opt/my hucore", "'/opt/my hucore', want an absolute path"],
        ["hucore", null, "null, want an absolute path"],
        ["gpus", "0", "'0', want a list of GPU numbers such as [0, 1]"],
        ["gpus", 2, "2, want a list of GPU numbers"],
        ["gpus", null, "null, want a list of GPU numbers"],
        ["gpus", { 0: true }, "an object, want a list of GPU numbers"],
        ["maintenance", "yes", "'yes', want true or false"],
        ["gpu", 0, "there is no such argument, only connection, gpus, hucore, maintenance"],
    ];
    for (const [argument, value, problem] of wrong) {
        it(`refuses ${argument}: ${problem}`, async () => {
            const path = `nodes.huygens1.${argument}`;
            const found = await clusterProblems(changed(example(), path, value));
            expect(found.map(line => line.slice(0, `${path}: ${problem}`.length))).to.deep.equal([`${path}: ${problem}`]);
        });
    }

    const wrongGpus: [gpus: unknown[], problem: string][] = [
        [[0, 1, 0], "gpus[2]: 0 is there twice"],
        [[-1], "gpus[0]: -1, want a GPU's number from 0; leave gpus out for CPU only"],
        [[0.5], "gpus[0]: 0.5, want"],
        [["0"], "gpus[0]: '0', want"],
        [[0, undefined], "gpus[1]: undefined, want"],
        [[2 ** 31], "gpus[0]: 2147483648, want"],
        [[Number.NaN], "gpus[0]: NaN, want"],
    ];
    for (const [gpus, problem] of wrongGpus) {
        it(`refuses ${problem}`, async () => {
            const found = await clusterProblems(changed(example(), "nodes.huygens1.gpus", gpus));
            expect(found.map(line => line.slice(0, `nodes.huygens1.${problem}`.length))).to.deep.equal([`nodes.huygens1.${problem}`]);
        });
    }

    for (const name of ["huygens 3", "huygens_3", "-h", "h-", "a..b", "fe80::1", "h;id", "", "é", "a".repeat(64), `${"a.".repeat(90)}a`]) {
        it(`refuses the name '${name.slice(0, 20)}'`, async () => {
            const found = await clusterProblems({ ...example(), nodes: { [name]: { connection: connection(9) } } });
            expect(found).to.have.lengthOf(1);
            expect(found[0]).to.match(/^nodes\..*, want a host name/);
        });
    }

    for (const name of ["localhost", "LocalHost", "localhost.localdomain"]) {
        it(`refuses the name '${name}' beside others, since it is the web host itself`, async () => {
            const found = await clusterProblems(
                changed(example(), "nodes", { [name]: { connection: connection(9) }, other: { connection: connection(8) } }),
            );
            expect(found).to.have.lengthOf(1);
            expect(found[0]).to.satisfy((line: string) =>
                line.startsWith(`nodes.${name}: would be the web host itself; give the node's own name`),
            );
        });
    }

    it("in maintenance it has no steps on it and no rows, but is still described", async () => {
        const { resources, result } = await declare(
            () => new HrmCluster("hrm", changed(example(), "nodes.huygens1.maintenance", true) as never),
        );
        const names = commandsOf(resources).map(({ name }) => name);
        expect(names.filter(name => name.includes("huygens1"))).to.deep.equal([]);
        expect((await known(result.servers)).map(({ name }) => name)).to.deep.equal(["Huygens2 0", "cpu1 -1"]);
        expect(valuesOf(resources, "hrm-registry", "departures")).to.include({
            nodes: "huygens1\nHuygens2\ncpu1",
            serving: "Huygens2\ncpu1",
        });
    });

    it("shares its image folder with the web host where the description says so", async () => {
        const { resources } = await declare(() => new HrmCluster("hrm", { ...example(), storage: { shared: true } }));
        expect(valuesOf(resources, "hrm-huygens1", "folders").folders).to.equal("- /var/www/html/hrm/scripts");
        expect(valuesOf(resources, "hrm-huygens1-link", "link").shared).to.equal("yes");
        expect(readPhpFile(valuesOf(resources, "hrm-web", "config").hrm_config!).get("copy_images_to_huygens_server")).to.equal(false);
    });

    it("takes a path of 60 characters", async () => {
        const args = changed(example(), "nodes.huygens1.hucore", path61.slice(0, 60));
        expect((await declare(() => new HrmCluster("hrm", args as never))).resources).not.to.deep.equal([]);
    });

    it("refuses what is no WebQueueHost", async () => {
        for (const webQueueHost of [undefined, null, {}, "web", example().web]) {
            const found = await problemsOf(() => new HuygensNode("huygens3", { connection: connection(9), webQueueHost } as never));
            expect(found).to.have.lengthOf(1);
            expect(found[0]).to.match(/^webQueueHost: .*WebQueueHost/);
        }
        for (const [node, problem] of [
            [pulumi.output("huygens3"), "node: is an output, want the plain value: a host name"],
            [null, "node: null, want a host name"],
            ["my node", "node: 'my node', want a host name"],
        ] as const) {
            const found = await problemsOf(() => new HuygensNode("huygens3", { connection: connection(9), node } as never));
            expect(found.filter(line => line.startsWith("node: ")).map(line => line.slice(0, problem.length))).to.deep.equal([problem]);
        }
        expect((await problemsOf(() => new HuygensNode("huygens3", undefined as never)))[0]).to.match(/^args: undefined, want an object/);
    });

    it("refuses a component's name that is no host name, unless the node has another", async () => {
        const problems = await problemsOf(() => new HuygensNode("my node", { connection: connection(9) } as never));
        expect(problems).to.include("node: 'my node', want a host name: letters, digits, '-' and '.'");
        const others = await problemsOf(() => new HuygensNode("my node", { connection: connection(9), node: "huygens3" } as never));
        expect(others.join()).not.to.include("node: ");
    });

    it("pins the host key under the name by which ssh looks it up", async () => {
        const value = async (name: string, key: string) =>
            (await exampleSteps()).find(({ resource }) => resource.name === name)!.values[key]!;
        expect(await value("hrm-huygens1-link", "known_hosts")).to.equal(`huygens1 ${connection(2).hostKey}\n`);
        expect(await value("hrm-huygens2-link", "known_hosts")).to.equal(`[huygens2]:2222 ${connection(3).hostKey}\n`);
        expect(await value("hrm-huygens1-link", "ssh_config")).to.match(/^Host huygens1\n(.*\n)* {4}Port 22\n/m);
        // ssh compares the names of Host blocks with case.
        expect(await value("hrm-huygens2-link", "ssh_config")).to.match(/^Host Huygens2 huygens2\n(.*\n)* {4}Port 2222\n/m);
        expect(await value("hrm-huygens2-link", "ssh_config")).to.include("/huygens2.known_hosts\n");
    });

    it("takes the key's comment for no part of it", async () => {
        const args = changed(example(), "nodes.huygens1.connection.hostKey", `${connection(2).hostKey} root@huygens1\n`);
        const { resources } = await declare(() => new HrmCluster("hrm", args as never));
        expect(valuesOf(resources, "hrm-huygens1-link", "link").known_hosts).to.equal(`huygens1 ${connection(2).hostKey}\n`);
    });

    for (const [isOnWebHost, node, problem] of [
        [true, "huygens1", "node: the node that is the web host itself has to be named localhost, or HRM uses ssh"],
        [false, "localhost", "node: would be the web host itself; give the node's own name"],
    ] as const) {
        it(`described by hand, ${node} is refused where imageProcessingIsOnQueueManager is ${isOnWebHost}`, async () => {
            await declare(() => {
                const webQueueHost = new WebQueueHost("web", { ...example().web, imageProcessingIsOnQueueManager: isOnWebHost });
                expect(() => new HuygensNode(node, { webQueueHost, connection: connection(9) })).to.throw(problem);
            });
        });
    }

    it("described by hand, it has the steps that HrmCluster declares for it", async () => {
        const { web, nodes } = example();
        const { resources } = await declare(() => {
            const webQueueHost = new WebQueueHost("hrm-web", web);
            const all = Object.entries(nodes).map(
                ([node, args]) => new HuygensNode(`hrm-${node.toLowerCase()}`, { ...args, node, webQueueHost }),
            );
            new ServerRegistry("hrm-registry", { webQueueHost, nodes: all });
        });
        const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
        const inCluster = new Set((await exampleSteps()).map(({ resource }) => resource));
        expect(commandsOf(resources).sort(byName)).to.deep.equal([...inCluster].sort(byName));
    });
});
