import * as pulumi from "@pulumi/pulumi";
import { unknown } from "@pulumi/pulumi/output";
import { harmless, LateProblem, type Problems } from "./problems";

/** What a value has to be. */
export interface Rule {
    fits: (value: unknown) => boolean;
    /** The way out, after `want`: "a host name: letters, digits, '-' and '.'". */
    want: string;
    /** Whether a message must not show the value, which stands in no state in plain text. */
    secret?: boolean;
    /** As much of it as JSON Schema can say, for editors: never more than `fits` refuses. */
    schema?: object;
}

/** What an argument has to be. */
export interface Field {
    /** The way out where it is missing, empty where a check of its own tells it; without, it may be left out. */
    missing?: string;
    /** Of the rules, the first that a value does not fit is told. */
    rules?: readonly Rule[];
    /** Whether an output may stand here, which is looked at when it is known. Else other arguments and the names of resources depend on the value. */
    isInput?: boolean;
    /** Of a list, which fits `rules`: those of its items. */
    items?: readonly Rule[];
    /** Of an argument that has arguments itself. */
    form?: AnyForm;
    /** Whether these have names of the person's own, with `form` for each. */
    byName?: boolean;
    /** Of a value that has arguments itself: what it has to be. @default the names of the arguments */
    want?: string;
    /** What is said of an argument that is not in the form. @default which there are */
    unknown?: (name: string) => string;
}

export type AnyForm = Readonly<Record<string, Field>>;

/** What the arguments of an interface have to be: the compiler sees that each of them is there, and whether it may be left out or an output. */
export type Form<Args> = {
    readonly [Name in keyof Args]-?: Field &
        ([Extract<Args[Name], Promise<unknown>>] extends [never] ? { isInput?: undefined } : { isInput: true }) &
        (undefined extends Args[Name] ? unknown : { missing: string });
};

export const plain = (...rules: Rule[]) => ({ rules });
/** For text and numbers that may come from other resources. */
export const input = (...rules: Rule[]) => ({ rules, isInput: true }) as const;
export const inner = <Args>(form: Form<Args>) => ({ form });
export const required = <Some extends Field>(missing: string, field: Some) => ({ ...field, missing });

/** @param items what each of them has to be */
export const list = (want: string, ...items: Rule[]) => ({
    rules: [{ fits: Array.isArray, want, schema: { type: "array", items: schemaOf(items) } }],
    items,
});
export const filledList = (want: string, ...items: Rule[]) => {
    const { rules } = list(want, ...items);
    const isFilled = { fits: (value: unknown) => (value as unknown[]).length > 0, want: `${want}, at least one`, schema: { minItems: 1 } };
    return { rules: [...rules, isFilled], items };
};

/** The one of the names that somebody may have meant, as the end of a message: it differs in one place by two letters at most, or in its spelling (`host_key`). */
export function perhaps(name: string, names: readonly string[]): string {
    const letters = (text: string) => text.replace(/[_-]/g, "").toLowerCase();
    const near = names.map(each => ({ each, far: difference(letters(each), letters(name)) })).filter(({ far }) => far <= 2);
    const [meant] = near.sort((one, other) => one.far - other.far);
    return meant && meant.far < Math.max(1, name.length - 1) ? `; did you mean ${meant.each}?` : "";
}

/** How many letters are between what both begin and what both end with. */
function difference(one: string, other: string): number {
    const [short, long] = one.length < other.length ? [one, other] : [other, one];
    let [begin, end] = [0, 0];
    while (begin < short.length && short[begin] === long[begin]) begin++;
    while (end < short.length - begin && short.at(-1 - end) === long.at(-1 - end)) end++;
    return long.length - begin - end;
}

/** What JSON Schema can say of a value that has to fit all of the rules; with the rules' own words, which editors show instead of a pattern. */
export function schemaOf(rules: readonly Rule[]): object {
    const [first = {}, ...more] = rules.flatMap(({ schema, want }) => (schema ? { ...schema, errorMessage: `want ${want}` } : []));
    return more.length === 0 ? first : { ...first, allOf: more };
}

export const text = (pattern: RegExp, want: string): Rule => ({
    fits: value => typeof value === "string" && pattern.test(value),
    want,
    schema: { type: "string", pattern: pattern.source },
});

export const wholeNumber = (least: number, most: number): Rule => ({
    fits: value => Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
    want: `a whole number from ${least} to ${most}`,
    schema: { type: "integer", minimum: least, maximum: most },
});

export const trueOrFalse: Rule = { fits: value => typeof value === "boolean", want: "true or false", schema: { type: "boolean" } };

export const oneOf = (values: readonly (string | number)[]): Rule => ({
    fits: value => values.includes(value as string),
    want: values.map(each => JSON.stringify(each)).join(", "),
    schema: { enum: values },
});

/**
 * Arguments as a person wrote them, perhaps in plain JavaScript: held to a form, with what is wrong going into `problems` under the path of the argument. What a
 * form cannot say (one argument needs another) is asked of them afterwards.
 */
export class Arguments {
    private constructor(
        readonly problems: Problems,
        private readonly path: string,
        private readonly values: Record<string, unknown>,
    ) {}

