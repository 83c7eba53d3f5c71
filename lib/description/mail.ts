import * as pulumi from "@pulumi/pulumi";
import { type Arguments, type Form, fitting, inner, input, plain, required, trueOrFalse } from "./arguments";
import { mailAddress } from "./checkSettings";
import * as rules from "./rules";

/** How HRM's mails leave the web host. */
export interface MailArgs {
    /** Whether this library looks after it. Without, HRM's mails are the business of whoever looks after the host. @default true */
    managed?: boolean;
    /**
     * The mail server that takes this host's mails. Where nothing sends mails on the host yet, nullmailer is installed, which keeps a mail while the relay is away; a mailer that is
     * there is used as it is.
     * @default none; required, and refused where `managed` is false
     */
    relay?: MailRelayArgs;
    /** Sender of all mails of this host, HRM's `email_sender`. @default `settings.emailSender`, else "hrm@HOST" @example "hrm@example.org" */
    sender?: string;
    /** HRM's administrator, its `email_admin`, who gets a mail at the first `up` and after a change of the relay. @default `settings.emailAdmin`, else "hrm@HOST" @example "facility@example.org" */
    administrator?: string;
}

/** The mail server that takes a host's mails. */
export interface MailRelayArgs {
    /** Its name, as its certificate has it, or its address. @example "mail.example.org" */
    host: string;
    /** Its port: 25, 587 (submission) or 465 (TLS from the begin) mostly. @default 587 where there is a `user`, else 25 @example 465 */
    port?: number;
    /** Who logs in. @default nobody: the relay takes mails of this host @example "hrm" */
    user?: string;
    /** That user's password, a secret: a text without control characters. @default none; required with `user` @example config.requireSecret("mailPassword") */
    password?: pulumi.Input<string>;
    /**
     * Whether mails travel over TLS alone, from the begin on port 465, else by STARTTLS; the relay's certificate has to be one that the host trusts. @default true where there
     * is a `user` or the port is not 25
     */
    tls?: boolean;
}

/** What the step `mail` gets. */
export interface Mail {
    relay: pulumi.Output<string>;
    relay_name: string;
}

const mailUser = { ...rules.password, secret: false, want: "a user of the relay, a text without control characters" };

export const mailForm: Form<MailArgs> = {
    managed: plain(trueOrFalse),
    relay: inner<MailRelayArgs>({
        host: required("it is the name of the mail server", plain(rules.hostName)),
        port: plain(rules.port),
        user: plain(mailUser),
        password: input(rules.password),
        tls: plain(trueOrFalse),
    }),
    sender: plain(mailAddress),
    administrator: plain(mailAddress),
};

/** What the form cannot say of the argument `mail` of a web host. @param beside the arguments beside which `settings` stands */
export function checkMail(beside: Arguments, web: Arguments): void {
    const mail = web.inner("mail");
    if (!mail) return;
    for (const [name, setting] of [
        ["sender", "emailSender"],
        ["administrator", "emailAdmin"],
    ] as const) {
        if (mail.get(name) !== undefined && beside.inner("settings")?.get(setting) !== undefined)
            mail.add(name, `is the same as settings.${setting}, which is given, too; leave one of them out`);
    }
    if (mail.get("managed") !== false) mail.require("relay", "it is the mail server that takes this host's mails; or set managed to false");
    else if (mail.get("relay") !== undefined) mail.add("relay", "is not used where managed is false; leave one of them out");
    const relay = mail.inner("relay");
    if (!relay) return;
    if (relay.get("user") !== undefined) relay.require("password", "the user logs in with it");
    if (relay.get("password") !== undefined) relay.require("user", "the password is of one");
    if (relay.get("tls") === false && relay.get("user") !== undefined)
        relay.add("tls", "is false, and the password would travel in plain; leave it out, or leave out user and password");
}

/** HRM's settings that follow of it. */
export function mailSettings({ sender, administrator }: MailArgs = {}): { emailSender?: string; emailAdmin?: string } {
    return { ...(sender !== undefined && { emailSender: sender }), ...(administrator !== undefined && { emailAdmin: administrator }) };
}

/** @returns nothing where mail is nobody's business here */
export function mailOf(label: string, { managed = true, relay }: MailArgs = {}): Mail | undefined {
    if (!managed || !relay) return undefined;
    const { host, user, port = user === undefined ? 25 : 587, tls = user !== undefined || port !== 25 } = relay;
    const password = relay.password === undefined ? undefined : fitting(`${label}: mail.relay.password`, relay.password, rules.password);
    const options = pulumi
        .output(password)
        .apply(known => [
            ...[`host=${host}`, `port=${port}`],
            ...(known === undefined ? [] : [`user=${user}`, `pass=${known}`]),
            ...(tls ? [port === 465 ? "ssl" : "starttls"] : []),
        ]);
    return { relay: pulumi.secret(options.apply(lines => lines.join("\n"))), relay_name: `${host}:${port}` };
}
