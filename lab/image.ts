/** The images of lab hosts: Debian with what each kind of host needs, made once for each release and kept in the user's cache folder. */
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { cached, cacheKey, type Log, progress } from "../engine/cache";
import { capture, LabError, lastLines, must } from "./command";
import { installTools } from "./requirements";

/** Debian 12 and 13. */
export const releases = ["bookworm", "trixie"] as const;
export type Release = (typeof releases)[number];
export const defaultRelease: Release = "bookworm";

/** What a machine has on which nobody has installed anything yet but the way in. */
const barePackages = ["systemd", "systemd-sysv", "dbus", "openssh-server", "sudo", "iproute2"];

/** What HRM calls on each host. */
const toolPackages = ["iputils-ping", "procps", "findutils", "mawk", "zip", "unzip"];

/** What `facts.md` asks of a Huygens node; what stands in for a directory of accounts (LDAP), and a directory of HRM's users, where a test switches them on. */
const nodePackages = [...barePackages, ...toolPackages, "libnss-extrausers", "slapd"];

/** What HRM stands on. */
const hrmPackages = [
    ...["mariadb-server", "php-cli", "php-mysql", "php-ldap", "php-xml", "php-mbstring"],
    ...["apache2", "php-fpm", "logrotate"],
];

/** What the library installs on a bare host, for a repository in place of Debian's mirrors. */
const repositoryPackages = [
    ...hrmPackages,
    ...toolPackages,
    "openssh-client",
    "bzip2",
    "xz-utils",
    "zstd",
    "ca-certificates",
    "nullmailer",
];

/**
 * On top of what a node has: what HRM's web and queue host needs, with two web servers, which both are off until somebody switches one on; what makes its clock wrong,
 * since containers share the machine's; and ADOdb, which HRM brings itself.
 */
const webPackages = [...hrmPackages, "ca-certificates", "libapache2-mod-php", "nginx", "libfaketime", "nftables", "libphp-adodb"];

/** Nobody reads manuals in a lab host; without fsync an image is made in half the time. */
const dpkgOptions = ["force-unsafe-io", ...["doc", "man", "info", "locale"].map(name => `path-exclude=/usr/share/${name}/*`)];

export interface Images {
    node: string;
    web: string;
    /** Of Debian's packages, for a bare web host. */
    repository?: string;
}

export interface ImageOptions {
    /** @default "bookworm" */
    release?: Release | undefined;
    /** That all hosts have besides those that they need. */
    packages?: readonly string[] | undefined;
    /** Whether the web host has nothing of what HRM needs, but a repository from which it can be installed. */
    bare?: boolean | undefined;
}

const recipe = () => join(repositoryRoot(), "lab/image/settle.sh");

/** The folders of the images, which are made where they are not in the cache. */
export async function images(log: Log, { release = defaultRelease, packages = [], bare = false }: ImageOptions = {}): Promise<Images> {
    const node = await image(log, "node", release, [...nodePackages, ...packages]);
    if (bare) {
        const web = await image(log, "bare", release, [...barePackages, ...packages]);
        return { node, web, repository: await repository(log, web) };
    }
    // An image's name holds the key of what it was made from.
    const web = await cached("web-image", cacheKey(basename(node), ...webPackages), log, async (folder, signal) => {
        log("making the image of the web host: MariaDB and PHP, about 20 s");
        await build(log, "copying the node image", "cp", ["-a", "--", `${node}/.`, folder], signal);
        // A mount name space of its own: what the recipe mounts is gone with it, however it ends.
        await build(log, "making the web host image", "unshare", [...apart, recipe(), folder, ...webPackages], signal);
    });
    return { node, web };
}

const apart = ["--mount", "--pid", "--fork", "--kill-child"];

function image(log: Log, kind: string, release: Release, packages: readonly string[]): Promise<string> {
    const key = cacheKey(release, readFileSync(recipe()), ...dpkgOptions, ...packages);
    return cached(`${kind}-image`, key, log, async (folder, signal) => {
        await installTools(["mmdebstrap"], log);
        log(`making the ${kind} image from packages of Debian ${release}, about 30 s`);
        const from = await sources(release);
        const args = [...(await mmdebstrapArguments(packages)), release, folder, ...(from ? ["-"] : [])];
        await build(log, `making the ${kind} image`, "mmdebstrap", args, signal, from);
    });
}

/** The folder of a Debian repository with what a bare host lacks. */
function repository(log: Log, bareImage: string): Promise<string> {
    const script = join(repositoryRoot(), "lab/image/repository.sh");
    const key = cacheKey(basename(bareImage), readFileSync(script), ...repositoryPackages);
    return cached("repository", key, log, async (folder, signal) => {
        log("fetching what a bare web host lacks: Apache, PHP, MariaDB, about 20 s");
        const copy = `${folder}.root`;
        try {
            await build(log, "copying the bare image", "cp", ["-a", "--", bareImage, copy], signal);
            const args = [...apart, script, copy, folder, ...repositoryPackages];
            await build(log, "fetching packages", "unshare", args, signal);
        } finally {
            await must("rm", ["-rf", "--one-file-system", "--", copy]);
        }
    });
}

async function mmdebstrapArguments(packages: readonly string[]): Promise<string[]> {
    return [
        ...["--mode=root", "--variant=minbase", "--format=directory", `--include=${packages.join(",")}`],
        ...dpkgOptions.map(option => `--dpkgopt=${option}`),
        ...(await aptOptions()).map(option => `--aptopt=${option}`),
        `--customize-hook=${quote(recipe())} "$1"`,
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
