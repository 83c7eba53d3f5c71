import * as fs from "node:fs";
import * as path from "node:path";
import { sh } from "./quote";

/** A step, whose file is in lib/steps. */
export type StepName =
    | "access"
    | "account"
    | "application"
    | "config"
    | "database"
    | "departures"
    | "folders"
    | "hucore"
    | "huygensCore"
    | "identity"
    | "keys"
    | "link"
    | "mail"
    | "localHucore"
    | "packages"
    | "pages"
    | "phpSettings"
    | "queueManager"
    | "release"
    | "restart"
    | "rows"
    | "schema"
    | "signIn"
    | "site"
    | "webServer";

export type StepValue = string | number | readonly (string | number)[];

export interface StepText {
    step: StepName;
    /** What the step is about where a host has several of the kind: the node of a `link`. */
    subject?: string;
    /** What messages call the host. */
    host: string;
    /** Which resource of which stack: PROJECT/STACK/RESOURCE. */
    declaredBy: string;
    timeLimitSeconds: number;
    /** For its undo; none where destroying the resource leaves what the step has made. */
    undoLimitSeconds?: number;
    /** Whether it runs also where an earlier step of the part has failed. */
    evenAfterFailure?: boolean;
    values: Record<string, StepValue>;
}

// What steps share: `accounts` for those that edit them, `apt` for those that install packages, `fetch` for those that take a file, `keep` for those that take the place of a site's file, `releases` for those that ask which release of HRM is in use, `sudo` for the one that gives an account power, `paths` for those that ask where a path leads, `mounts` for the one that asks what is mounted, `php` for those that ask PHP or the database, `programs` for those that look for what HRM calls, `hrm` for those that work with the installed HRM, `drain` for those that take rows out of
// its registry, `look` for the one that looks at a node, `services` for those that give it another configuration, `webConfig`, `stranger` and `obstacles` for the one that looks at what the web server shows.
const hrm = ["php", "hrm"];
const shared: Partial<Record<StepName, readonly string[]>> = {
    account: ["accounts", "sudo"],
    folders: ["paths", "mounts"],
    hucore: ["paths"],
    huygensCore: ["fetch", "apt"],
    mail: ["apt"],
    localHucore: hrm,
    webServer: ["accounts", "paths", "php", "services", "webConfig", "stranger", "obstacles"],
    packages: ["programs", "releases", "apt"],
    release: ["paths", "php", "releases", "fetch"],
    phpSettings: ["php", "releases", "services"],
    signIn: ["php", "services", "keep"],
    site: ["php", "services"],
    application: ["php", "programs"],
    database: ["php"],
    schema: hrm,
    identity: hrm,
    link: [...hrm, "drain", "look"],
    config: [...hrm, "keep"],
    restart: hrm,
    departures: [...hrm, "drain"],
    rows: [...hrm, "drain"],
    keys: hrm,
    pages: hrm,
};

/**
 * The text of a step, for a shell that has what it shares with other steps in variables: nothing goes over a connection, or into Pulumi's state, twice. It is the
 * values as shell assignments, the prelude, the step, the call, and the same for `check` and `ensure`, so that what is looked at is what is done.
 */
export interface StepWord {
    /** A shell word: that text. */
    word: string;
    /** Files of lib/steps whose variables it needs, see `fileVariable`. */
    files: readonly string[];
}

export function stepWord(step: StepText): StepWord {
    const files = ["limit", "prelude", "files", ...(shared[step.step] ?? []), step.step];
    return { word: `${sh(valuesOf(step))}"${files.map(file => `$file_${file}`).join("")}"${sh('main "$@" </dev/null\n')}`, files };
}

/** The assignment of the variable that holds a file of lib/steps. */
export function fileVariable(file: string): string {
    return `file_${file}=${sh(`${source(file)}\n`)}`;
}

/**
 * What a host gets on standard input: a line that the launcher reads, files, each step's text as shell assignments, what runs them one after the other, the
 * call. The files are compressed: they are the most of it by far, and Pulumi keeps, compares and logs it several times over.
 */
export function renderPart(steps: readonly StepText[]): string {
    const order = steps.map(({ step, timeLimitSeconds, undoLimitSeconds, evenAfterFailure }) =>
        [step, timeLimitSeconds, undoLimitSeconds ?? "-", evenAfterFailure ? "yes" : "no"].join(" "),
    );
    const words = steps.map(stepWord);
    const files = [...new Set(words.flatMap(word => word.files))];
    const texts = words.map(({ word }, index) => `text_${steps[index]!.step}=${word}`);
    return ["part", compressed(files), ...texts, `steps=${sh(order.join("\n"))}`, source("part"), 'part "$@"', ""].join("\n");
}

const compressedFiles = new Map<string, string>();

/** Files of lib/steps in their variables, as the build has compressed them (scripts/compress.mjs): one gzip file after the other is one. */
function compressed(files: readonly string[]): string {
    // Each node has the same.
    const names = files.join(" ");
    const base64 =
        compressedFiles.get(names) ?? Buffer.concat(files.map(file => fs.readFileSync(inSteps(`${file}.gz`)))).toString("base64");
    compressedFiles.set(names, base64);
    const missing = "echo 'this host has no base64 or no gzip, which steps need: install coreutils and gzip' >&2";
    // A variable of that name that a login exports would be handed to each process.
    return ["unset files", "files=$(base64 -d <<'FILES' | gzip -dc", base64, "FILES", `) && eval "$files" || { ${missing}; exit 1; }`].join(
        "\n",
    );
}

function valuesOf({ step, subject, host, declaredBy, timeLimitSeconds, values }: StepText): string {
    const all: Record<string, StepValue> = {
        host,
        step: subject === undefined ? step : `${step}-${subject}`,
        time_limit: timeLimitSeconds,
        declared_by: declaredBy,
        ...values,
    };
    return Object.entries(all)
        .map(([name, value]) => `${name}=${sh(asText(value))}\n`)
        .join("");
}

/** A list becomes lines. */
function asText(value: StepValue): string {
    return typeof value === "object" ? value.join("\n") : String(value);
}

const sources = new Map<string, string>();

/** A file in lib/steps. */
export function source(name: string): string {
    const text = sources.get(name) ?? withoutComments(name);
    sources.set(name, text);
    return text;
}

/** Without comment lines and blank lines: a better comment is no change of a cluster. */
function withoutComments(name: string): string {
    return (
        fs
            .readFileSync(inSteps(`${name}.sh`), "utf8")
            // Where a checkout or an archive has brought Windows line ends.
            .split(/\r?\n/)
            .filter(line => !/^\s*(#|$)/.test(line))
            .join("\n")
    );
}

function inSteps(file: string): string {
    return path.join(__dirname, "..", "steps", file);
}
