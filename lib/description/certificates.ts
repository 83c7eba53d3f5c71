import { X509Certificate } from "node:crypto";

/** The certificate with which a text in PEM begins. */
export function firstOf(pem: string): X509Certificate | undefined {
    try {
        return new X509Certificate(pem);
    } catch {
        return undefined;
    }
}

/** As OpenSSL writes them, so that what a server shows can be compared. */
export function chainOf(pem: string): string | undefined {
    const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    const certificates = blocks.map(firstOf);
    return certificates.includes(undefined) ? undefined : certificates.map(each => each!.toString().trim()).join("\n");
}
