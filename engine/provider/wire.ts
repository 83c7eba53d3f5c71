/**
 * Property values as the engine sends them: JSON, in which objects with a signature key stand for secrets, assets and archives, and one
 * string stands for every value that is not known yet (sdk/go/common/resource/properties.go in pulumi/pulumi).
 */
export type Wire = null | boolean | number | string | Wire[] | { [key: string]: Wire };
export type Properties = { [key: string]: Wire };

export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const ASSET = "c44067f5952c0a294b673a41bacd8c17";
const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";

export function isObject(value: Wire | undefined): value is Properties {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

const signed = (value: Wire | undefined, signature: string): value is Properties => isObject(value) && value[SIGNATURE] === signature;

export const isSecret = (value: Wire | undefined): value is Properties => signed(value, SECRET);
export const isAsset = (value: Wire | undefined): value is Properties => signed(value, ASSET);
export const isArchive = (value: Wire | undefined): value is Properties => signed(value, ARCHIVE);

/** The value as a secret, so that the engine encrypts it in its state; no change where it is one. */
export function secret(value: Wire): Wire {
    return isSecret(value) ? value : { [SIGNATURE]: SECRET, value };
}

/** The same value with no secret envelope at any depth, for use in the provider only: what goes back to the engine keeps its envelopes. */
export function plain(value: Wire): Wire {
    if (isSecret(value)) return plain(value.value);
    if (Array.isArray(value)) return value.map(plain);
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

/** Applies `change` to what is inside the secret envelope, if there is one. */
export function inside(value: Wire, change: (inner: Wire) => Wire): Wire {
    return isSecret(value) ? { ...value, value: inside(value.value, change) } : change(value);
}

export function isUnknown(value: Wire | undefined): boolean {
    return value === UNKNOWN || (isSecret(value) && isUnknown(value.value));
}

/** Without properties that are null, which are the same as none. */
export function withoutNulls(properties: Properties): Properties {
    return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== null));
}
