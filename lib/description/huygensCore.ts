import type * as pulumi from "@pulumi/pulumi";
import { type Arguments, type Form, input, type Rule } from "./arguments";
import { checkDownload, downloadForm, downloadOf } from "./download";

/**
 * Huygens Core as a package of Debian's kind, for this library to install. Experimental: it was tried with a stand-in for Huygens Core alone, since that is not to be had
 * without a contract. Another version that is there is replaced, a newer one as well, but not while hucore runs on the host: a node of a busy cluster is taken out of service
 * first, with `maintenance: true` for one `up`.
 */
export interface HuygensCoreArgs {
    /**
     * The package, a .deb file: a path on the machine that runs Pulumi, from the folder in which the program runs; or an address from which each host fetches it,
     * `https://` without a user and a password. @example "huygens_24.10.0_amd64.deb"
     */
    package: string;
    /**
     * SHA-256 of the package, 64 hexadecimal digits, without which nothing is installed. @default that of the file, where it is on the machine that runs Pulumi; for an address
     * it is required @example "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
     */
    sha256?: string;
    /**
     * Licence strings of Scientific Volume Imaging, one a line; a secret. They are added to `/usr/local/svi/huygensLicense`, where what is there already stays; a new file is
     * read by root and HRM's group alone. @default none: somebody else looks after the licence
     * @example config.requireSecret("huygensLicence")
     */
    licence?: pulumi.Input<string>;
}

/** A path would be added to what Huygens Core reads, and stay there. */
const licenceText = /^(?!\s*(~|\.{1,2})?\/)[ -~\r\n]*[!-~][ -~\r\n]*$/;

export const licence: Rule = {
    fits: value => typeof value === "string" && licenceText.test(value),
    want: "licence strings, one a line, without control characters: the text, not the path of its file",
    secret: true,
    schema: { type: "string", pattern: licenceText.source },
};

const debianPackage = { what: "Huygens Core's package, a .deb file", begins: "!<arch>\ndebian-binary" };

export const huygensCoreForm: Form<HuygensCoreArgs> = { ...downloadForm("package", debianPackage), licence: input(licence) };

/** Looks at the file of the argument `huygensCore`, where it is here. */
export function checkHuygensCore(of: Arguments): void {
    const args = of.inner("huygensCore");
    if (args) checkDownload(args, "package", debianPackage);
}

/** A node that gets another package proves itself anew. */
export function packageOf(args: HuygensCoreArgs | undefined): { huygens_core?: string } {
    return args ? { huygens_core: downloadOf(args.package, args.sha256).sha256 } : {};
}
