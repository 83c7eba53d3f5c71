import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";

/** The first executable file of that name in the given folders, by default those of PATH. */
export function which(name: string, folders: string[] = pathFolders()): string | undefined {
    return folders.map(folder => resolve(join(folder, name))).find(isExecutable);
}

export function pathFolders(): string[] {
    return (process.env.PATH ?? "").split(delimiter).filter(folder => folder !== "");
}

function isExecutable(file: string): boolean {
    try {
        accessSync(file, constants.X_OK);
        return statSync(file).isFile();
    } catch {
        return false;
    }
}
