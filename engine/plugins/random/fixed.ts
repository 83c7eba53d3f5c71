/** What all random resources have in common: once made, a value never changes; other inputs make a new resource. */
import type { Failure, Resource } from "../../provider/resource";
import { isUnknown, plain, type Wire } from "../../provider/wire";

export const fixed: Pick<Resource, "replaces" | "update" | "delete"> = {
    replaces: () => true,

    /** Reached only where inputs differ in form and not in meaning, as when a default is written out. */
    async update(_operation, state, inputs) {
        return { ...state, ...inputs };
    },

    async delete() {},
};

/** The complaint about a `length` that is too small, or none. */
export function atLeast(length: Wire | undefined, least: number): Failure[] {
    if (isUnknown(length)) return [];
    const value = plain(length ?? null);
    if (Number.isInteger(value) && (value as number) >= least) return [];
    return [{ property: "length", reason: `must be a whole number of at least ${least}, got: ${JSON.stringify(value)}` }];
}
