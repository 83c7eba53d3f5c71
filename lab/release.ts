/** A release zip of HRM, as HRM's people hand it out: `hrm/` with everything in it. */

import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "../engine/cache";
import { LabError, must } from "./command";
import { hrmTree } from "./disk";
import { installTools } from "./requirements";

/**
 * @param source an HRM tree, or a folder with one in `hrm/`
 * @param change makes another one of the copy from which the zip is made
 */
export async function makeReleaseZip(
    source: string,
    zip: string,
    log: Log,
    change?: (tree: string) => Promise<void> | void,
): Promise<void> {
    await installTools(["zip"], log);
    const folder = mkdtempSync(`${zip}.made-`);
    try {
        const tree = join(folder, "hrm");
        await must("cp", ["-r", "--", hrmTree(source), tree]);
        await change?.(tree);
        rmSync(zip, { force: true });
        await must("sh", ["-c", 'cd "$1" && exec zip -qrX "$2" hrm', "sh", folder, zip]);
    } finally {
        rmSync(folder, { recursive: true });
    }
}

/** HRM's version, as a release zip has it. */
export async function versionInZip(zip: string): Promise<string> {
    await installTools(["unzip"], () => {});
    const text = await must("unzip", ["-p", zip, "*inc/System.php"]);
    const numbers = ["MAJOR", "MINOR", "MAINTENANCE"].map(part => new RegExp(`HRM_VERSION_${part} *= *(\\d+)`).exec(text)?.[1]);
    if (numbers.includes(undefined)) throw new LabError(`${zip} is no release of HRM: its inc/System.php has no version.`);
    return numbers.join(".");
}
