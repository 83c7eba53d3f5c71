/** A browser of this machine, for HRM's pages of a lab. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { capture, systemEnvironment } from "./command";
import { pathOf } from "./requirements";

const names = ["chromium", "chromium-browser", "google-chrome"];

/** @returns the path of its program */
export function findBrowser(): string | undefined {
    return names.map(pathOf).find(path => path !== undefined);
}

/** Root's browser starts without its sandbox alone; it meets pages of the lab and no others. */
export const browserArguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];

/** @returns whether the browser has made it */
export async function takePicture(browser: string, url: string, file: string): Promise<boolean> {
    rmSync(file, { force: true });
    const profile = mkdtempSync(join(tmpdir(), "hrm-browser-"));
    try {
        const args = [
            "--headless",
            ...browserArguments,
            `--user-data-dir=${profile}`,
            "--window-size=1280,800",
            `--screenshot=${file}`,
            url,
        ];
        await capture("timeout", ["60", browser, ...args], { env: { ...systemEnvironment, HOME: profile } });
        return existsSync(file);
    } finally {
        rmSync(profile, { recursive: true, force: true });
    }
}
