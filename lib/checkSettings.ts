import { Arguments, describe, type Rule, text, trueOrFalse, wholeNumber } from "./arguments";
import type { Problems } from "./problems";
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
const mailAddress = text(/^[^\s@<>()[\]\\,;:"]+@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/, "a mail address, such as 'hrm@example.org'");
const stricter: Record<string, Rule> = {
    logfile: fileName,
    imageSource: fileName,
    imageDestination: fileName,
    // HRM runs it as its account on the web host, several times for each job and idle round. Flooding is for root, and would never end.
    pingCommand: text(
        /^(\/([A-Za-z0-9._+-]+\/)*)?(ping|ping4|ping6|fping)( -(?!f\b)[A-Za-z0-9][A-Za-z0-9.]*( [0-9][0-9.]*)?)*$/,
        "ping with its options, such as 'ping -c 2 -i 0.5 -w 3'",
    ),
    // What some pings of other systems take there: seconds, size and count.
    pingParameter: text(/^([0-9]+( [0-9]+)*)?$/, "numbers that follow the node's name, or ''; options belong into pingCommand"),
    hrmUrl: { fits: isWebAddress, want: "the address of HRM's pages, such as 'https://hrm.example.org/hrm'" },
    emailAdmin: mailAddress,
    emailSender: mailAddress,
};

function isWebAddress(value: unknown): boolean {
    if (typeof value !== "string" || !/^https?:\/\/[^\s"'<>`\\]+$/.test(value)) return false;
    if (!URL.canParse(value)) return false;
    const { hostname, username, password, search, hash } = new URL(value);
    return hostname !== "" && username + password + search + hash === "";
}

export function checkSettings(problems: Problems, path: string, value: unknown): void {
    if (value === undefined) return;
    const settings = Arguments.ofAny(problems, path, value, "an object such as { logVerbosity: 2 }");
    for (const name of settings?.names ?? []) checkSetting(settings as Arguments, name);
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
