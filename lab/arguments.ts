/** The command line of `npm run lab`: a pure function. */
import { LabError } from "./command";
import { type Release, releases } from "./image";
import { defaultName, maxNodes } from "./names";

export const usage = `Throw-away Debian hosts on this machine: one web host and some nodes.

  npm run lab -- up [--nodes N] [--gpus K | --gpus 2,1] [--hrm PATH] [--hucore PATH] [--release trixie] [--bare]
  npm run lab -- status
  npm run lab -- exec HOST CMD...    as root, without ssh
  npm run lab -- ssh HOST [CMD...]   as admin, who may use sudo
  npm run lab -- down

  --nodes N      number of nodes, by default 2
  --gpus K       GPUs of each node, by default 1; 0 is a node without GPUs
  --gpus 2,1,0   GPUs of each node, node by node
  --hrm PATH     an HRM tree or release zip in place of the stand-in
  --hucore PATH  an executable in place of the stand-in
  --release R    of Debian: bookworm (the default) or trixie
  --bare         a web host without HRM and what it needs, but with a repository of Debian's packages
  --name LAB     another lab beside the one named "${defaultName}"

Options stand before HOST. Hosts are named web, huygens1, huygens2, and so on.
`;

export type Arguments =
    | { command: "help" }
    | { command: "status" | "down"; name: string }
    | { command: "up"; name: string; gpus: number[][]; hrm?: string; hucore?: string; release?: Release; bare?: true }
    | { command: "exec" | "ssh"; name: string; host: string; words: string[] };

type Options = Partial<Record<"name" | "nodes" | "gpus" | "hrm" | "hucore" | "release" | "bare", string>>;

const upOnly = ["nodes", "gpus", "hrm", "hucore", "release", "bare"] as const;

/** @throws LabError that says what is wrong with the arguments */
export function parseArguments(words: readonly string[]): Arguments {
    const [command, ...rest] = words;
    if (command === undefined || ["help", "--help", "-h"].includes(command)) return { command: "help" };
    const { options, others } = split(rest);
    const name = options.name ?? defaultName;
    if (options === helpAsked) return { command: "help" };
    if (command !== "up") {
        const wrong = upOnly.find(option => options[option] !== undefined);
        if (wrong) throw wrongUsage(`--${wrong} belongs to up, not to ${command}`);
    }
    switch (command) {
        case "up":
            none(command, others);
            return { command, name, gpus: gpuLists(options), ...pick(options) };
        case "status":
        case "down":
            none(command, others);
            return { command, name };
        case "exec":
        case "ssh": {
            const [host, ...rest] = others;
            if (host === undefined) throw wrongUsage(`${command} needs a host`);
            if (command === "exec" && rest.length === 0) throw wrongUsage("exec needs a command");
            return { command, name, host, words: rest };
        }
        default:
            throw wrongUsage(`there is no command "${command}"`);
    }
}

const helpAsked: Options = {};

/** Options up to the first other word; all that follows belongs to the host's command. */
function split(words: readonly string[]): { options: Options; others: string[] } {
    const options: Options = {};
    let i = 0;
    while (i < words.length && words[i]!.startsWith("-")) {
        const [, option, attached] = /^--([a-z]+)(?:=(.*))?$/s.exec(words[i]!) ?? [];
        if (words[i] === "--help" || words[i] === "-h") return { options: helpAsked, others: [] };
        if (words[i] === "--") return { options, others: words.slice(i + 1) };
        if (option !== "name" && !upOnly.includes(option as (typeof upOnly)[number])) throw wrongUsage(`there is no option ${words[i]}`);
        if (option === "bare" && attached !== undefined) throw wrongUsage("--bare takes no value");
        const value = option === "bare" ? "yes" : (attached ?? words[++i]);
        if (!value) throw wrongUsage(`--${option} needs a value`);
        options[option as keyof Options] = value;
        i++;
    }
    return { options, others: words.slice(i) };
}

/** The GPU numbers of each node, from 0. */
function gpuLists(options: Options): number[][] {
    const counts = (options.gpus ?? "1").split(",").map(text => whole("gpus", text, 0, 16));
    const nodes = options.nodes === undefined ? undefined : whole("nodes", options.nodes, 0, maxNodes);
    const single = !options.gpus?.includes(",");
    if (!single && nodes !== undefined && nodes !== counts.length) {
        throw wrongUsage(`--gpus ${options.gpus} is for ${counts.length} nodes, --nodes says ${nodes}`);
    }
    const each = single ? Array<number>(nodes ?? 2).fill(counts[0]!) : counts;
    return each.map(count => Array.from({ length: count }, (_, i) => i));
}

function whole(option: string, text: string, least: number, most: number): number {
    if (/^[0-9]+$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text);
    throw wrongUsage(`--${option} takes whole numbers from ${least} to ${most}, not "${text}"`);
}

function pick({ hrm, hucore, release, bare }: Options): { hrm?: string; hucore?: string; release?: Release; bare?: true } {
    if (release !== undefined && !isRelease(release)) throw wrongUsage(`--release takes ${releases.join(" or ")}, not "${release}"`);
    return {
        ...(hrm !== undefined && { hrm }),
        ...(hucore !== undefined && { hucore }),
        ...(release !== undefined && { release }),
        ...(bare !== undefined && { bare: true as const }),
    };
}

export function isRelease(text: string): text is Release {
    return (releases as readonly string[]).includes(text);
}

function none(command: string, others: string[]): void {
    if (others.length > 0) throw wrongUsage(`${command} takes no "${others[0]}"`);
}

function wrongUsage(what: string): LabError {
    return new LabError(`lab: ${what}. See: npm run lab -- help`);
}
