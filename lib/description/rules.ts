import { isIPv4, isIPv6 } from "node:net";
import { type Rule, text, wholeNumber } from "./arguments";

/** What HRM and the hosts can take. */

const namePattern = /^(?=.{1,180}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;

/** What ends in a number is an IPv4 address or none at all: no top-level domain is one. */
const numeric = "(^|\\.)([0-9]+|0[xX][0-9a-fA-F]*)$";
const isNumeric = (value: string) => new RegExp(numeric).test(value);

/** An address of many hosts (multicast, broadcast) is none's. */
function isShared(value: string): boolean {
    const one = canonicalAddress(value);
    return (isIPv4(one) && Number(one.split(".")[0]) >= 224) || (isIPv6(one) && one.startsWith("ff"));
}

const byte = "(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])";
/** For editors: an IPv4 address of one host. */
const ipv4 = `^(22[0-3]|2[01][0-9]|1?[0-9]?[0-9])(\\.${byte}){3}$`;

/** HRM puts names unquoted into shell commands and `user@host:path`, and takes what precedes a blank as the name. */
export const hostName: Rule = {
    fits: value => typeof value === "string" && namePattern.test(value) && (isIPv4(value) ? !isShared(value) : !isNumeric(value)),
    want: "a host name: letters, digits, '-' and '.'",
    schema: { type: "string", anyOf: [{ pattern: ipv4 }, { pattern: namePattern.source, not: { pattern: numeric } }] },
};

const looseName = /^[A-Za-z0-9_]([A-Za-z0-9._-]{0,252}[A-Za-z0-9_.])?$/;

/** An absolute name's last dot, underscores and IPv6 do for Pulumi's side. */
export const address: Rule = {
    fits: value =>
        typeof value === "string" &&
        !isShared(value) &&
        (isIPv4(value) || isIPv6(value) || (looseName.test(value) && !/\.\./.test(value) && !isNumeric(value))),
    want: "a host name or address",
    schema: {
        type: "string",
        anyOf: [{ pattern: ipv4 }, { pattern: ":" }, { pattern: looseName.source, not: { pattern: `\\.\\.|${numeric}` } }],
    },
};

/** useradd's rule. Root must not be HRM's account. */
export const accountName = text(
    /^(?!root$)[a-z_][a-z0-9_-]{0,31}$/,
    "a user or group name, not root: lower-case letters, digits, '_' and '-', at most 32",
);

/** The administrator may be any user, also one of a directory. */
export const loginName = text(/^[A-Za-z_][A-Za-z0-9._@\\-]*$/, "a user name");

/** HRM quotes paths in few of its commands. */
export const absolutePath = text(
    /^(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._+@-]+)+$/,
    "an absolute path of letters, digits and ._+@-, without a slash at its end, which HRM can use unquoted",
);

export const databaseName = text(/^[A-Za-z][A-Za-z0-9_]{0,31}$/, "letters, digits and '_', at most 32");

export const port = wholeNumber(1, 65535);

export const dials = wholeNumber(1, 1000);

export const dialSeconds = wholeNumber(1, 600);

/** The registry's column `gpuId` is an INT. */
export const gpuNumber = wholeNumber(0, 2 ** 31 - 1);

/** A newline ends the line in which the password travels to PHP. */
export const password: Rule = {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    ...text(/^[^\u0000-\u001f\u007f]+$/, "a text without newlines and other control characters"),
    secret: true,
};

const different = (value: unknown) => new Set(value as string).size;

/** bcrypt, with which HRM keeps it, looks at the first 72 bytes; its login page takes no blanks, nor what HTML writes in another way (Validator::isPasswordValid of HRM 3.10). */
export const adminPassword: Rule = {
    fits: value =>
        password.fits(value) &&
        value !== "pwd4hrm" &&
        !/[ &<>"']/.test(value as string) &&
        [...(value as string)].length >= 8 &&
        different(value) >= 5 &&
        Buffer.byteLength(value as string) <= 72,
    want: "a text of 8 characters to 72 bytes, 5 of them different, without blanks, control characters and & < > \" ', which HRM's login page refuses, and not the initial one",
    secret: true,
    schema: { type: "string", pattern: "^[^\\u0000- &<>\"'\\u007f]{8,}$", maxLength: 72, not: { const: "pwd4hrm" } },
};

/** With a newline that a file or a terminal added, it would be another seed than the one that was meant. */
export const keySeed: Rule = {
    fits: value => typeof value === "string" && /^[!-~]{32,}$/.test(value) && different(value) >= 4,
    want: "32 or more ASCII characters, none of them a blank, and 4 of them different",
    secret: true,
    schema: { type: "string", pattern: "^[!-~]{32,}$" },
};

/** An address as all its spellings have it: in lower case, without an absolute name's last dot and a zone, IPv6 in its short form, IPv4 in IPv6 as IPv4. */
export function canonicalAddress(value: string): string {
    const plain = value.toLowerCase().replace(/\.$/, "").replace(/%.*$/, "");
    if (!isIPv6(plain)) return plain;
    const short = new URL(`http://[${plain}]`).hostname.slice(1, -1);
    const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short);
    if (!mapped) return short;
    const [high, low] = mapped.slice(1).map(part => Number.parseInt(part, 16)) as [number, number];
    return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}

/** Names and addresses by which each host knows itself. */
export function isLoopback(host: string): boolean {
    return /^(localhost[46]?|ip6-localhost|ip6-loopback)(\.|$)|^127\.[0-9.]+$|^0\.0\.0\.0$|^::1?$/.test(canonicalAddress(host));
}

/** The name of this very host, in whatever case of letters. */
export function isLocalhost(host: string): boolean {
    return host.toLowerCase() === "localhost";
}
