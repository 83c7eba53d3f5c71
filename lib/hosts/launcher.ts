export type Verb = "check" | "ensure" | "undo";

/**
 * The command line of every part on every host. It reads the first line of its standard input, becomes root where it is not, and runs the rest with that line
 * as an argument, in a process group of its own. Nothing that a host or a person can write goes into it: neither process lists nor error messages show more than this.
 */
export function launcher(verb: Verb): string {
    return `sh -c 'read -r t; s=; [ "$(id -u)" = 0 ] || s="sudo -n"; exec $s setsid -w sh -s ${verb} "$t"'`;
}

/** The launcher with a comment by which a preview reads like a list of things to do. `about` comes from the description only. */
export function launcherAbout(verb: Verb, about: string): string {
    return `${launcher(verb)} # ${about.replace(/[^ -~]/g, "?")}`;
}
