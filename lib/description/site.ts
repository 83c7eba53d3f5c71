import { createPrivateKey } from "node:crypto";
import { isIP } from "node:net";
import { createSecureContext } from "node:tls";
import * as pulumi from "@pulumi/pulumi";
import { type Arguments, type Form, fitting, inner, input, list, plain, required, text, trueOrFalse } from "./arguments";
import { chainOf, firstOf } from "./certificates";
import { LateProblem } from "./problems";
import * as rules from "./rules";
import type { HttpsArgs, WebHostArgs, WebServerArgs } from "./webHost";

/** A site of our own in Apache. */
export interface Site {
    serverName: string;
    aliases: string[];
    redirects: boolean;
    /** PEM, as OpenSSL writes it, and the text of the key; both empty where there is none. */
    certificate: pulumi.Output<string>;
    privateKey: pulumi.Output<string>;
    hasCertificate: boolean;
}

const timeZone = {
    fits: isTimeZone,
    want: "a time zone as tz names it, such as Europe/Zurich",
    schema: { type: "string", pattern: "^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$" },
};
const certificate = {
    ...text(/-----BEGIN CERTIFICATE-----/, "a certificate, PEM: -----BEGIN CERTIFICATE-----; the text of the file, not its path"),
    secret: true,
};
const privateKey = {
    ...text(/-----BEGIN [A-Z ]*PRIVATE KEY-----/, "a private key, PEM: -----BEGIN PRIVATE KEY-----; the text of the file, not its path"),
    secret: true,
};

export const webServerForm: Form<WebServerArgs> = {
    guard: plain(trueOrFalse),
    serverName: plain(rules.hostName),
    aliases: list("a list of host names", rules.hostName),
    https: inner<HttpsArgs>({
        certificate: required("it is the certificate of HRM's pages, PEM", input(certificate)),
        privateKey: required("it is the key of the certificate, PEM", input(privateKey)),
    }),
    redirectHttp: plain(trueOrFalse),
    timeZone: plain(timeZone),
};

/** Looks at the certificate of the argument `webServer`. */
export function checkSite(web: Arguments): void {
    const server = web.inner("webServer");
    const https = server?.inner("https");
    if (!server || !https) return;
    const [pem, key] = [https.known("certificate"), https.known("privateKey")];
    const site = namesOf(server.get("serverName") ?? web.get("host"), server.get("aliases"));
    if (!certificate.fits(pem) || !site) return;
    const problem = certificateProblem(pem as string, privateKey.fits(key) ? (key as string) : undefined, site);
    if (problem) https.add(problem.argument, problem.text);
}

function namesOf(serverName: unknown, aliases: unknown = []): string[] | undefined {
    const names = [serverName, aliases].flat();
    return names.every(rules.hostName.fits) ? (names as string[]) : undefined;
}

/** What browsers would refuse. */
function certificateProblem(
    pem: string,
    key: string | undefined,
    site: string[],
): { argument: keyof NonNullable<WebServerArgs["https"]>; text: string } | undefined {
    const first = firstOf(pem);
    if (!first)
        return {
            argument: "certificate",
            text: "cannot be read; it has to be PEM, the certificate first, then those of who has signed it",
        };
    const now = Date.now();
    if (Date.parse(first.validTo) < now) return { argument: "certificate", text: `has expired (${first.validTo}); get a new one` };
    if (Date.parse(first.validFrom) > now) return { argument: "certificate", text: `is not valid before ${first.validFrom}` };
    if (!chainOf(pem))
        return {
            argument: "certificate",
            text: "cannot be read behind its first one; those of who has signed it follow in PEM, each whole",
        };
    const other = site.find(name => !(isIP(name) ? first.checkIP(name) : first.checkHost(name)));
    if (other)
        return {
            argument: "certificate",
            text: `is not made out to ${other}, but to ${(first.subjectAltName ?? first.subject)
                .replace(/DNS:/g, "")
                .replace(/[^ -~]/g, " ")
                .slice(0, 150)}`,
        };
    if (key === undefined) return undefined;
    try {
        if (!first.checkPrivateKey(createPrivateKey(key))) return { argument: "privateKey", text: "is of another certificate" };
    } catch {
        return {
            argument: "privateKey",
            text: "cannot be read; it has to be PEM, without a passphrase ('openssl pkey -in FILE' writes it so)",
        };
    }
    const refused = whyRefused(pem, key);
    return refused === undefined
        ? undefined
        : {
              argument: "certificate",
              text: `is one that OpenSSL serves no more (${refused}), and Apache would end; get one with RSA of 2048 bits or more, or ECDSA, and SHA-256`,
          };
}

/** As Debian's OpenSSL looks at it. */
function whyRefused(cert: string, key: string): string | undefined {
    try {
        createSecureContext({ cert, key, ciphers: "DEFAULT@SECLEVEL=2" });
        return undefined;
    } catch (error) {
        return (error as Error).message.split(":").at(-1)!.trim().toLowerCase();
    }
}

function isTimeZone(value: unknown): boolean {
    if (typeof value !== "string" || !/^[A-Za-z0-9_+-]+(\/[A-Za-z0-9_+-]+)*$/.test(value)) return false;
    try {
        return new Intl.DateTimeFormat("en", { timeZone: value }) !== undefined;
    } catch {
        return false;
    }
}

/** @returns nothing where none is described */
export function siteOf(label: string, { host, webServer = {} }: WebHostArgs): Site | undefined {
    const { serverName = host, aliases = [], https, redirectHttp = https !== undefined } = webServer;
    if (webServer.serverName === undefined && !webServer.aliases && !https && webServer.redirectHttp === undefined) return undefined;
    const none = { certificate: pulumi.output(""), privateKey: pulumi.output(""), hasCertificate: false };
    const pair =
        https &&
        pulumi
            .all([
                fitting(`webServer.https.certificate of ${label}`, https.certificate, certificate),
                fitting(`webServer.https.privateKey of ${label}`, https.privateKey, privateKey),
            ])
            .apply(([pem, key]) => readable(label, [serverName, ...aliases], pem, key));
    return {
        ...{ serverName, aliases, redirects: redirectHttp && https !== undefined },
        ...(pair
            ? {
                  certificate: pulumi.unsecret(pair.apply(([pem]) => pem!)),
                  privateKey: pulumi.secret(pair.apply(([, key]) => key!)),
                  hasCertificate: true,
              }
            : none),
    };
}

/** @throws LateProblem, where outputs turn out to be no certificate of the site, or not its key */
function readable(label: string, site: string[], pem: string, key: string): string[] {
    const problem = certificateProblem(pem, key, site);
    if (problem) throw new LateProblem(`webServer.https.${problem.argument} of ${label}: ${problem.text}`);
    return [chainOf(pem)!, key.trim()];
}
