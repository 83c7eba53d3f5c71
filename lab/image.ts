/** The images of lab hosts: Debian 12 with what each kind of host needs, made once and kept in the user's cache folder. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cached, cacheKey, type Log, progress } from "../engine/cache";
import { capture, LabError, lastLines } from "./command";
import { installTools } from "./requirements";

const release = "bookworm";

/** What `facts.md` asks of a Huygens node, and systemd, as on a real one. */
const nodePackages = [
    ...["systemd", "systemd-sysv", "dbus", "openssh-server", "sudo"],
    ...["iputils-ping", "procps", "iproute2", "findutils", "mawk", "zip", "unzip"],
];

/**
 * On top of them: what HRM's web and queue host needs, with two web servers, which both are off until somebody switches one on; and what makes its clock wrong,
 * since containers share the machine's.
 */
const webPackages = [
    ...["mariadb-server", "php-cli", "php-mysql", "php-ldap", "php-xml", "php-mbstring", "libfaketime"],
    ...["apache2", "libapache2-mod-php", "nginx-light", "php-fpm"],
];

/** Nobody reads manuals in a lab host; without fsync an image is made in half the time. */
const dpkgOptions = ["force-unsafe-io", ...["doc", "man", "info", "locale"].map(name => `path-exclude=/usr/share/${name}/*`)];

export interface Images {
    node: string;
    web: string;
}

/** The folders of the two images, which are made where they are not in the cache. */
export async function images(log: Log): Promise<Images> {
    const recipe = join(repositoryRoot(), "lab/image/settle.sh");
    const nodeKey = [release, readFileSync(recipe), ...dpkgOptions, ...nodePackages];
    const node = await cached("node-image", cacheKey(...nodeKey), log, async (folder, signal) => {
        await installTools(["mmdebstrap"], log);
        log("making the image of a node from Debian packages, about 30 s");
        await build(log, "making the node image", "mmdebstrap", await mmdebstrapArguments(folder, recipe), signal, await sources());
    });
    const web = await cached("web-image", cacheKey(...nodeKey, ...webPackages), log, async (folder, signal) => {
        log("making the image of the web host: MariaDB and PHP, about 20 s");
        await build(log, "copying the node image", "cp", ["-a", "--", `${node}/.`, folder], signal);
        // A mount name space of its own: what the recipe mounts is gone with it, however it ends.
        const settle = ["--mount", "--pid", "--fork", "--kill-child", recipe, folder, ...webPackages];
        await build(log, "making the web host image", "unshare", settle, signal);
    });
    return { node, web };
}

async function mmdebstrapArguments(folder: string, recipe: string): Promise<string[]> {
    return [
        ...["--mode=root", "--variant=minbase", "--format=directory", `--include=${nodePackages.join(",")}`],
        ...dpkgOptions.map(option => `--dpkgopt=${option}`),
        ...(await aptOptions()).map(option => `--aptopt=${option}`),
        `--customize-hook=${quote(recipe)} "$1"`,
        ...[release, folder],
        ...((await sources()) ? ["-"] : []),
    ];
}

/** Debian's mirrors as this machine's apt has them; undefined, for mmdebstrap's own choice, where it has none for this release. */
async function sources(): Promise<string | undefined> {
    const format = "$(ORIGIN) $(RELEASE) deb $(REPO_URI) $(RELEASE) $(COMPONENT)";
    const { stdout } = await capture("apt-get", ["indextargets", "--format", format, "Created-By: Packages"]);
    const wanted = [release, `${release}-updates`, `${release}-security`].map(name => `Debian ${name} `);
    const lines = stdout.split("\n").filter(line => wanted.some(start => line.startsWith(start)) && line.endsWith(" main"));
    return lines.length > 0 ? `${lines.map(line => line.split(" ").slice(2).join(" ")).join("\n")}\n` : undefined;
}

/** How this machine's apt reaches its mirrors: proxies and checks, which an image made here needs as well. */
async function aptOptions(): Promise<string[]> {
    const { stdout } = await capture("apt-config", ["dump", "Acquire"]);
    const lines = stdout.split("\n").filter(line => /^Acquire::(https?::|Check-|Retries|ForceIPv).* "..*";$/.test(line));
    return [...lines, 'APT::Install-Recommends "false";'];
}

async function build(log: Log, label: string, program: string, args: string[], signal: AbortSignal, stdin?: string): Promise<void> {
    const { code, stderr, stdout } = await progress(log, label, capture(program, args, { signal, stdin }));
    if (code !== 0) throw new LabError(`${label} failed: ${lastLines(stderr || stdout, 8)}`);
}

function quote(text: string): string {
    return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The folder of this package's source: files that are not TypeScript are read from there. */
export function repositoryRoot(): string {
    for (let folder = __dirname; folder !== "/"; folder = dirname(folder)) if (existsSync(join(folder, "package.json"))) return folder;
    throw new LabError("The lab must run from its own source tree: package.json was not found.");
}
