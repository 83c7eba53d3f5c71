import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "pulumi-hrm-files-"));
process.on("exit", () => rmSync(folder, { recursive: true }));

function made(name: string, content: string): string {
    const file = join(folder, name);
    writeFileSync(file, content, "latin1");
    return file;
}

/** As much of such files as a description looks at. */
export const zipFile = made("hrm.zip", "PK\x03\x04 and so on");
export const debFile = made("huygens.deb", "!<arch>\ndebian-binary   and so on");
