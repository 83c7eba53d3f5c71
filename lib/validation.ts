import { hostKeyProblem } from "./hostKey";
import type { Problems } from "./problems";
import { derivedVariables, type HrmSettings, removedVariables, settingTable } from "./settings";

/**
 * What HRM and the hosts can take, as checks of plain values. A value that is a Pulumi output is not known yet and passes here.
 * Each reports into `problems` under the argument's path, and says the way out.
 */

type Known = string | number | boolean | object;

/** Whether there is a value to look at now. */
function known(value: unknown): value is Known {
    return value !== undefined && !(typeof value === "object" && value !== null && ("__pulumiOutput" in value || "then" in value));
}

export function checkText(problems: Problems, path: string, value: unknown, pattern: RegExp, want: string): void {
    if (!known(value)) return;
    if (typeof value !== "string") problems.add(path, `${describe(value)}, want ${want}`);
    else if (!pattern.test(value)) problems.add(path, `${describe(value)}, want ${want}`);
}

function describe(value: unknown): string {
    if (typeof value === "string") return `'${value.length > 40 ? `${value.slice(0, 40)}…` : value}'`.replace(/[^ -~…]/g, "?");
    return value === null ? "null" : Array.isArray(value) ? "an array" : typeof value === "object" ? "an object" : String(value);
}

export function checkRequired(problems: Problems, path: string, value: unknown, wayOut: string): boolean {
    return problems.expect(value !== undefined && value !== null && value !== "", path, `is missing; ${wayOut}`);
}

/** Arguments that the component does not have are mostly misspelt ones. */
export function checkKeys(problems: Problems, path: string, value: object, allowed: readonly string[]): void {
    for (const key of Object.keys(value)) {
        problems.expect(allowed.includes(key), join(path, key), `there is no such argument, only ${allowed.join(", ")}`);
    }
}

export function join(path: string, key: string): string {
    return path === "" ? key : `${path}.${key}`;
}

/** HRM puts names unquoted into shell commands and `user@host:path`, and takes what precedes a blank as the name. */
export function checkHostName(problems: Problems, path: string, value: unknown): void {
    checkText(
        problems,
        path,
        value,
        /^(?=.{1,180}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/,
        "a host name: letters, digits, '-' and '.'",
    );
}

/** useradd's rule. Root must not be HRM's account. */
export function checkAccountName(problems: Problems, path: string, value: unknown): void {
    checkText(problems, path, value, /^(?!root$)[a-z_][a-z0-9_-]{0,31}$/, "a user or group name: lower-case letters, digits, '_' and '-'");
}

/** HRM quotes paths in few of its commands. */
export function checkPath(problems: Problems, path: string, value: unknown): void {
    checkText(
        problems,
        path,
        value,
        /^(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._+@-]+)+$/,
        "an absolute path of letters, digits and ._+@-, which HRM can use unquoted",
    );
}

/** The registry's column `huscript_path` is a varchar(60). */
export function checkHucore(problems: Problems, path: string, value: unknown): void {
    checkPath(problems, path, value);
    if (typeof value === "string" && value.length > 60) problems.add(path, `${value.length} characters, HRM's registry holds 60`);
}

export function checkGpus(problems: Problems, path: string, value: unknown): void {
    if (!known(value)) return;
    if (!Array.isArray(value)) {
        problems.add(path, `${describe(value)}, want a list of GPU numbers such as [0, 1]`);
        return;
    }
    for (const [index, gpu] of value.entries()) {
        const here = `${path}[${index}]`;
        if (!Number.isInteger(gpu) || gpu < 0)
            problems.add(here, `${describe(gpu)}, want a GPU's number from 0; leave gpus out for CPU only`);
        else if (value.indexOf(gpu) !== index) problems.add(here, `${gpu} is there twice`);
    }
}

const loginKeys = [
    "host",
    "port",
    "user",
    "privateKey",
    "privateKeyPassword",
    "password",
    "agentSocketPath",
    "hostKey",
    "dialErrorLimit",
    "perDialTimeout",
];

