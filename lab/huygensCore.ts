/** A package of Debian's kind with the stand-in for Huygens Core, in the places of the real one. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../engine/root";
import { must } from "./command";

export interface HuygensCorePackage {
    /** As people write it: 24.10.0. */
    version: string;
    /** Lines of its control file. */
    control?: string;
    /** Runs when dpkg sets it up, as `sh`. */
    postinst?: string;
    /** Whether it has a hucore. @default true */
    hasHucore?: boolean;
}

/** `24.10.0` as HRM writes it: 24100000. */
export const asHrmWrites = (version: string) => {
    const [year, month, patch] = version.split(".").map(Number);
    return String(year! * 1_000_000 + month! * 10_000 + patch! * 100);
};

export async function makeHuygensCorePackage(
    file: string,
    { version, control = "", postinst, hasHucore = true }: HuygensCorePackage,
): Promise<void> {
    const folder = mkdtempSync(`${file}.made-`);
    const put = (path: string, text: string, mode: number) => {
        mkdirSync(join(folder, path, ".."), { recursive: true });
        writeFileSync(join(folder, path), text);
        chmodSync(join(folder, path), mode);
    };
    try {
        chmodSync(folder, 0o755);
        const description = "Description: Stand-in for Huygens Core\nMaintainer: pulumi-hrm <lab@example.org>";
        put("DEBIAN/control", `Package: huygens\nVersion: ${version}\nArchitecture: all\n${control}${description}\n`, 0o644);
        if (postinst) put("DEBIAN/postinst", `#!/bin/sh\n${postinst}\n`, 0o755);
        const standIn = readFileSync(join(repositoryRoot(), "lab/hucore/hucore"), "utf8");
        put("usr/local/svi/share/README", "stand-in\n", 0o644);
        if (hasHucore) {
            put("usr/local/svi/bin/hucore", standIn.replace(/^version=\d+$/m, `version=${asHrmWrites(version)}`), 0o755);
            mkdirSync(join(folder, "usr/local/bin"), { recursive: true });
            symlinkSync("../svi/bin/hucore", join(folder, "usr/local/bin/hucore"));
        }
        await must("dpkg-deb", ["--root-owner-group", "-b", folder, file]);
    } finally {
        rmSync(folder, { recursive: true });
    }
}
