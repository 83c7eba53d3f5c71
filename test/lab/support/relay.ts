import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

/** Of a relay in the same house: it takes mails of whoever comes. */
export const withoutTls: SMTPServerOptions = { authOptional: true, disabledCommands: ["STARTTLS", "AUTH"] };

export interface Relay {
    port: number;
    /** The mails that it has taken, with the sender of the envelope and the recipients in front. */
    mails: string[];
    close(): Promise<void>;
}

/** A mail server on this machine, at an address that the lab's hosts reach. */
export async function relayAt(address: string, options: SMTPServerOptions): Promise<Relay> {
    const mails: string[] = [];
    const server = new SMTPServer({
        disableReverseLookup: true,
        ...options,
        onData: (stream, { envelope }, done) => {
            const text: Buffer[] = [];
            const from = envelope.mailFrom === false ? "" : envelope.mailFrom.address;
            stream.on("data", (piece: Buffer) => text.push(piece));
            stream.on("end", () => {
                mails.push(`${from} ${envelope.rcptTo.map(to => to.address).join()}\n${Buffer.concat(text)}`);
                // What a relay says beside "250": the number of the mail in its queue.
                (done as (error: null, says: string) => void)(null, `2.0.0 Ok: queued as 4C${mails.length}`);
            });
        },
    });
    server.on("error", () => {});
    await new Promise<void>(resolve => server.listen(0, address, resolve));
    const { port } = server.server.address() as AddressInfo;
    return { port, mails, close: () => new Promise<void>(resolve => server.close(() => resolve())) };
}
