// Covers: lib/hosts/drift lib/description/claims lib/hosts/perRun
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as automation from "@pulumi/pulumi/automation";
import { expect } from "chai";
import { engine } from "../../engine/engine";
import { HrmCluster, type HrmClusterArgs } from "../../lib";
import { pace } from "../../lib/hosts/pace";
import { TestCluster } from "./support/cluster";
import { said } from "./support/preview";
import { until } from "./support/until";
import { vault } from "./support/vault";

/** The cluster of a test as a person describes it who runs Pulumi from a program of their own. */
function argsOf({ lab, description }: TestCluster): HrmClusterArgs {
    const login = { user: "admin", privateKey: readFileSync(lab.admin.privateKey, "utf8") };
    const { web, nodes, ...rest } = description;
    return {
        web: { ...web, connection: { ...login, ...web.connection } },
        nodes: Object.fromEntries(
            Object.entries(nodes).map(([name, node]) => [name, { ...node, connection: { ...login, ...node.connection } }]),
        ),
        ...rest,
    } as HrmClusterArgs;
}

describe("inline programs of the Automation API, one after the other in a process", () => {
    let cluster: TestCluster;
    let stack: automation.Stack;
    const [path, idle] = [process.env.PATH, pace.idle];
    /** Logins of the administrator's on a host. */
    const logins = async () =>
        Number(await cluster.lab.run("huygens1", "grep -lz '^sshd: admin@' /proc/[0-9]*/cmdline 2>/dev/null | wc -l"));

    before(async () => {
        cluster = await TestCluster.ready("t-inline", [[0]]);
        process.env.PATH = (await engine(() => {})).env.PATH;
        const { folder } = cluster.stack;
        stack = await automation.LocalWorkspace.createOrSelectStack(
            {
                ...{ stackName: cluster.stack.name, projectName: "hrm-test" },
                program: async () => {
                    const { url } = new HrmCluster("hrm", argsOf(cluster));
                    return { url };
                },
            },
            {
                envVars: {
                    ...{ PULUMI_BACKEND_URL: `file://${join(folder, "state")}`, PULUMI_HOME: join(folder, "home") },
                    ...{ PULUMI_SKIP_UPDATE_CHECK: "true", PULUMI_CONFIG_PASSPHRASE: "lab" },
                    // By it the state is read that the cluster was made with.
                    ...(await vault()),
                },
            },
        );
        // The steps' own pace, which the cluster was not made with.
        await stack.up();
    });
    after(async () => {
        Object.assign(process.env, { PATH: path });
        Object.assign(pace, { idle });
        await cluster?.down();
    });

    const preview = async () => said({ code: 0, seconds: 0, output: (await stack.preview()).stdout });

    it("see what was changed since the one before, and repair it", async () => {
        expect(await preview()).to.deep.include({ differences: {}, unchecked: [] });
        await cluster.lab.run("huygens1", "chmod 0700 /data/hrm_data");
        expect((await preview()).changed).to.deep.equal(["huygens1"]);
        const { stdout } = await stack.up();
        expect(stdout).to.match(/huygens1: .*\/data\/hrm_data/);
        expect(await preview()).to.deep.include({ differences: {}, unchecked: [] });
    });

    it("tell of a host that is away each time, and of nothing once it is back", async () => {
        await cluster.lab.run("huygens1", "systemctl stop ssh");
        for (const _ of [1, 2]) {
            expect((await preview()).unchecked).to.have.length(1);
            const error = await stack.up().then(
                () => undefined,
                (error: Error) => error,
            );
            expect(error?.message).to.match(/huygens1: not looked at/);
        }
        // The process is not Pulumi's.
        expect(process.exitCode).to.equal(undefined);
        await cluster.lab.run("huygens1", "systemctl start ssh");
        await stack.up();
    });

    it("keep no login when they have ended", async () => {
        await preview();
        expect(await logins()).to.be.greaterThan(0);
        pace.idle = 1;
        await preview();
        // Those of the programs before end at their own time.
        await until("the end of the logins", async () => (await logins()) === 0 || logins(), 100);
    });
});
