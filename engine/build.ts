/** Pulumi's CLI and its Node.js language host, built from their Go modules into the cache. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cached, cacheKey, type Log } from "./cache";
import { EngineError } from "./error";
import { findGo, type GoCommand, goBuild, goKey, goVersion, moduleFolder } from "./go";
import { virtualEnvironment } from "./python";
import { repositoryRoot } from "./root";
import { which } from "./which";

const CLI_VERSION = "v3.259.0";
/** The `go` lines of the go.mod files, and of the modules that they need. */
const OLDEST_GO = [1, 25, 11];

/** Flags as in Pulumi's own releases; without `grpcnotrace` the CLI is a third larger. */
function cli(): GoCommand {
    return {
        label: `the Pulumi CLI ${CLI_VERSION}`,
        module: join(repositoryRoot(), "engine", "cli"),
        command: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        flags: ["-tags=osusergo,grpcnotrace", `-ldflags=-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${CLI_VERSION}`],
    };
}

/** Of an older version than the CLI: later ones are a Go module of their own, which is not published as one. */
function languageHost(): GoCommand {
    return {
        label: "Pulumi's language host for Node.js",
        module: join(repositoryRoot(), "engine", "language-nodejs"),
        command: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
        flags: ["-ldflags=-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v3.68.0"],
    };
}

/** Of the same module. */
function pythonHost(): GoCommand {
    return {
        ...languageHost(),
        label: "Pulumi's language host for Python",
        command: "github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python",
    };
}

/** Of the version that its module needs, which is older than the CLI. */
function yamlHost(): GoCommand {
    return {
        label: "Pulumi's language host for YAML",
        module: join(repositoryRoot(), "engine", "language-yaml"),
        command: "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml",
        flags: ["-tags=osusergo,grpcnotrace", "-ldflags=-s -w"],
    };
}

/**
 * The folder with `pulumi-language-yaml`, for tests of the library from a language that is not its own: that of an installed Pulumi, or the cache's, built if it is
 * not there yet. Nothing where there is neither a host nor Go.
 */
export async function yamlHostFolder(log: Log): Promise<string | undefined> {
    const installed = which("pulumi-language-yaml");
    if (installed !== undefined) return dirname(installed);
    const go = findGo();
    if (go === undefined) return undefined;
    return cached("language-yaml", goKey(go, [yamlHost()]), log, async (folder, signal) => {
        log(`building ${yamlHost().label}: once, about 2 minutes on 2 cores`);
        await goBuild(go, yamlHost(), join(folder, "pulumi-language-yaml"), log, signal);
    });
}

/** The Python SDK, for tests. */
const pythonSdk = "pulumi==3.248.0";

/**
 * The folder with `pulumi-language-python` and a virtual environment that has Pulumi's SDK (`venv`), for tests. Nothing where there is no Go to build the one and no Python
 * for the other.
 */
export async function pythonHostFolder(log: Log): Promise<string | undefined> {
    const go = findGo();
    if (go === undefined || which("python3") === undefined) return undefined;
    return cached("language-python", cacheKey(goKey(go, [pythonHost()]), pythonSdk), log, async (folder, signal) => {
        log(`building ${pythonHost().label}, and installing its SDK from PyPI: once, about a minute on 2 cores`);
        await goBuild(go, pythonHost(), join(folder, "pulumi-language-python"), log, signal);
        // The host starts programs by a script, which it looks for beside itself.
        const script = join(moduleFolder(go, languageHost()), "python/cmd/pulumi-language-python-exec");
        writeFileSync(join(folder, "pulumi-language-python-exec"), readFileSync(script), { mode: 0o755 });
        await virtualEnvironment(join(folder, "venv"), [pythonSdk], log, signal);
    });
}

/**
 * The folder with `pulumi` and `pulumi-language-nodejs`, built if they are not in the cache yet.
 * @throws a sentence, where there is no Go or it is too old
 */
export async function builtEngine(log: Log): Promise<string> {
    const go = findGo();
    if (go === undefined) {
        throw new EngineError(
            "There is neither a Pulumi CLI with its Node.js language host nor Go to build them: install Pulumi 3.200 or later, or Go 1.26, and put it on PATH.",
        );
    }
    const version = goVersion(go);
    if (isOlder(version))
        throw new EngineError(`${go} is ${version}, which is too old to build Pulumi: install Go 1.26, or Pulumi itself.`);
    const withOptions = readFileSync(join(languageHost().module, "pulumi-language-nodejs"));
    return cached("engine", cacheKey(goKey(go, [cli(), languageHost()]), withOptions), log, async (folder, signal) => {
        log(`building ${cli().label} with ${version}: once, about 4 to 6 minutes on 2 cores where nothing is cached`);
        await goBuild(go, languageHost(), join(folder, "language-nodejs"), log, signal);
        writeFileSync(join(folder, "pulumi-language-nodejs"), withOptions, { mode: 0o755 });
        await goBuild(go, cli(), join(folder, "pulumi"), log, signal);
        const printed = execFileSync(join(folder, "pulumi"), ["version"], {
            encoding: "utf8",
            env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
        });
        if (printed.trim() !== CLI_VERSION)
            throw new EngineError(`The built Pulumi CLI says that it is ${printed.trim()}, not ${CLI_VERSION}.`);
        log(`built ${cli().label}`);
    });
}

/** Development versions of Go have no number and count as new. */
export function isOlder(version: string): boolean {
    const numbers = /^go(\d+)\.(\d+)(?:\.(\d+))?/
        .exec(version)
        ?.slice(1)
        .map(number => Number(number ?? 0));
    if (numbers === undefined) return false;
    const first = numbers.findIndex((number, index) => number !== OLDEST_GO[index]);
    return first >= 0 && numbers[first] < OLDEST_GO[first];
}
