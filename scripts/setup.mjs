// Brings a clone to where its commands run, with nothing but Node: dependencies, then compiled TypeScript. Says what it does; does nothing twice.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

export function setUp() {
    const [major, minor] = process.versions.node.split(".").map(Number);
    if (major < 20 || (major === 20 && minor < 19)) stop(`Node ${process.versions.node} is too old: install Node 20.19 or later.`);
    const installed = join(root, "node_modules", ".package-lock.json");
    if (newest([join(root, "package-lock.json")]) > newest([installed])) {
        run("installing the npm dependencies (half a minute)", "npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
        utimesSync(installed, new Date(), new Date());
    }
    // The examples import the library by its name, as its users do. npm's own link to the folder itself breaks `npm ci`.
    const self = join(root, "node_modules", "pulumi-hrm");
    if (!existsSync(self)) symlinkSync("..", self);
    const stamp = join(root, "dist", ".built");
    if (
        newest(["lib", "program", "engine", "lab", "test", "tsconfig.json", "package.json"].map(name => join(root, name))) > newest([stamp])
    ) {
        run("compiling (10 seconds)", "npm", ["run", "--silent", "build"]);
        writeFileSync(stamp, "");
    }
}

/** Time of the last change in files and folders; 0 where there is none. */
function newest(paths) {
    return Math.max(
        0,
        ...paths.filter(existsSync).map(path => {
            const entry = statSync(path);
            const inside = entry.isDirectory() ? readdirSync(path).map(name => join(path, name)) : [];
            return Math.max(entry.mtimeMs, newest(inside));
        }),
    );
}

// Standard error: the output of a command may be meant for a shell.
function run(title, command, args) {
    console.error(`set-up: ${title}`);
    // `npm pack --dry-run` calls this, and must not make `npm ci` a dry run, too.
    const { npm_config_dry_run: _, ...env } = process.env;
    const { status, error } = spawnSync(command, args, { cwd: root, env, stdio: ["ignore", 2, 2] });
    if (status !== 0) stop(`set-up: '${command} ${args.join(" ")}' failed${error ? `: ${error.message}` : ""}.`);
}

function stop(message) {
    console.error(message);
    process.exit(1);
}
