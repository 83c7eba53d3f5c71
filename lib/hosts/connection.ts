import type { remote } from "@pulumi/command/types/input";
import * as pulumi from "@pulumi/pulumi";
import { fitting } from "../description/arguments";
import { loginForm } from "../description/checkConnection";
import { hostKeyProblem } from "../description/hostKey";
import { privateKeyProblem } from "../description/privateKey";
import { LateProblem } from "../description/problems";

/** How to log in to a host over ssh, apart from which host it is. */
export interface LoginArgs {
    /** Address or DNS name. @default the name of the host or node that this connection belongs to @example "10.0.0.5" */
    host?: pulumi.Input<string>;
    /** Of sshd. @default 22 */
    port?: pulumi.Input<number>;
    /** The administrator: root, or a user with sudo that asks for no password. @default "root" */
    user?: pulumi.Input<string>;
    /** Text of the administrator's private key, a secret; as OpenSSH or OpenSSL writes it. @default none: a password or an agent @example config.requireSecret("adminKey") */
    privateKey?: pulumi.Input<string>;
    /** Passphrase of `privateKey`, a secret. @default none @example config.requireSecret("adminKeyPassphrase") */
    privateKeyPassword?: pulumi.Input<string>;
    /** The administrator's password, a secret, where keys are not used. @default none @example config.requireSecret("adminLogin") */
    password?: pulumi.Input<string>;
    /** Socket of an ssh agent. @default the environment variable SSH_AUTH_SOCK, where it is set @example "/run/user/1000/ssh-agent" */
    agentSocketPath?: pulumi.Input<string>;
    /**
     * The host's public key, ed25519 or ecdsa: it is what tells the right host from another one at its address.
     * `ssh-keyscan -t ed25519 HOST` prints it; compare it with `/etc/ssh/ssh_host_ed25519_key.pub` on the host itself.
     * @example "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI…"
     */
    hostKey: pulumi.Input<string>;
    /** Attempts to connect before the host counts as down. @default 8 */
    dialErrorLimit?: pulumi.Input<number>;
    /** Seconds for each attempt. @default 8 */
    perDialTimeout?: pulumi.Input<number>;
}

/** How the administrator reaches a host. */
export interface ConnectionArgs extends LoginArgs {
    /** A bastion, through which the host is reached. @default none */
    proxy?: LoginArgs;
}

/**
 * The connection of @pulumi/command for our arguments.
 * @param host where the arguments name none
 * @throws RunError, when an output turns out to be no host key
 */
export function remoteConnection({ proxy, ...login }: ConnectionArgs, host: string): remote.ConnectionArgs {
    return { ...remoteLogin(login, host), ...(proxy && { proxy: remoteLogin(proxy, host) }) };
}

function remoteLogin(login: LoginArgs, host: string): remote.ProxyConnectionArgs {
    const input = <T>(name: keyof LoginArgs, value: pulumi.Input<T>) => fitting(`${name} of ${host}`, value, loginForm[name].rules![0]!);
    const secret = (name: keyof LoginArgs, value: pulumi.Input<string> | undefined) =>
        value === undefined ? undefined : pulumi.secret(input(name, value));
    return {
        host: input("host", login.host ?? host),
        port: input("port", login.port ?? 22),
        user: input("user", login.user ?? "root"),
        agentSocketPath: login.agentSocketPath,
        // One dead host must not hold a run up for the provider's 2.5 minutes; a busy sshd refuses a few of many connections.
        dialErrorLimit: input("dialErrorLimit", login.dialErrorLimit ?? 8),
        perDialTimeout: input("perDialTimeout", login.perDialTimeout ?? 8),
        hostKey: pulumi.output(login.hostKey).apply(key => {
            const problem = hostKeyProblem(key);
            if (problem) throw new LateProblem(`hostKey of ${host}: ${problem}`);
            return key.trim();
        }),
        privateKey: login.privateKey === undefined ? undefined : pulumi.secret(openable(login, host)),
        privateKeyPassword: secret("privateKeyPassword", login.privateKeyPassword),
        password: secret("password", login.password),
    };
}

/** @throws RunError, when an output turns out to be no key that opens */
function openable(login: LoginArgs, host: string): pulumi.Output<string> {
    return pulumi.all([login.privateKey as pulumi.Input<string>, login.privateKeyPassword]).apply(([key, passphrase]) => {
        const found = typeof key === "string" ? privateKeyProblem(key, passphrase) : undefined;
        if (found) throw new LateProblem(`${found.argument} of ${host}: ${found.problem}`);
        return key;
    });
}
