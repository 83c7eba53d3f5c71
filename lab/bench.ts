/** `npm run bench`: what the library costs beside a bare program with as many commands that do nothing, on the same hosts. */
import { parseArgs } from "node:util";
import { engine } from "../engine/engine";
import { EngineError } from "../engine/error";
import { figure, Ratios } from "./bench/figures";
import { benchPeers, type Setting } from "./bench/peers";
import { describe, imitate, interrupt, log, openBare, openCluster, preview, throwIfInterrupted, up } from "./bench/subject";
import { LabError } from "./command";
import { type Lab, labDown, labUp } from "./lab";

const name = "bench";
const usage = `npm run bench [-- --nodes N] [--rounds N] [--pairs N] [--noop]
  --nodes N    nodes of the lab (8)
  --rounds N   labs from nothing (2)
  --pairs N    repetitions of what changes nothing, in each lab (3)
  --noop       only previews of an untouched cluster, with drift checks beside without (5 pairs)
  --peers      beside Ansible and pyinfra, which bring the same hosts to the same end state: 8 nodes, 32, and 8 that are 20 ms away;
               with --nodes or --delay only that
  --delay MS   with --peers: how much longer a round trip to a host takes`;

interface Wanted {
    nodes: number;
    rounds: number;
    pairs: number;
}

type Run = { bench: "up" | "noop"; wanted: Wanted } | { bench: "peers"; settings: Setting[] };

/** `up` from nothing, again, and with a node more: a cluster beside a bare program. */
async function benchUp({ nodes, rounds, pairs }: Wanted): Promise<string> {
    const fromNothing = new Ratios("up from nothing");
    const nothingToDo = new Ratios("up with nothing to do");
    const oneNodeMore = new Ratios("up with a node more");
    for (let round = 1; round <= rounds; round++) {
        title(`round ${round} of ${rounds}: a lab of one web host and ${nodes} nodes`);
        const lab = await newLab(nodes);
        const cluster = await openCluster(lab);
        const bare = await openBare(lab);
        await imitate(bare);
        await up(bare, "warming up, an empty program");

        await describe(cluster, lab);
        const measured = await up(cluster, "cluster: up from nothing");
        await imitate(bare, cluster);
        fromNothing.add({ measured, reference: await up(bare, "bare: up from nothing") });
        for (let pair = 0; pair < pairs; pair++) {
            nothingToDo.add(
                await alternately(
                    pair,
                    () => up(cluster, "cluster: up with nothing to do"),
                    () => up(bare, "bare: up with nothing to do"),
                ),
            );
        }
        await lab.addNode({ gpus: [0], log });
        await describe(cluster, lab);
        const more = await up(cluster, "cluster: up with a node more");
        await imitate(bare, cluster);
        oneNodeMore.add({ measured: more, reference: await up(bare, "bare: up with a node more") });
    }
    title("seconds of a cluster beside those of a bare program with as many commands");
    for (const { line } of [fromNothing, nothingToDo, oneNodeMore]) log(line);
    const [up1, up2, up3] = [fromNothing, nothingToDo, oneNodeMore].map(({ median }) => figure(median));
    return `bench: up ${up1}, nothing to do ${up2}, a node more ${up3} (of a bare program's time)`;
}

/** `preview` of an untouched cluster with the drift checks on, beside them off. */
async function benchNoop({ nodes, pairs }: Wanted): Promise<string> {
    const ratios = new Ratios("preview");
    title(`a lab of one web host and ${nodes} nodes`);
    const lab = await newLab(nodes);
    const checked = await openCluster(lab);
    const unchecked = await openCluster(lab, { HRM_DRIFT: "off" });
    await describe(checked, lab);
    await up(checked, "cluster: up from nothing");
    await preview(unchecked, "warming up, a preview");
    for (let pair = 0; pair < pairs; pair++) {
        ratios.add(
            await alternately(
                pair,
                () => preview(checked, "preview with drift checks"),
                () => preview(unchecked, "preview without drift checks"),
            ),
        );
    }
    title("seconds with drift checks beside those without");
    log(ratios.line);
    return `bench: a preview with drift checks takes ${figure(ratios.median)} of the time of one without`;
}

/** The machine may get faster or slower meanwhile: every second pair is measured the other way round. */
async function alternately(pair: number, first: () => Promise<number>, second: () => Promise<number>) {
    if (pair % 2 === 0) return { measured: await first(), reference: await second() };
    const reference = await second();
    return { measured: await first(), reference };
}

/** A lab of our own, and nothing of an earlier one. */
async function newLab(nodes: number): Promise<Lab> {
    await labDown(name);
    throwIfInterrupted();
    return labUp({ name, gpus: Array.from({ length: nodes }, () => [0]), log });
}

function title(text: string): void {
    log(`\n== ${text}`);
}

function readArguments(): Run {
    const text = { type: "string" } as const;
    const flag = { type: "boolean" } as const;
    try {
        const { values } = parseArgs({ options: { nodes: text, rounds: text, pairs: text, delay: text, noop: flag, peers: flag } });
        const { noop = false, peers = false, ...given } = values;
        const number = (name: keyof typeof given, otherwise: number) =>
            numberOf(given[name] ?? String(otherwise), name === "delay" ? 0 : 1);
        const [nodes, delay] = [number("nodes", 8), number("delay", 0)];
        if (peers && !noop && given.pairs === undefined) {
            if (given.nodes !== undefined || given.delay !== undefined)
                return { bench: "peers", settings: [{ nodes, rounds: number("rounds", 1), delay }] };
            const once = [
                { nodes: 32, rounds: 1, delay: 0 },
                { nodes: 8, rounds: 1, delay: 20 },
            ];
            return { bench: "peers", settings: [{ nodes, rounds: number("rounds", 3), delay }, ...once] };
        }
        if (!peers && given.delay === undefined)
            return { bench: noop ? "noop" : "up", wanted: { nodes, rounds: number("rounds", 2), pairs: number("pairs", noop ? 5 : 3) } };
    } catch {
        // what `parseArgs` says is no better than the usage
    }
    throw new LabError(usage);
}

function numberOf(text: string, least: number): number {
    const number = Number(text);
    if (!Number.isInteger(number) || number < least) throw new LabError(usage);
    return number;
}

async function main(): Promise<number> {
    const run = readArguments();
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, interrupt);
    try {
        await engine(log);
        log(await (run.bench === "peers" ? benchPeers(run.settings) : run.bench === "noop" ? benchNoop(run.wanted) : benchUp(run.wanted)));
        return 0;
    } finally {
        await labDown(name);
    }
}

main()
    .catch(error => {
        // What a person can cause has a sentence; anything else is ours, and its trace is of use.
        console.error(error instanceof EngineError ? error.message : error);
        return 1;
    })
    .then(code => {
        process.exitCode = code;
    });
