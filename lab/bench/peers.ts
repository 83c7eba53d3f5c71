/** `npm run bench -- --peers`: Ansible and pyinfra bring the same hosts to the same end state, in turn with the library. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cached, cacheKey, progress } from "../../engine/cache";
import { virtualEnvironment } from "../../engine/python";
import { repositoryRoot } from "../../engine/root";
import type { Stack } from "../../engine/stack";
import { said } from "../../test/lab/support/preview";
import { capture, LabError, lastLines, must, systemEnvironment } from "../command";
import { type Lab, labCopy, labDown, labUp } from "../lab";
import { type Cost, OwnGroup } from "./cost";
import { type EndState, inventory, readEndState } from "./endState";
import { figure, median } from "./figures";
import { slowWay } from "./slowly";
import { describe, log, openCluster, preview, previewOf, throwIfInterrupted, up, type Way } from "./subject";

const name = "bench";
const requirements = ["ansible-core==2.19.14", "pyinfra==3.10.0"];
/** What Ansible needs of a host. */
const packages = ["python3"];

/** The last of those for tests (RFC 2544), of which labs take the first that are free. */
const slowNetwork = "198.19.255.";

const actions = ["from nothing", "nothing to do", "preview", "a node more"] as const;
type Action = (typeof actions)[number];

/** One that brings hosts to the end state. */
interface Tool {
    name: string;
    /** Brings the hosts to what the description of these nodes says. */
    apply: (nodes: readonly string[]) => Promise<unknown>;
    look: (nodes: readonly string[]) => Promise<unknown>;
}

export interface Setting {
    nodes: number;
    rounds: number;
    /** How much longer a round trip to a host takes, milliseconds. */
    delay: number;
}

export async function benchPeers(settings: readonly Setting[]): Promise<string> {
    const bin = join(await peers(), "bin");
    const group = new OwnGroup();
    try {
        // At once, since the next one may be interrupted.
        for (const setting of settings) (await benchSetting(setting, bin, group)).forEach(log);
    } finally {
        group.leave();
    }
    return "bench: beside Ansible and pyinfra, see the tables";
}

/** The virtual environment that has both. */
function peers(): Promise<string> {
    return cached("peers", cacheKey(...requirements, process.version), log, async folder => {
        log(`installing ${requirements.join(" and ")} from PyPI`);
        await virtualEnvironment(folder, requirements, log).catch((error: Error) => {
            throw new LabError(`bench: ${error.message}`);
        });
    });
}

async function benchSetting(setting: Setting, bin: string, group: OwnGroup): Promise<string[]> {
    const folder = mkdtempSync(join(tmpdir(), "pulumi-hrm-bench-"));
    try {
        log(`\n== ${titleOf(setting)}: the hosts that each begins with`);
        await labDown(name);
        const bare = await labUp({ name, gpus: Array.from({ length: setting.nodes + 1 }, () => [0]), packages, log });
        const saved = join(folder, "hosts");
        await must("mkdir", [saved]);
        await bare.save(saved);
        await bare.down();
        const run = new Rounds(setting, folder, saved, bin, group);
        for (let round = 0; round < setting.rounds; round++) await run.round(round);
        return run.table();
    } finally {
        await labDown(name);
        rmSync(folder, { recursive: true, force: true });
    }
}

function titleOf({ nodes, delay }: Setting): string {
    return `a web host and ${nodes} nodes${delay ? `, ${delay} ms away` : ""}`;
}

class Rounds {
    private readonly costs = new Map<string, Map<Action, Cost[]>>();
    private endState: EndState | undefined;
    constructor(
        private readonly setting: Setting,
        private readonly folder: string,
        private readonly saved: string,
        private readonly bin: string,
        private readonly group: OwnGroup,
    ) {}

    private stackOf(lab: Lab, round: number): Promise<Stack> {
        return openCluster(lab, {}, join(this.folder, `pulumi-hrm-${round}`));
    }

