import * as pulumi from "@pulumi/pulumi";
import { unknown } from "@pulumi/pulumi/output";
import { harmless, LateProblem, type Problems } from "./problems";

/** What a value has to be. */
export interface Rule {
    fits: (value: unknown) => boolean;
    /** The way out, after `want`: "a host name: letters, digits, '-' and '.'". */
    want: string;
    /** Whether a message must not show the value. */
    secret?: boolean;
}

export const text = (pattern: RegExp, want: string): Rule => ({ fits: value => typeof value === "string" && pattern.test(value), want });

export const wholeNumber = (least: number, most: number): Rule => ({
    fits: value => Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
    want: `a whole number from ${least} to ${most}`,
});

export const trueOrFalse: Rule = { fits: value => typeof value === "boolean", want: "true or false" };

/**
 * Arguments as a person wrote them, perhaps in plain JavaScript: looked at one by one, with what is wrong going into `problems` under the path
 * of the argument. An argument that is not given passes, unless it is required.
 */
export class Arguments {
    private constructor(
        readonly problems: Problems,
        private readonly path: string,
        private readonly values: Record<string, unknown>,
    ) {}

    /** Undefined, and a problem, where the value is no object. Names that are not among `names` are problems: mostly misspelt ones. */
    static of(problems: Problems, path: string, value: unknown, names: readonly string[]): Arguments | undefined {
        const args = Arguments.ofAny(problems, path, value, `an object with ${names.join(", ")}`);
        for (const name of Object.keys(args?.values ?? {})) {
            if (!names.includes(name)) args?.add(name, `there is no such argument, only ${names.join(", ")}`);
        }
        return args;
    }

    /** An object whose names are the person's own. */
    static ofAny(problems: Problems, path: string, value: unknown, want: string): Arguments | undefined {
        if (isObject(value)) return new Arguments(problems, path, value);
        // A text may be the password that belongs into the object.
        problems.add(path || "args", `${typeof value === "string" ? "a text" : describe(value)}, want ${want}`);
        return undefined;
    }

    get names(): string[] {
        return Object.keys(this.values).filter(name => this.values[name] !== undefined);
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

    /** A plain value: other arguments and the names of resources depend on it, so it must be known when the program runs. */
    plain(name: string, ...rules: Rule[]): void {
        const value = this.get(name);
        if (pulumi.Output.isInstance(value)) this.add(name, `is an output, want the plain value: ${rules[0]!.want}`);
        else this.input(name, ...rules);
    }

    /** A value, or an output that is looked at when it is known. Of the rules, the first that it does not fit is told. */
    input(name: string, ...rules: Rule[]): void {
        const value = this.known(name);
        const broken = value === undefined ? undefined : rules.find(({ fits }) => !fits(value));
        if (broken) this.add(name, `${broken.secret ? "what is given does not fit" : describe(value)}, want ${broken.want}`);
    }

    /** The value, unless it is not given or known only later. */
    known(name: string): unknown {
        const value = this.get(name);
        return pulumi.Output.isInstance(value) || value instanceof Promise ? undefined : value;
    }

    /** An argument that has arguments itself. */
    inner(name: string, names: readonly string[]): Arguments | undefined {
        return this.get(name) === undefined ? undefined : Arguments.of(this.problems, this.at(name), this.get(name), names);
    }
}

/** Whether it has arguments of its own. */
export function isObject(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value) && !pulumi.Output.isInstance(value);
}

/** A value in a message: as it was given, but short, on one line, and without the password of an address. */
export function describe(value: unknown): string {
    if (typeof value === "string") {
        const seen = value.replace(/\n/g, "\\n").replace(/\r/g, "\\r").replace(/\t/g, "\\t");
        const letters = [...seen.replace(/\/\/[^/@\s]*@/g, "//...@")];
        return `'${harmless(letters.slice(0, 40).join(""))}${letters.length > 40 ? "..." : ""}'`;
    }
    if (pulumi.Output.isInstance(value)) return "an output";
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
