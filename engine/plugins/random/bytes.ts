/** `random.RandomBytes`. */
import { randomBytes as bytes } from "node:crypto";
import type { Resource } from "../../provider/resource";
import { plain, secret } from "../../provider/wire";
import { atLeast, fixed } from "./fixed";

export const randomBytes: Resource = {
    ...fixed,
    outputs: ["base64", "hex"],
    compared: inputs => plain(inputs) as typeof inputs,

    check: inputs => ({ inputs, failures: atLeast(inputs.length, 1) }),

    async create(_operation, inputs) {
        const made = bytes(plain(inputs.length) as number);
        const base64 = made.toString("base64");
        // As in the real provider: the id, which stands in plain text in the state, gives the bytes away.
        return { id: base64, state: { ...inputs, base64: secret(base64), hex: secret(made.toString("hex")) } };
    },
};