    /** Ours goes first in the first one, since the others are told to make what it has made. */
    async round(round: number): Promise<void> {
        const tools = ["pulumi-hrm", "pyinfra", "Ansible"];
        for (const tool of [...tools.slice(round % tools.length), ...tools.slice(0, round % tools.length)]) {
            throwIfInterrupted();
            log(`\n== round ${round + 1} of ${this.setting.rounds}: ${tool}`);
            const lab = await labCopy(name, this.saved, log);
            const ways = await this.ways(lab);
            try {
                const way: Way = ({ name: host }) => ways.get(host)!.address;
                await this.measure(lab, tool === "pulumi-hrm" ? await this.ours(lab, way, round) : this.peer(tool, lab, way));
                if (tool !== "pulumi-hrm") await this.expectTheSame(lab, tool);
                else this.endState ??= await readEndState(lab);
            } finally {
                await this.closeWays(ways);
                await lab.down();
            }
        }
    }

    /** A way that takes longer has an address of its own on this machine, since the queue manager's ssh goes to the port that is described. */
    private async ways(lab: Lab): Promise<Map<string, { address: string; server?: Server }>> {
        const ways = lab.hosts.map(async ({ name: host, address }): Promise<[string, { address: string; server?: Server }]> => {
            if (this.setting.delay === 0) return [host, { address }];
            const own = address.replace(/^.*\./, slowNetwork);
            await must("ip", ["address", "replace", `${own}/32`, "dev", "lo"]);
            return [host, { address: own, server: await slowWay(address, 22, this.setting.delay, { host: own, port: 22 }) }];
        });
        return new Map(await Promise.all(ways));
    }

    private async closeWays(ways: Awaited<ReturnType<Rounds["ways"]>>): Promise<void> {
        for (const { address, server } of ways.values()) {
            server?.close();
            if (server) await must("ip", ["address", "delete", `${address}/32`, "dev", "lo"]);
        }
    }

    private async measure(lab: Lab, tool: Tool): Promise<void> {
        const all = lab.nodes.map(node => node.name);
        const described = all.slice(0, -1);
        const costs = this.costs.get(tool.name) ?? new Map<Action, Cost[]>(actions.map(action => [action, []]));
        this.costs.set(tool.name, costs);
        const measure = async (action: Action, work: () => Promise<unknown>) => {
            const cost = await this.group.measure(lab, work);
            costs.get(action)!.push(cost);
            log(`${tool.name}: ${action}: ${costLine(cost)}`);
        };
        await measure("from nothing", () => tool.apply(described));
        for (let i = 0; i < 2; i++) {
            await measure("nothing to do", () => tool.apply(described));
            await measure("preview", () => tool.look(described));
        }
        await measure("a node more", () => tool.apply(all));
    }

    private async ours(lab: Lab, way: Way, round: number): Promise<Tool> {
        const stack = await this.stackOf(lab, round);
        let described = "";
        const as = async (nodes: readonly string[]) => {
            if (described !== nodes.join()) await describe(stack, lab, { of: nodes, way });
            described = nodes.join();
            return stack;
        };
        await as(lab.nodes.slice(0, -1).map(node => node.name));
        return {
            name: "pulumi-hrm",
            apply: async nodes => up(await as(nodes), "pulumi up"),
            look: async nodes => preview(await as(nodes), "pulumi preview"),
        };
    }

