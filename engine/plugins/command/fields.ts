/** The types of a resource's inputs: what does not have them is refused before anything is done, in the words of the real provider. */
import { isArchive, isAsset, isUnknown, type Properties, plain, type Wire } from "../../provider/wire";

/** Go's names of the types, which its messages show. */
export type Type = "string" | "float64" | "bool" | "[]interface {}" | "map[string]string";

/** Says what is wrong with the fields of an object, which Go calls `name`. Values of fields that are not listed are looked at elsewhere. */
export function problems(
    name: string,
    fields: Record<string, Type>,
    known: string[],
    values: Properties,
): { field: string; reason: string }[] {
    return Object.entries(values).flatMap(([field, value]) => {
        if (field.startsWith("__") || known.includes(field) || isUnknown(value)) return [];
        const wanted = fields[field];
        if (wanted === undefined) return [{ field, reason: `Unrecognized field '${field}' on '${name}'` }];
        const inner = plain(value);
        if (wanted === "map[string]string" && typeName(inner) === "object") return variables(name, field, inner as Properties);
        if (typeName(inner) === wanted) return [];
        return [{ field, reason: `Field '${field}' on '${name}' must be a '${wanted}'; got '${typeName(inner)}' instead` }];
    });
}

function variables(name: string, field: string, values: Properties): { field: string; reason: string }[] {
    const wrong = Object.entries(values).filter(([, value]) => typeof value !== "string");
    return wrong.map(([key, value]) => ({
        field: `${field}[${key}] value`,
        reason: `Field '${field}[${key}] value' on '${name}' must be a 'string'; got '${typeName(value)}' instead`,
    }));
}

function typeName(value: Wire): string {
    if (Array.isArray(value)) return "[]interface {}";
    if (isAsset(value) || isArchive(value)) return "asset";
    const names: Record<string, string> = { string: "string", number: "float64", boolean: "bool" };
    return names[typeof value] ?? "object";
}
