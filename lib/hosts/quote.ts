/** Text as a literal of the languages that end up on hosts. Pure; each is tested by a round trip through the language itself. */

/** A POSIX shell word: `it's` becomes `'it'\''s'`. */
export function sh(text: string): string {
    return `'${text.replaceAll("'", "'\\''")}'`;
}

export type PhpValue = string | number | boolean | readonly string[] | { readonly [key: string]: string };

/** A PHP expression. A newline stands in the literal as itself, as HRM's `$compressBin` needs it. */
export function php(value: PhpValue): string {
    if (typeof value === "string") return `'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
    if (typeof value === "number" || typeof value === "boolean") return String(value);
    if (Array.isArray(value)) return `[${value.map(php).join(", ")}]`;
    return `[${Object.entries(value)
        .map(([key, item]) => `${php(key)} => ${php(item)}`)
        .join(", ")}]`;
}

/** A word of a systemd unit, in which `%` begins a specifier. */
export function systemd(text: string): string {
    return text.replaceAll("%", "%%");
}
