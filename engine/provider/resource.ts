/** What a provider says about one kind of resource. `server.ts` speaks to the engine for it. */
import type { Properties } from "./wire";

export type Severity = "debug" | "info" | "warning" | "error";

/** One create, update or delete. */
export interface Operation {
    /** The resource's name in the program. */
    name: string;
    /** Aborted when the user interrupts Pulumi or the resource's `customTimeouts` are over. */
    signal: AbortSignal;
    /** Shows a line on the resource's row; `fleeting` ones only until the next. */
    log(severity: Severity, message: string, fleeting?: boolean): void;
}

export interface Failure {
    property: string;
    reason: string;
}

/** Values travel as the engine sends them, secrets in their envelopes. */
export interface Resource {
    /** Properties that the provider computes; unknown in a preview. */
    outputs: string[];
    /** What is compared of the inputs, old and new, by default all as they are. */
    compared?(inputs: Properties): Properties;
    /** Whether a difference at this path (`triggers`, `length`) makes a new resource. */
    replaces(path: string): boolean;
    /** Completes the inputs with defaults and says what is wrong with them. Unknown values may occur. */
    check(inputs: Properties): { inputs: Properties; failures: Failure[] };
    create(operation: Operation, inputs: Properties): Promise<{ id: string; state: Properties }>;
    update(operation: Operation, state: Properties, inputs: Properties): Promise<Properties>;
    delete(operation: Operation, state: Properties): Promise<void>;
}
