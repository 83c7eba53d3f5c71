/** The images of lab hosts: Debian with what each kind of host needs, made once for each release and kept in the user's cache folder. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cached, cacheKey, type Log, progress } from "../engine/cache";
import { capture, LabError, lastLines } from "./command";
import { installTools } from "./requirements";

/** Debian 12 and 13. */
export const releases = ["bookworm", "trixie"] as const;
export type Release = (typeof releases)[number];

/** What `facts.md` asks of a Huygens node, and systemd, as on a real one. */
const nodePackages = [
    ...["systemd", "systemd-sysv", "dbus", "openssh-server", "sudo"],
    ...["iputils-ping", "procps", "iproute2", "findutils", "mawk", "zip", "unzip"],
    // Stands in for a directory of accounts (LDAP) where a test switches it on.
    "libnss-extrausers",
];

/**
 * On top of them: what HRM's web and queue host needs, with two web servers, which both are off until somebody switches one on; and what makes its clock wrong,
 * since containers share the machine's.
 */
const webPackages = [
    ...["mariadb-server", "php-cli", "php-mysql", "php-ldap", "php-xml", "php-mbstring", "libfaketime"],
    ...["apache2", "libapache2-mod-php", "nginx", "php-fpm"],
];

/** Nobody reads manuals in a lab host; without fsync an image is made in half the time. */
const dpkgOptions = ["force-unsafe-io", ...["doc", "man", "info", "locale"].map(name => `path-exclude=/usr/share/${name}/*`)];

export interface Images {
    node: string;
    web: string;
}

/** The folders of a release's two images, which are made where they are not in the cache. @param also packages that both have besides */
export async function images(log: Log, release: Release = "bookworm", also: readonly string[] = []): Promise<Images> {
    const recipe = join(repositoryRoot(), "lab/image/settle.sh");
    const packages = [...nodePackages, ...also];
    const nodeKey = [release, readFileSync(recipe), ...dpkgOptions, ...packages];
    const node = await cached("node-image", cacheKey(...nodeKey), log, async (folder, signal) => {
        await installTools(["mmdebstrap"], log);
        log(`making the image of a node from packages of Debian ${release}, about 30 s`);
        const from = await sources(release);
        const args = [...(await mmdebstrapArguments(recipe, packages)), release, folder, ...(from ? ["-"] : [])];
        await build(log, "making the node image", "mmdebstrap", args, signal, from);
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

async function mmdebstrapArguments(recipe: string, packages: readonly string[]): Promise<string[]> {
    return [
        ...["--mode=root", "--variant=minbase", "--format=directory", `--include=${packages.join(",")}`],
        ...dpkgOptions.map(option => `--dpkgopt=${option}`),
        ...(await aptOptions()).map(option => `--aptopt=${option}`),
        `--customize-hook=${quote(recipe)} "$1"`,
    ];
}

/** Debian's mirrors as this machine's apt has them, which have the other releases as well; undefined, for mmdebstrap's own choice, where it has none. */
async function sources(release: Release): Promise<string | undefined> {
    const format = "$(ORIGIN) $(RELEASE) deb $(REPO_URI) $(RELEASE) $(COMPONENT)";
    const { stdout } = await capture("apt-get", ["indextargets", "--format", format, "Created-By: Packages"]);
    const lines = stdout.split("\n").flatMap(line => {
        const [, uri, kind = ""] = /^Debian [a-z]+(?:-updates|-security)? deb (\S+) [a-z]+(-updates|-security)? main$/.exec(line) ?? [];
        return uri === undefined ? [] : `deb ${uri} ${release}${kind} main`;
    });
    return lines.length > 0 ? `${[...new Set(lines)].join("\n")}\n` : undefined;
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
