/** `random.RandomPassword`. */
import type { Failure, Resource } from "../../provider/resource";
import { isObject, isUnknown, type Properties, plain, secret } from "../../provider/wire";
import { type Characters, randomCharacters } from "./characters";
import { atLeast, fixed } from "./fixed";

const DEFAULTS: Omit<Characters, "length" | "numeric"> = {
    upper: true,
    lower: true,
    special: true,
    overrideSpecial: "",
    minUpper: 0,
    minLower: 0,
    minNumeric: 0,
    minSpecial: 0,
};

export const randomPassword: Resource = {
    ...fixed,
    outputs: ["result"],
    compared,

    check(inputs) {
        return { inputs, failures: Object.values(inputs).some(isUnknown) ? [] : problems(inputs) };
    },

    async create(_operation, inputs) {
        const { overrideSpecial: _, ...defaults } = DEFAULTS;
        const numeric = isNumeric(plain(inputs) as Properties);
        const result = randomCharacters(characters(inputs));
        return { id: "none", state: { ...defaults, number: numeric, numeric, ...inputs, result: secret(result) } };
    },
};

function problems(inputs: Properties): Failure[] {
    const wanted = characters(inputs);
    const failures = atLeast(inputs.length, Math.max(1, wanted.minUpper + wanted.minLower + wanted.minNumeric + wanted.minSpecial));
    if (!(wanted.upper || wanted.lower || wanted.numeric || wanted.special)) {
        failures.push({ property: "special", reason: "one of upper, lower, numeric and special must be true" });
    }
    return failures;
}

function characters(inputs: Properties): Characters {
    const values = plain(inputs) as Properties;
    return { ...DEFAULTS, ...values, numeric: isNumeric(values) } as unknown as Characters;
}

/** `number` is the old name of `numeric`. */
const isNumeric = (values: Properties) => (values.numeric ?? values.number ?? true) as boolean;

/** Defaults are no difference, whether written or not. */
function compared(inputs: Properties): Properties {
    const { number: _, keepers, ...values } = plain(inputs) as Properties;
    const kept = Object.fromEntries(Object.entries(isObject(keepers) ? keepers : {}).filter(([, value]) => value !== null));
    return { ...DEFAULTS, ...values, numeric: isNumeric(plain(inputs) as Properties), keepers: kept };
}
