/** The engine's log, in which a line belongs to a resource. */
import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import type { Severity } from "./resource";

const severities = { debug: LogSeverity.DEBUG, info: LogSeverity.INFO, warning: LogSeverity.WARNING, error: LogSeverity.ERROR };

export class EngineLog {
    readonly #client: EngineClient;

    constructor(address: string) {
        this.#client = new EngineClient(address, grpc.credentials.createInsecure());
    }

    /** Lines of one resource, in order; `flushed` resolves when the engine has them all. A line that cannot be delivered is dropped. */
    of(urn: string): { log(severity: Severity, message: string, fleeting?: boolean): void; flushed(): Promise<void> } {
        let last: Promise<void> = Promise.resolve();
        const send = (request: LogRequest) => new Promise<void>(done => this.#client.log(request, () => done()));
        return {
            log(severity, message, fleeting = false) {
                const request = new LogRequest().setSeverity(severities[severity]).setMessage(message).setUrn(urn).setEphemeral(fleeting);
                last = last.then(() => send(request));
            },
            flushed: () => last,
        };
    }
}
