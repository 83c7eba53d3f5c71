/** `npm run demo`: a cluster from nothing on this machine, and a job on each of its servers. */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { engine } from "../engine/engine";
import { EngineError } from "../engine/error";
import { repositoryRoot } from "../engine/root";
import { type Outcome, Stack } from "../engine/stack";
import { isRelease } from "./arguments";
import { findBrowser, takePicture } from "./browser";
import { LabError } from "./command";
import { type Release, releases } from "./image";
import { type JobResult, submitJobs, waitForJobs } from "./jobs";
import { type Lab, labDown, labUp } from "./lab";
import { makeReleaseZip, versionInZip } from "./release";
import { UpScreen } from "./upScreen";

const usage = `npm run demo [-- --verbose]     a cluster on three throw-away hosts, and a job on each server
npm run demo -- --hrm PATH      with a real HRM: a release zip, or a tree
npm run demo -- --release R     on Debian's release trixie instead of bookworm
npm run demo -- --down          removes them`;
const name = "demo";
const jobSeconds = 5;
const log = (line: string) => console.log(line);

async function main(): Promise<number> {
    const { down, verbose, hrm, release } = readArguments();
    if (down) {
        const found = await labDown(name, log);
        log(found ? "demo: the lab, its hosts and the stack's state are gone" : "demo: there is nothing to remove");
        return 0;
    }
    title("three hosts: a web host with nothing on it, a node with two GPUs, a node with one");
    const lab = await labUp({ name, gpus: [[0, 1], [0]], bare: true, hrm, release, log });

    title("pulumi up of examples/lab");
    const up = await bringUp(lab, verbose, hrm);
    if (up.code !== 0) {
        log(`demo: pulumi up ended with ${up.code}; the lab is still there: npm run lab -- status --name ${name}`);
        return 1;
    }

    const servers = ["huygens1 0", "huygens1 1", "huygens2 0"];
    title(`a job of ${jobSeconds} s for each of ${servers.length} servers, through HRM's queue`);
    const ids = await submitJobs(lab, { count: servers.length, seconds: jobSeconds });
    const results = await waitForJobs(lab, ids, { timeoutSeconds: 180, log });
    return report(lab, servers, results, await picture(lab));
}

/** HRM's login page, as people see it. */
async function picture(lab: Lab): Promise<string> {
    const file = join(lab.folder, "login.png");
    const browser = findBrowser();
    if (browser === undefined) return "There is no browser on this machine (chromium), or there would be a picture of it.";
    return (await takePicture(browser, loginPage(lab), file)) ? `A picture of it: ${file}` : `${browser} has made no picture of it.`;
}

const loginPage = (lab: Lab) => `http://${lab.web.address}/hrm/login.php`;

/** Pulumi's own lines, some 150, are in a file; a line a host and step is on the screen. */
async function bringUp(lab: Lab, verbose: boolean, hrm?: string): Promise<Outcome> {
    const file = join(lab.folder, "up.log");
    const screen = new UpScreen(log);
    // It may have to be built, which takes minutes.
    await engine(log);
    writeFileSync(file, "");
    if (!verbose) log(`Pulumi's own lines are in ${file}; with npm run demo -- --verbose they are here.`);
    const release = await releaseFor(lab, hrm);
    const stack = await openStack(lab, release, line => {
        appendFileSync(file, `${line}\n`);
        if (verbose) log(line);
        else screen.line(line);
    });
    const timer = setInterval(() => verbose || screen.tick(), 1000);
    try {
        const up = await stack.up();
        if (up.code === 0) await keepPassword(lab, release);
        return up;
    } finally {
        clearInterval(timer);
    }
}

const passwordFile = (lab: Lab) => join(lab.folder, "admin-password");

/** For who looks at the pages: not on the screen, nor in the file of Pulumi's lines. */
async function keepPassword(lab: Lab, release: string): Promise<void> {
    const stack = await openStack(lab, release, () => {});
    const { output } = await stack.run(["stack", "output", "adminPassword", "--show-secrets"]);
    writeFileSync(passwordFile(lab), `${output.trim()}\n`, { mode: 0o600 });
}

/** The zip that is given, or one that is made of a tree. */
async function releaseFor(lab: Lab, hrm = join(repositoryRoot(), "lab", "hrm")): Promise<string> {
    if (hrm.endsWith(".zip")) return resolve(hrm);
    const zip = join(lab.folder, "hrm.zip");
    if (!existsSync(zip)) await makeReleaseZip(hrm, zip, log);
    return zip;
}

async function openStack(lab: Lab, release: string, log: (line: string) => void): Promise<Stack> {
    const stack = await Stack.open({ program: join(repositoryRoot(), "examples", "lab"), folder: join(lab.folder, "stack"), log });
    await stack.configure("hosts", JSON.stringify({ web: lab.web, nodes: lab.nodes }));
    await stack.configure("application", JSON.stringify({ release, version: await versionInZip(release) }));
    await stack.configure("adminKey", readFileSync(lab.admin.privateKey, "utf8"), { secret: true });
    return stack;
}

function readArguments(): { down: boolean; verbose: boolean; hrm?: string | undefined; release?: Release | undefined } {
    try {
        const flag = { type: "boolean" } as const;
        const text = { type: "string" } as const;
        const {
            down = false,
            verbose = false,
            hrm,
            release,
        } = parseArgs({ options: { down: flag, verbose: flag, hrm: text, release: text } }).values;
        if (release !== undefined && !isRelease(release)) throw new Error(`--release takes ${releases.join(" or ")}, not '${release}'`);
        return { down, verbose, hrm, release };
    } catch (error) {
        throw new LabError(`demo: ${(error as Error).message}\n${usage}`);
    }
}

function title(text: string): void {
    log(`\n== ${text}`);
}

function report(lab: Lab, servers: string[], results: JobResult[], picture: string): number {
    const good = servers.filter(server => results.some(result => result.server === server && result.ok));
    log("\nserver        job       seconds");
    for (const server of servers) {
        const result = results.find(each => each.server === server);
        const outcome = result === undefined ? "none" : result.ok ? "done" : "failed";
        log(`${server.padEnd(14)}${outcome.padEnd(10)}${result?.seconds.toFixed(0) ?? ""}`);
    }
    for (const { id, server, ok, detail } of results) if (!ok) log(`job ${id} on ${server || "no server"}: ${detail}`);
    log(`
The cluster is still there. HRM's login page: ${loginPage(lab)}
${picture}
The password of its user admin is in ${passwordFile(lab)}.
  npm run lab -- status --name ${name}
  npm run lab -- exec --name ${name} web "mariadb hrm -e 'SELECT * FROM server'"
  npm run lab -- ssh --name ${name} huygens1
  npm run demo                  again: nothing to do but the jobs
  npm run demo -- --down        removes all of it
`);
    log(`demo: ${good.length} of ${servers.length} servers ran a job`);
    return good.length === servers.length ? 0 : 1;
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
