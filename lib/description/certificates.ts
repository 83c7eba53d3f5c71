import { X509Certificate } from "node:crypto";
import type { Rule } from "./arguments";

/** The certificate with which a text in PEM begins. */
export function firstOf(pem: string): X509Certificate | undefined {
    try {
        return new X509Certificate(pem);
    } catch {
        return undefined;
    }
}

const block = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const blocksOf = (pem: string) => pem.match(block) ?? [];

/** As OpenSSL writes them, so that what a server shows can be compared. */
export function chainOf(pem: string): string | undefined {
    const certificates = blocksOf(pem).map(firstOf);
    return certificates.includes(undefined) ? undefined : certificates.map(each => each!.toString().trim()).join("\n");
}

/** Of a server: whom it has to be signed by. One that cannot be read would end what the whole host trusts, where it becomes a part of that. */
export const authority: Rule = {
    fits: value => typeof value === "string" && !!chainOf(value),
    want: "certificates, PEM, each whole: -----BEGIN CERTIFICATE-----; the text of the file, not its path",
    schema: { type: "string", pattern: block.source },
};

/** A bundle may have old ones beside the one that counts. */
export const present: Rule = {
    fits: value => blocksOf(value as string).some(block => Date.parse(firstOf(block)?.validTo ?? "") > Date.now()),
    want: "certificates of which one at least has not expired; get the authority's present one",
};
