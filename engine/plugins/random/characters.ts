/** Random text, as `random.RandomPassword` makes it. */
import { randomInt } from "node:crypto";

export interface Characters {
    length: number;
    upper: boolean;
    lower: boolean;
    numeric: boolean;
    special: boolean;
    overrideSpecial: string;
    minUpper: number;
    minLower: number;
    minNumeric: number;
    minSpecial: number;
}

const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER = "abcdefghijklmnopqrstuvwxyz";
const NUMERIC = "0123456789";
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

/** Every character of the allowed ones is equally likely, at every place. */
export function randomCharacters(wanted: Characters): string {
    const special = wanted.overrideSpecial || SPECIAL;
    const allowed =
        (wanted.upper ? UPPER : "") + (wanted.lower ? LOWER : "") + (wanted.numeric ? NUMERIC : "") + (wanted.special ? special : "");
    // The least numbers count also for kinds that are not allowed otherwise.
    const characters = [
        ...choose(UPPER, wanted.minUpper),
        ...choose(LOWER, wanted.minLower),
        ...choose(NUMERIC, wanted.minNumeric),
        ...choose(special, wanted.minSpecial),
    ];
    return shuffled([...characters, ...choose(allowed, wanted.length - characters.length)]).join("");
}

function choose(from: string, count: number): string[] {
    const characters = Array.from(from);
    return Array.from({ length: count }, () => characters[randomInt(characters.length)]);
}

/** Fisher and Yates's shuffle. */
function shuffled(characters: string[]): string[] {
    const result = [...characters];
    for (let last = result.length - 1; last > 0; last--) {
        const other = randomInt(last + 1);
        [result[last], result[other]] = [result[other], result[last]];
    }
    return result;
}
