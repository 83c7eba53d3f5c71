import { type Arguments, text } from "./arguments";
import { checkDownload } from "./download";

const version = text(/^\d{1,4}\.\d{1,4}\.\d{1,4}$/, "a version of HRM, three numbers such as 3.10.0");

/** Looks at the argument `application`, and at the file, where it is here. */
export function checkRelease(web: Arguments): void {
    const args = web.inner("application", ["release", "sha256", "version"]);
    if (!args) return;
    if (args.require("version", "it is HRM's, as the release's inc/System.php has it, such as 3.10.0")) args.plain("version", version);
    checkDownload(args, "release", "HRM's release, a zip file");
}
