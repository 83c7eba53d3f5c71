// An RSA key would be offered as ssh-rsa only, which current sshd refuses.
const types = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"];

/** What is wrong with the text of a host key, or undefined. */
export function hostKeyProblem(text: unknown): string | undefined {
    if (typeof text !== "string") return "not a text, want 'ssh-ed25519 AAAA…'";
    const [type, blob] = text.trim().split(/\s+/);
    if (/[\r\n]/.test(text.trim())) return "several lines, want one key";
    if (!types.includes(type)) return `begins with '${type.slice(0, 40)}', want one of ${types.join(", ")} and the key after it`;
    const bytes = Buffer.from(blob ?? "", "base64");
    const length = bytes.length > 4 ? bytes.readUInt32BE() : 0;
    if (bytes.subarray(4, 4 + length).toString() !== type) return `what follows '${type}' is not such a key`;
    return undefined;
}

/** `TYPE BLOB` without comment: what known_hosts holds. */
export function withoutComment(hostKey: string): { type: string; key: string } {
    const [type, blob] = hostKey.trim().split(/\s+/);
    return { type, key: `${type} ${blob}` };
}
