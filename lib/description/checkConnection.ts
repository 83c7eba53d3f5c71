import { Arguments, text } from "./arguments";
import { hostKeyProblem } from "./hostKey";
import { privateKeyProblem } from "./privateKey";
import type { Problems } from "./problems";
import * as rules from "./rules";

const loginNames = [
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

/** What tells hosts apart. */
const ofOneHost = ["host", "hostKey"];

const secretText = { ...text(/./, "a text"), secret: true };

/** @param host what `connection.host` defaults to, for the command in a message */
export function checkConnection(problems: Problems, path: string, value: unknown, host: unknown): void {
    const connection = Arguments.of(problems, path, value, [...loginNames, "proxy"]);
    if (connection) checkLogin(connection, host);
    if (connection) checkProxy(connection);
}

/** The part of a connection that hosts have in common. */
export function checkCommonConnection(problems: Problems, path: string, value: unknown): void {
    const names = loginNames.filter(name => !ofOneHost.includes(name));
    const connection = Arguments.of(problems, path, value, [...names, "proxy"]);
    if (connection) checkLoginValues(connection);
    if (connection) checkProxy(connection);
}

function checkProxy(connection: Arguments): void {
    const proxy = connection.inner("proxy", loginNames);
    if (!proxy) return;
    proxy.require("host", "it is the name or address of the bastion");
    checkLogin(proxy, "BASTION");
}

function checkLogin(login: Arguments, host: unknown): void {
    checkLoginValues(login);
    const ways = ["privateKey", "password", "agentSocketPath"];
    if (!ways.some(name => login.get(name) !== undefined) && !process.env.SSH_AUTH_SOCK) {
        login.add("privateKey", `is missing; give it, or password or agentSocketPath, or start an ssh agent`);
    }
    checkHostKey(login, login.get("host") ?? host);
}

function checkLoginValues(login: Arguments): void {
    login.input("host", rules.address);
    login.input("port", rules.port);
    login.input("user", rules.loginName);
    for (const name of ["privateKey", "privateKeyPassword", "password"]) login.input(name, secretText);
    checkPrivateKey(login);
    login.input("agentSocketPath", text(/./, "a path"));
    login.input("dialErrorLimit", rules.dials);
    login.input("perDialTimeout", rules.dialSeconds);
}

function checkPrivateKey(login: Arguments): void {
    const [key, passphrase] = [login.known("privateKey"), login.known("privateKeyPassword")];
    // With a passphrase that is known only later, the key is looked at later, too.
    const isLater = passphrase === undefined && login.get("privateKeyPassword") !== undefined;
    if (!secretText.fits(key) || isLater || (passphrase !== undefined && !secretText.fits(passphrase))) return;
    const found = privateKeyProblem(key as string, passphrase as string | undefined);
    if (found) login.add(found.argument, found.problem);
}

function checkHostKey(login: Arguments, host: unknown): void {
    const port = typeof login.get("port") === "number" && login.get("port") !== 22 ? `-p ${login.get("port")} ` : "";
    const where = typeof host === "string" ? host : "HOST";
    const wayOut = `'ssh-keyscan -t ed25519 ${port}${where}' prints it after the host's name; compare it with /etc/ssh/ssh_host_ed25519_key.pub there`;
    if (!login.require("hostKey", wayOut)) return;
    const value = login.get("hostKey");
    // An output or a promise is looked at when it is known.
    const problem = typeof value === "object" && value !== null ? undefined : hostKeyProblem(value);
    if (problem) login.add("hostKey", `${problem}; ${wayOut}`);
}
