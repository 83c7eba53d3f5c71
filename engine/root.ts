import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The repository's root: the compiled files lie in `dist/`, what is not compiled lies only in the source tree. */
export function repositoryRoot(): string {
    let folder = __dirname;
    while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
    return folder;
}
