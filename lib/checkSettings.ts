import { Arguments, describe, type Rule, text, trueOrFalse, wholeNumber } from "./arguments";
import type { Problems } from "./problems";
import { hostName } from "./rules";
import { derivedVariables, removedVariables, type SettingKind, settingTable } from "./settings";

const isText = (value: unknown) => typeof value === "string" && !value.includes("\0");

const kinds: Record<SettingKind, Rule> = {
    string: { fits: isText, want: "a text" },
    boolean: trueOrFalse,
    number: wholeNumber(0, 2 ** 31 - 1),
    strings: { fits: value => Array.isArray(value) && value.length > 0 && value.every(isText), want: "a list of texts" },
    map: {
        fits: value => typeof value === "object" && value !== null && !Array.isArray(value) && Object.values(value).every(isText),
        want: "texts by extension",
    },
};

// They become parts of paths and of commands that HRM does not quote.
const fileName = text(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/, "a file name: letters, digits and ._-");
const mailAddress: Rule = {
    fits: value => {
        const [, domain] = (typeof value === "string" && /^[A-Za-z0-9_][A-Za-z0-9._+=~-]*@(.+)$/.exec(value)) || [];
        return hostName.fits(domain);
    },
    want: "a mail address, such as 'hrm@example.org'",
};
/** A change of folder, then one program of the system with its options, but for those that call another one. HRM puts names of files behind it. */
const archiver = (programs: string) =>
    new RegExp(
        `^(cd %DEST%\\n)?(/(usr/(local/)?)?bin/)?(${programs})( [A-Za-z]{1,8})?( (?!-TT|-I|--(unzip|to|rsh|rmt)-)-{1,2}[A-Za-z0-9][A-Za-z0-9-]*(=[0-9]+)?| -| %DEST%)* ?$`,
    );
const compressBin = text(
    archiver("zip|tar|g?tar|7za?|7zr|pigz|gzip|zstd"),
    "an archiver with its options, such as 'cd %DEST%\n/usr/bin/zip -0 '",
);
const decompressor = archiver("unzip|tar|g?tar|7za?|7zr|unrar|gunzip|gzip|bunzip2|unxz|pigz|zstd|unzstd");
const extension = /^[A-Za-z0-9]+(\.[A-Za-z0-9]+)*$/;
const stricter: Record<string, Rule> = {
    logfile: fileName,
    imageSource: fileName,
    imageDestination: fileName,
    imageHost: hostName,
    compressBin,
    decompressBin: {
        fits: value =>
            kinds.map.fits(value) &&
            Object.entries(value as object).every(([key, command]) => extension.test(key) && decompressor.test(command)),
        want: "unpackers by extension, such as { zip: 'cd %DEST%\n/usr/bin/unzip -o ' }",
    },
    dlMimeType: text(/^[A-Za-z0-9!#$&^_.+-]+\/[A-Za-z0-9!#$&^_.+-]+$/, "a MIME type, such as 'application/zip'"),
    pingCommand: { fits: isPing, want: "ping with its options and an end, -c or -w, such as 'ping -c 2 -i 0.5 -w 3'" },
    // What some pings of other systems take there: seconds, size and count.
    pingParameter: text(/^([0-9]+( [0-9]+)*)?$/, "numbers that follow the node's name, or ''; options belong into pingCommand"),
    hrmUrl: { fits: isWebAddress, want: "the address of HRM's pages, such as 'https://hrm.example.org/hrm'" },
    emailAdmin: mailAddress,
    emailSender: mailAddress,
};

/** HRM runs it as its account on the web host, several times for each job and idle round. Flooding is for root, and one without an end would never end. */
function isPing(value: unknown): boolean {
    const form =
        /^(?:\/(?:(?!\.{1,2}\/)[A-Za-z0-9._+-]+\/)*)?(ping|ping4|ping6|fping)((?: -(?:[46nqv]+|[cwWistC] ?[0-9]+(?:\.[0-9]+)?))*)$/;
    const [, program, options = ""] = (typeof value === "string" && form.exec(value)) || [];
    if (program === undefined || / -[cwWistC] ?(0+(\.0*)?|\.0+)(?= |$)/.test(options)) return false;
    return program === "fping" || / -[cw]/.test(options);
}

function isWebAddress(value: unknown): boolean {
    if (typeof value !== "string" || !/^https?:\/\/[^/?#@]+(\/[!-~]*)?$/.test(value) || /[\s"'<>`\\?#]/.test(value)) return false;
    if (!URL.canParse(value)) return false;
    const { hostname, port } = new URL(value);
    return hostname !== "" && port !== "0";
}

export function checkSettings(problems: Problems, path: string, value: unknown): void {
    if (value === undefined) return;
    const settings = Arguments.ofAny(problems, path, value, "an object such as { logVerbosity: 2 }");
    for (const name of settings?.names ?? []) checkSetting(settings as Arguments, name);
    const [source, destination] = [
        settings?.get("imageSource") ?? settingTable.imageSource.default(""),
        settings?.get("imageDestination") ?? settingTable.imageDestination.default(""),
    ];
    if (source === destination) settings?.add("imageSource", "is imageDestination too; HRM would put results over the images");
}

function checkSetting(settings: Arguments, name: string): void {
    if (!Object.hasOwn(settingTable, name)) {
        settings.add(name, unknownSetting(name));
        return;
    }
    const { kind, oneOf } = settingTable[name as keyof typeof settingTable];
    const rule = stricter[name] ?? kinds[kind];
    settings.plain(name, rule);
    const value = settings.get(name);
    if (!oneOf || !rule.fits(value)) return;
    for (const item of [value].flat() as (string | number)[]) {
        if (!oneOf.includes(item)) settings.add(name, `${describe(item)}, want ${oneOf.map(each => JSON.stringify(each)).join(", ")}`);
    }
}

function unknownSetting(name: string): string {
    if (removedVariables.includes(name)) return "HRM has removed this variable and refuses a configuration with it; leave it out";
    if (Object.hasOwn(derivedVariables, name)) return `is not a setting: ${derivedVariables[name]}`;
    const known = Object.entries(settingTable).find(([, { variable }]) => variable === name)?.[0];
    return known ? `is called ${known} here` : `HRM has no such setting; there are ${Object.keys(settingTable).join(", ")}`;
}
