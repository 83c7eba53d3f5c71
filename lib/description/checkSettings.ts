import {
    type Arguments,
    type Field,
    type Form,
    filledList,
    isObject,
    oneOf,
    perhaps,
    plain,
    type Rule,
    text,
    trueOrFalse,
    wholeNumber,
} from "./arguments";
import { hostName } from "./rules";
import { derivedVariables, type HrmSettings, removedVariables, type SettingKind, settingTable } from "./settings";

const anyText: Rule = text(/^[^\0]*$/, "a text");
const extension = /^[A-Za-z0-9]+(\.[A-Za-z0-9]+)*$/;
/** @param command what each of them has to be */
const byExtension = (command: RegExp, want: string): Rule => ({
    fits: value =>
        isObject(value) &&
        Object.entries(value).every(([key, each]) => extension.test(key) && typeof each === "string" && command.test(each)),
    want,
    schema: {
        type: "object",
        propertyNames: { pattern: extension.source },
        additionalProperties: { type: "string", pattern: command.source },
    },
});

const kinds: Record<Exclude<SettingKind, "strings" | "map">, Rule> = {
    string: anyText,
    boolean: trueOrFalse,
    number: wholeNumber(0, 2 ** 31 - 1),
};

// They become parts of paths and of commands that HRM does not quote.
const fileName = text(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/, "a file name: letters, digits and ._-");
export const mailAddress: Rule = {
    fits: value => {
        const [, domain] = (typeof value === "string" && /^[A-Za-z0-9_][A-Za-z0-9._+=~-]*@(.+)$/.exec(value)) || [];
        return hostName.fits(domain);
    },
    want: "a mail address, such as 'hrm@example.org'",
    schema: { type: "string", pattern: "^[A-Za-z0-9_][A-Za-z0-9._+=~-]*@[A-Za-z0-9][A-Za-z0-9.-]*$" },
};
const bin = "(/(usr/(local/)?)?s?bin/)?";
/**
 * A change of folder, then one program of the system with options that only pack or unpack where HRM lets it: HRM puts names of files behind it. Others call
 * programs, delete what they have packed, or write where the archive says.
 *
 * @param options by program
 */
