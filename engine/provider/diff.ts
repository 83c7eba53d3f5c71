/** What differs between a resource's old inputs and its new ones, property by property, as Pulumi's own SDK for providers does it. */
import { isArchive, isAsset, isObject, isSecret, type Properties, type Wire } from "./wire";

export type Kind = "add" | "delete" | "update";

/** Differences by property path, as in `connection`, `triggers[0]`, `environment.LANG`. */
export type Differences = Map<string, Kind>;

/** Compares inputs. A secret is compared as a whole; a secret and the same value in plain text are different. */
export function differences(olds: Properties, news: Properties): Differences {
    const found: Differences = new Map();
    objects("", ignoreInternal(olds), ignoreInternal(news), found);
    return found;
}

/** `version` and properties that begin with two underscores come from the engine, not from the user. */
function ignoreInternal(properties: Properties): Properties {
    return Object.fromEntries(Object.entries(properties).filter(([key]) => key !== "version" && !key.startsWith("__")));
}

function objects(path: string, olds: Properties, news: Properties, found: Differences): void {
    for (const key of new Set([...Object.keys(olds), ...Object.keys(news)])) {
        values(path === "" && isName(key) ? key : `${path}${step(key)}`, olds[key], news[key], found);
    }
}

const isName = (key: string) => /^[A-Za-z_$][\w$]*$/.test(key);
const step = (key: string) => (isName(key) ? `.${key}` : `["${key.replaceAll('"', '\\"')}"]`);

function values(path: string, old: Wire | undefined, now: Wire | undefined, found: Differences): void {
    if (old === undefined) found.set(path, "add");
    else if (now === undefined) found.set(path, "delete");
    else if (Array.isArray(old) && Array.isArray(now)) {
        for (let index = 0; index < Math.max(old.length, now.length); index++) values(`${path}[${index}]`, old[index], now[index], found);
    } else if (isPlainObject(old) && isPlainObject(now)) objects(path, old, now, found);
    else if (!same(old, now)) found.set(path, "update");
}

const isPlainObject = (value: Wire): value is Properties => isObject(value) && !isSecret(value) && !isAsset(value) && !isArchive(value);

function same(old: Wire, now: Wire): boolean {
    // Assets are what they contain, not where they lie.
    if (((isAsset(old) && isAsset(now)) || (isArchive(old) && isArchive(now))) && old.hash && now.hash) return old.hash === now.hash;
    if (isSecret(old) && isSecret(now)) return same(old.value, now.value);
    if (Array.isArray(old) && Array.isArray(now)) return old.length === now.length && old.every((value, index) => same(value, now[index]));
    if (!isObject(old) || !isObject(now)) return old === now;
    const keys = Object.keys(old);
    return keys.length === Object.keys(now).length && keys.every(key => key in now && same(old[key], now[key]));
}
