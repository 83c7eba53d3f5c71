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
const stricter: Record<string, Rule> = {
    logfile: fileName,
    imageSource: fileName,
    imageDestination: fileName,
    pingCommand: text(/^[A-Za-z0-9/][A-Za-z0-9 ./_-]*$/, "a command without quotes"),
    pingParameter: text(/^[A-Za-z0-9 ./_-]*$/, "words without quotes"),
};

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