const archiver = (options: Record<string, string>) => {
    const programs = Object.entries(options).map(([program, each]) => `(${program})( (${each}))*`);
    return new RegExp(`^(cd %DEST% ?\\n ?)?${bin}(${programs.join("|")}) ?$`);
};
const packer = archiver({
    zip: "-[0-9DXjkqruvy]+",
    "g?tar": "-?[achjJpvzf]+|-C %DEST%",
    "7z[ar]?": "a|-t(zip|7z|tar)|-mx=?[0-9]|-mmt(=?[0-9a-z]+)?|-y|-r|-bd",
});
const unpacker = archiver({
    unzip: "-[CLajnoqu]+|-d %DEST%",
    "g?tar": "-?[xzjJakmopvf]+|-C %DEST%|--no-same-(owner|permissions)|--strip-components=[0-9]",
    "7z[ar]?": "[ex]|-y|-ao[astu]|-bd|-o%DEST%",
    unrar: "[ex]|-o[+-]|-y|-inul|-idq",
    // These take the archive away, unless they are told to keep it.
    "(gunzip|gzip|pigz|unpigz|bunzip2|unxz)(?=.* -[a-z0-9]*k)": "-[0-9dfkqv]+",
    unzstd: "-[fkqv]+",
});
const pingForm = new RegExp(
    `^${bin}(ping[46]?|fping)((?: -[46DOnqv]*(?:[46DOnqv]|[cwWist] ?[0-9]+(?:\\.[0-9]+)?|I ?[A-Za-z0-9][A-Za-z0-9._-]*))*)$`,
);
const webAddress = /^https?:\/\/[^/?#@\s"'<>`\\]+(\/[!$-&(-;=@-[\]^_a-~]*)?$/;
const compressBin = text(packer, "an archiver with options that only pack, such as 'cd %DEST%\\n/usr/bin/zip -0 '");
const stricter: Record<string, Rule> = {
    logfile: fileName,
    imageSource: fileName,
    imageDestination: fileName,
    imageHost: hostName,
    compressBin,
    decompressBin: byExtension(
        unpacker,
        "unpackers by extension (zip, tar.gz), with options that only unpack and keep the archive, such as { zip: 'cd %DEST%\\n/usr/bin/unzip -o ' }",
    ),
    // What a browser shows instead of keeping it would be run with the rights of HRM's pages.
    dlMimeType: text(
        /^application\/((x-)?(force-)?download|octet-stream|(x-)?(zip|gzip|tar|gtar|bzip2|xz|zstd|7z-compressed|zip-compressed|rar-compressed|compressed))$/,
        "a MIME type that browsers keep as a file, such as 'application/zip'",
    ),
    pingCommand: {
        fits: isPing,
        want: "ping with its options and an end within 30 s, by -c or -w, such as 'ping -c 2 -i 0.5 -w 3'; a path only into the system's bin folders",
        schema: { type: "string", pattern: pingForm.source },
    },
    // What some pings of other systems take there: seconds, size and count.
    pingParameter: text(/^([0-9]+( [0-9]+)*)?$/, "numbers that follow the node's name, or ''; options belong into pingCommand"),
    hrmUrl: {
        fits: isWebAddress,
        want: "the address of HRM's pages, such as 'https://hrm.example.org/hrm'",
        schema: { type: "string", pattern: webAddress.source },
    },
    emailAdmin: mailAddress,
    emailSender: mailAddress,
};

/** A ping takes so long at most, seconds. */
const longestPing = 30;

/** HRM runs it as its account on the web host, several times for each job and idle round. Flooding is for root, and one without an end would never end. */
function isPing(value: unknown): boolean {
    const found = typeof value === "string" ? pingForm.exec(value) : null;
    if (!found) return false;
    const [program, words] = found.slice(-2) as [string, string];
    const numbers = new Map([...words.matchAll(/([cwWist]) ?([0-9.]+)(?= |$)/g)].map(([, option, number]) => [option, Number(number)]));
    if ([...numbers.values()].includes(0)) return false;
    const count = numbers.get("c") ?? (program === "fping" ? 1 : Infinity);
    return Math.min(numbers.get("w") ?? Infinity, count * (program === "fping" ? 1 : (numbers.get("i") ?? 1))) <= longestPing;
}

function isWebAddress(value: unknown): boolean {
    if (typeof value !== "string" || !webAddress.test(value)) return false;
    if (!URL.canParse(value)) return false;
    const { hostname, port } = new URL(value);
    return hostname !== "" && port !== "0";
}

function fieldOf(name: keyof HrmSettings): Field {
    const { kind, oneOf: values } = settingTable[name];
    const among = values ? [oneOf(values)] : [];
    if (kind === "strings") return filledList("a list of texts", anyText, ...among);
    const rule = stricter[name] ?? kinds[kind as keyof typeof kinds];
    return plain(rule, ...among);
}

const names = Object.keys(settingTable) as (keyof HrmSettings)[];

export const settingsForm = Object.fromEntries(names.map(name => [name, fieldOf(name)])) as Form<HrmSettings>;

/** What the form cannot say of the argument `settings`. */
export function checkSettings(args: Arguments): void {
    const settings = args.inner("settings");
    const [source, destination] = (["imageSource", "imageDestination"] as const).map(
        name => settings?.get(name) ?? settingTable[name].default(""),
    );
    // Storage may not tell capitals from others (CIFS).
    if (typeof source === "string" && typeof destination === "string" && source.toLowerCase() === destination.toLowerCase())
        settings?.add("imageSource", "is imageDestination too; HRM would put results over the images");
}

export function unknownSetting(name: string): string {
    if (removedVariables.includes(name)) return "HRM has removed this variable and refuses a configuration with it; leave it out";
    if (Object.hasOwn(derivedVariables, name)) return `is not a setting: ${derivedVariables[name]}`;
    const known = Object.entries(settingTable).find(([, { variable }]) => variable === name)?.[0];
    const names = Object.keys(settingTable);
    return known ? `is called ${known} here` : `HRM has no such setting; there are ${names.join(", ")}${perhaps(name, names)}`;
}
