import type { Rule } from "./arguments";

// An RSA key would be offered as ssh-rsa only, which current sshd refuses.
const types = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"];

/** What is wrong with the text of a host key, or undefined. */
export function hostKeyProblem(text: unknown): string | undefined {
    if (typeof text !== "string") return "not a text, want 'ssh-ed25519 AAAA…'";
    const [type, blob] = text.trim().split(/\s+/);
    if (/[\r\n]/.test(text.trim())) return "several lines, want one key";
    if (!types.includes(type)) {
        // What looks like no key at all may be a secret that somebody has put here.
        const isShown = type === "" || types.includes(blob ?? "") || /^(AAAA|(ssh|ecdsa|sk-ssh|sk-ecdsa)-[a-z])/.test(type);
        const begin = isShown ? `begins with '${type.slice(0, 40)}'` : "does not begin with a type of key";
        return `${begin}, want one of ${types.join(", ")} and the key after it`;
    }
    return isKeyOf(type, blob ?? "") ? undefined : `what follows '${type}' is not such a key, or not all of it`;
}

/** For editors. What is wrong with a key is told with the command that prints it. */
export const hostKeyRule: Rule = {
    fits: () => true,
    want: "a host key",
    schema: { type: "string", pattern: `^\\s*(${types.join("|")})[ \\t]+[A-Za-z0-9+/]+={0,2}([ \\t][^\\r\\n]*)?\\s*$` },
};

/** A key is its type, then other fields (one for ed25519, two for ecdsa), each with its length in front. */
function isKeyOf(type: string, blob: string): boolean {
    const bytes = Buffer.from(blob, "base64");
    if (bytes.toString("base64") !== blob) return false;
    const fields: Buffer[] = [];
    let at = 0;
    while (at + 4 <= bytes.length) {
        const end = at + 4 + bytes.readUInt32BE(at);
        fields.push(bytes.subarray(at + 4, end));
        at = end;
    }
    return at === bytes.length && fields[0]?.toString() === type && fields.length === (type === "ssh-ed25519" ? 2 : 3);
}

/** `TYPE BLOB` without comment: what known_hosts holds. */
export function withoutComment(hostKey: string): { type: string; key: string } {
    const [type, blob] = hostKey.trim().split(/\s+/);
    return { type, key: `${type} ${blob}` };
}