    private peer(tool: string, lab: Lab, way: Way): Tool {
        const here = join(repositoryRoot(), "lab/bench/peers");
        const file = join(this.folder, "inventory.json");
        const knownHosts = join(this.folder, "known_hosts");
        writeFileSync(knownHosts, lab.hosts.map(host => `${way(host)} ${host.hostKey}\n`).join(""));
        const env = {
            ...systemEnvironment,
            PEERS_INVENTORY: file,
            ...{
                ANSIBLE_PIPELINING: "true",
                ANSIBLE_FORKS: "32",
                ANSIBLE_LOCALHOST_WARNING: "false",
                ANSIBLE_HOME: join(this.folder, "ansible"),
            },
            // As by default, but for 10 s instead of 60: what it leaves ends soon.
            // A shared connection ends with its host, also where the bench is interrupted.
            ANSIBLE_SSH_ARGS: "-C -o ControlMaster=auto -o ControlPersist=10s -o ServerAliveInterval=5",
            ...{ ANSIBLE_SSH_CONTROL_PATH_DIR: join(this.folder, "cp"), ANSIBLE_HOST_PATTERN_MISMATCH: "error" },
        };
        const run = async (nodes: readonly string[], look: boolean) => {
            writeFileSync(file, inventory(this.endState!, lab, nodes, way, knownHosts), { mode: 0o600 });
            const [program, ...args] =
                tool === "Ansible"
                    ? ["ansible-playbook", "-i", file, ...(look ? ["--check"] : []), join(here, "playbook.yml")]
                    : ["pyinfra", ...(look ? ["--dry"] : ["-y"]), join(here, "inventory.py"), join(here, "deploy.py")];
            // Not by themselves: they name the interpreter of the folder that they were made in, which has another name now.
            const done = await progress(log, program!, capture(join(this.bin, "python3"), [join(this.bin, program!), ...args], { env }));
            throwIfInterrupted();
            if (done.code !== 0)
                throw new LabError(`bench: ${program} ended with ${done.code}:\n${lastLines(`${done.stdout}${done.stderr}`, 30)}`);
        };
        return { name: tool, apply: nodes => run(nodes, false), look: nodes => run(nodes, true) };
    }

    /** Our own checks, of the stack that brought the first hosts to what the others were told to make, find nothing but that nobody has proven anything. */
    private async expectTheSame(lab: Lab, tool: string): Promise<void> {
        const outcome = await previewOf(await this.stackOf(lab, 0), `what our checks find of ${tool}'s hosts`);
        const differences = Object.values(said(outcome).differences).flat();
        const others = differences.filter(line => !/ have not been proven since the last change$/.test(line));
        if (differences.length === 0 || others.length > 0)
            throw new LabError(
                `bench: ${tool} brings the hosts to another end state:\n${(others.length > 0 ? others : [outcome.output]).join("\n")}`,
            );
        log(`our checks find nothing but what ${tool} has not proven, on ${differences.length} nodes`);
    }

    table(): string[] {
        const { rounds } = this.setting;
        const heading = `\n== ${titleOf(this.setting)}, ${rounds} ${rounds === 1 ? "round" : "rounds"}: seconds - CPU seconds, medians; times pyinfra's`;
        const width = 26;
        const rows = [...this.costs].map(([tool, costs]) =>
            [tool.padEnd(12), ...actions.map(action => this.cell(action, costs.get(action)!).padEnd(width))].join(""),
        );
        return [heading, ["".padEnd(12), ...actions.map(action => action.padEnd(width))].join(""), ...rows];
    }

    private cell(action: Action, costs: readonly Cost[]): string {
        const ours = middle(costs);
        const theirs = middle(this.costs.get("pyinfra")!.get(action)!);
        const ratio = (mine?: number, other?: number) => (mine === undefined || !other ? "" : figure(mine / other));
        return `${costLine(ours)} (${ratio(ours.seconds, theirs.seconds)} - ${ratio(ours.cpu, theirs.cpu)})`;
    }
}

function middle(costs: readonly Cost[]): Cost {
    const cpu = costs.flatMap(each => each.cpu ?? []);
    return { seconds: median(costs.map(({ seconds }) => seconds)), cpu: cpu.length > 0 ? median(cpu) : undefined };
}

function costLine({ seconds, cpu }: Cost): string {
    return `${seconds.toFixed(1)}${cpu === undefined ? "" : ` - ${cpu.toFixed(1)}`}`;
}
