import { type Arguments, type Form, plain, required, text } from "./arguments";
import { checkDownload, downloadForm } from "./download";
import type { ApplicationArgs } from "./webHost";

const version = text(/^\d{1,4}\.\d{1,4}\.\d{1,4}$/, "a version of HRM, three numbers such as 3.10.0");
const release = { what: "HRM's release, a zip file", begins: "PK\x03\x04" };

export const applicationForm: Form<ApplicationArgs> = {
    ...downloadForm("release", release),
    version: required("it is HRM's, as the release's inc/System.php has it, such as 3.10.0", plain(version)),
};

/** Looks at the file of the argument `application`, where it is here. */
export function checkRelease(web: Arguments): void {
    const args = web.inner("application");
    if (args) checkDownload(args, "release", release);
}