    /** Undefined, and a problem, where the value is no object. Names that are not in the form are problems: mostly misspelt ones. */
    static of(problems: Problems, path: string, value: unknown, form: AnyForm, { want, unknown }: Field = {}): Arguments | undefined {
        const known = Object.keys(form);
        const names = known.join(", ");
        const args = Arguments.ofAny(problems, path, value, want ?? `an object with ${names}`);
        for (const name of args?.names ?? []) {
            if (!Object.hasOwn(form, name))
                args?.add(name, unknown?.(name) ?? `there is no such argument, only ${names}${perhaps(name, known)}`);
        }
        for (const [name, field] of Object.entries(form)) args?.check(name, field);
        return args;
    }

    /** An object whose names are the person's own. */
    private static ofAny(problems: Problems, path: string, value: unknown, want: string): Arguments | undefined {
        if (isObject(value)) return new Arguments(problems, path, value);
        // A text may be the password that belongs into the object.
        problems.add(path || "args", `${typeof value === "string" ? "a text" : describe(value)}, want ${want}`);
        return undefined;
    }

    get names(): string[] {
        return Object.keys(this.values);
    }

    get(name: string): unknown {
        return this.values[name];
    }

    at(name: string): string {
        return this.path === "" ? name : `${this.path}.${name}`;
    }

    add(name: string, problem: string): void {
        this.problems.add(this.at(name), problem);
    }

    /** @returns whether it is given */
    require(name: string, wayOut: string): boolean {
        const given = this.get(name) !== undefined;
        if (!given) this.add(name, `is missing; ${wayOut}`);
        return given;
    }

    private check(name: string, field: Field): void {
        const value = this.get(name);
        const { form, byName, want, rules = [], items, isInput, missing } = field;
        if (value === undefined) {
            if (missing) this.require(name, missing);
        } else if (form && byName) {
            const each = Arguments.ofAny(this.problems, this.at(name), value, want!);
            for (const key of each?.names ?? []) Arguments.of(this.problems, each!.at(key), each!.get(key), form);
        } else if (form) Arguments.of(this.problems, this.at(name), value, form, field);
        else if (!isInput && isLater(value)) this.add(name, `is ${describe(value)}, want the plain value: ${rules[0]!.want}`);
        else if (!isLater(value) && this.fits(name, value, rules) && Array.isArray(value)) {
            for (const [index, item] of value.entries()) this.fits(`${name}[${index}]`, item, items ?? []);
        }
    }

    /** Of the rules, the first that the value does not fit is told. */
    private fits(name: string, value: unknown, rules: readonly Rule[]): boolean {
        const broken = rules.find(({ fits }) => !fits(value));
        if (broken) this.add(name, `${broken.secret ? "what is given does not fit" : describe(value)}, want ${broken.want}`);
        return !broken;
    }

    /** The value, unless it is not given or known only later. */
    known(name: string): unknown {
        const value = this.get(name);
        return isLater(value) ? undefined : value;
    }

    /** An argument that has arguments itself, which were looked at with those that it stands in. */
    inner(name: string): Arguments | undefined {
        const value = this.get(name);
        return isObject(value) ? new Arguments(this.problems, this.at(name), value) : undefined;
    }
}

/** Whether it is known only later. */
export function isLater(value: unknown): boolean {
    return pulumi.Output.isInstance(value) || value instanceof Promise;
}

/** Whether it has arguments of its own: no list, and no Map, Date or the like, whose values are not in properties. */
export function isObject(value: unknown): value is Record<string, unknown> {
    return Object.prototype.toString.call(value) === "[object Object]" && !isLater(value);
}

/** A value in a message: as it was given, but short, on one line, and without the password of an address. */
export function describe(value: unknown): string {
    if (typeof value === "string") {
        if (value.includes("PRIVATE KEY-----")) return "a private key";
        const seen = value.replace(/\n/g, "\\n").replace(/\r/g, "\\r").replace(/\t/g, "\\t");
        const letters = [...seen.replace(/\/\/[^/@\s]*@/g, "//...@")];
        return `'${harmless(letters.slice(0, 40).join(""))}${letters.length > 40 ? "..." : ""}'`;
    }
    if (isLater(value)) return pulumi.Output.isInstance(value) ? "an output" : "a promise";
    if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
    return typeof value === "object" && value !== null ? "an object" : String(value);
}

/**
 * A value that may be known only now, looked at. Else @pulumi/command prints a whole connection, keys and all, where one of its values has a wrong type.
 * @throws RunError, without the value
 */
export function fitting<T>(what: string, value: pulumi.Input<T>, { fits, want }: Rule): pulumi.Output<T> {
    return (pulumi.output(value) as pulumi.Output<unknown>).apply(known => {
        // Of a resource that is not there yet: one that --target leaves out, or a unit test's mock.
        if (known === undefined) return pulumi.output(unknown as T);
        if (!fits(known)) throw new LateProblem(`${what}: what is given does not fit, want ${want}`);
        return known as T;
    }) as pulumi.Output<T>;
}