/** @param fallbackHost what `host` defaults to, for the command in the message */
export function checkConnection(problems: Problems, path: string, value: unknown, fallbackHost: string, isProxy = false): void {
    if (typeof value !== "object" || value === null) {
        problems.add(path, `${value === undefined ? "is missing" : describe(value)}; want { user, privateKey, hostKey }`);
        return;
    }
    const login = value as Record<string, unknown>;
    checkKeys(problems, path, login, isProxy ? loginKeys : [...loginKeys, "proxy"]);
    if (isProxy) checkRequired(problems, `${path}.host`, login.host, "it is the name or address of the bastion");
    checkText(problems, `${path}.host`, login.host, /^[A-Za-z0-9._:-]+$/, "a host name or address");
    checkText(problems, `${path}.user`, login.user, /^[A-Za-z_][A-Za-z0-9._-]*$/, "a user name");
    if (known(login.port) && !(Number.isInteger(login.port) && (login.port as number) > 0 && (login.port as number) < 65536)) {
        problems.add(`${path}.port`, `${describe(login.port)}, want a number from 1 to 65535`);
    }
    const ways = [login.privateKey, login.password, login.agentSocketPath, process.env.SSH_AUTH_SOCK];
    problems.expect(ways.some(Boolean), path, "no way to log in; give privateKey, password or agentSocketPath");
    checkHostKey(problems, `${path}.hostKey`, login, fallbackHost);
    if (login.proxy !== undefined) checkConnection(problems, `${path}.proxy`, login.proxy, "BASTION", true);
}

function checkHostKey(problems: Problems, path: string, login: Record<string, unknown>, fallbackHost: string): void {
    const host = typeof login.host === "string" ? login.host : fallbackHost;
    const port = typeof login.port === "number" && login.port !== 22 ? `-p ${login.port} ` : "";
    const wayOut = `'ssh-keyscan -t ed25519 ${port}${host}' prints it (without the name in front); compare it with /etc/ssh/ssh_host_ed25519_key.pub there`;
    if (!checkRequired(problems, path, login.hostKey, wayOut) || !known(login.hostKey)) return;
    const problem = hostKeyProblem(login.hostKey);
    if (problem) problems.add(path, `${problem}; ${wayOut}`);
}

/** A newline ends the line in which the password travels to PHP and to MariaDB's client. */
export function passwordProblem(password: unknown): string | undefined {
    if (typeof password !== "string" || password === "") return "is not a text";
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    if (/[\u0000-\u001f\u007f]/.test(password))
        return "has a newline or another control character, which does not survive the way to MariaDB";
    return undefined;
}

export function checkSettings(problems: Problems, path: string, value: unknown): void {
    if (!known(value)) return;
    if (typeof value !== "object") {
        problems.add(path, `${describe(value)}, want an object such as { logVerbosity: 2 }`);
        return;
    }
    for (const [key, item] of Object.entries(value)) checkSetting(problems, `${path}.${key}`, key, item);
}

function checkSetting(problems: Problems, path: string, key: string, value: unknown): void {
    const entry = Object.hasOwn(settingTable, key) ? settingTable[key as keyof HrmSettings] : undefined;
    if (!entry) {
        problems.add(path, unknownSetting(key));
        return;
    }
    const { kind, oneOf } = entry;
    const fits = {
        string: typeof value === "string",
        boolean: typeof value === "boolean",
        number: Number.isInteger(value) && (value as number) >= 0,
        strings: Array.isArray(value) && value.length > 0 && value.every(item => typeof item === "string"),
        map: typeof value === "object" && value !== null && Object.values(value).every(item => typeof item === "string"),
    };
    const want = {
        string: "a text",
        boolean: "true or false",
        number: "a whole number from 0",
        strings: "a list of texts",
        map: "texts by extension",
    };
    if (!fits[kind]) {
        problems.add(path, `${describe(value)}, want ${want[kind]}`);
        return;
    }
    for (const item of kind === "strings" ? (value as string[]) : [value as string | number]) {
        if (oneOf && !oneOf.includes(item))
            problems.add(path, `${describe(item)}, want ${oneOf.map(each => JSON.stringify(each)).join(", ")}`);
    }
    // It becomes part of a path, and of names in shell commands.
    if (["logfile", "imageSource", "imageDestination"].includes(key))
        checkText(problems, path, value, /^[A-Za-z0-9_][A-Za-z0-9._-]*$/, "a file name");
    if (key === "pingCommand" || key === "pingParameter")
        checkText(problems, path, value, /^[A-Za-z0-9 ./_-]*$/, "a command without quotes");
}

function unknownSetting(key: string): string {
    if (removedVariables.includes(key)) return "HRM has removed this variable and refuses a configuration with it; leave it out";
    if (Object.hasOwn(derivedVariables, key)) return `is not a setting: ${derivedVariables[key]}`;
    const camel = Object.entries(settingTable).find(([, { variable }]) => variable === key)?.[0];
    return camel ? `is called ${camel} here` : `HRM has no such setting; there are ${Object.keys(settingTable).join(", ")}`;
}
