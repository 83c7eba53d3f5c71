const ESCAPES: Record<string, string> = {
    "\u0007": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
    '"': '\\"',
    "\\": "\\\\",
};

/** A text in double quotes as Go's `%q` writes it, in which the real provider prints a failed command. */
export function quote(text: string): string {
    const escaped = text.replace(/["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, character => {
        if (ESCAPES[character] !== undefined) return ESCAPES[character];
        const code = character.codePointAt(0)!;
        if (code < 0x80) return `\\x${code.toString(16).padStart(2, "0")}`;
        return code > 0xffff ? `\\U${code.toString(16).padStart(8, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
    });
    return `"${escaped}"`;
}
