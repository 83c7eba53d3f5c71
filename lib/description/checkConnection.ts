import type { ConnectionArgs, LoginArgs } from "../hosts/connection";
import { type Arguments, type Form, inner, input, isLater, type Rule, required, text } from "./arguments";
import { hostKeyProblem, hostKeyRule } from "./hostKey";
import { privateKeyProblem } from "./privateKey";
import * as rules from "./rules";

const secretText: Rule = { ...text(/./, "a text"), secret: true };

export const loginForm: Form<LoginArgs> = {
    host: input(rules.address),
    port: input(rules.port),
    user: input(rules.loginName),
    privateKey: input(secretText),
    privateKeyPassword: input(secretText),
    password: input(secretText),
    agentSocketPath: input(text(/./, "a path")),
    hostKey: required("", input(hostKeyRule)),
    dialErrorLimit: input(rules.dials),
    perDialTimeout: input(rules.dialSeconds),
};

export const connectionForm: Form<ConnectionArgs> = {
    ...loginForm,
    proxy: inner<LoginArgs>({ ...loginForm, host: required("it is the name or address of the bastion", loginForm.host) }),
};

const { host: _, hostKey: __, ...common } = connectionForm;
/** The part of a connection that hosts have in common. */
export const commonForm = common;

/** What the form cannot say of an argument `connection`. @param host what `connection.host` defaults to, for the command in a message */
export function checkConnection(of: Arguments, host: unknown): void {
    const connection = of.inner("connection");
    if (connection) checkLogin(connection, host);
    if (connection) checkProxy(connection);
}

/** The same of the part that hosts have in common. */
export function checkCommonConnection(connection: Arguments): void {
    checkPrivateKey(connection);
    checkProxy(connection);
}

function checkProxy(connection: Arguments): void {
    const proxy = connection.inner("proxy");
    if (proxy) checkLogin(proxy, "BASTION");
}

function checkLogin(login: Arguments, host: unknown): void {
    checkPrivateKey(login);
    const ways = ["privateKey", "password", "agentSocketPath"];
    if (!ways.some(name => login.get(name) !== undefined) && !process.env.SSH_AUTH_SOCK) {
        login.add("privateKey", `is missing; give it, or password or agentSocketPath, or start an ssh agent`);
    }
    checkHostKey(login, login.get("host") ?? host);
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
    const problem = isLater(value) ? undefined : hostKeyProblem(value);
    if (problem) login.add("hostKey", `${problem}; ${wayOut}`);
}
