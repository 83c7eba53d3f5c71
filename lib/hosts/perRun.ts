import * as pulumi from "@pulumi/pulumi";
import * as store from "@pulumi/pulumi/runtime/state";

/** What the SDK keeps of a run itself, for an inline program in a store of its own; its public part does not tell. */
const sdk = store as unknown as { getLocalStore(): object | undefined };

// Where there is no monitor.
const noRun = {};
const byAddress = new Map<string, object>();

/**
 * The run of the program, since a process may have several, one after the other: inline programs of the Automation API, and unit tests. An inline one has a store
 * of its own; the port of its monitor comes again. For a program in another language each component has such a store, and a client of the one monitor.
 */
function run(): object {
    const inline = pulumi.runtime.getStackResource() && sdk.getLocalStore();
    if (inline) return inline;
    const monitor = pulumi.runtime.getMonitor() as { getChannel?: () => { getTarget(): string } } | undefined;
    const address = monitor?.getChannel?.().getTarget();
    if (address === undefined) return monitor ?? noRun;
    const known = byAddress.get(address) ?? {};
    byAddress.set(address, known);
    return known;
}

/** @returns what gives the value of the present run of the program, made where it is first asked for */
export function perRun<T>(make: () => T): () => T {
    const values = new WeakMap<object, T>();
    return () => {
        const key = run();
        const value = values.get(key) ?? make();
        values.set(key, value);
        return value;
    };
}

/** Whether Pulumi has started the process for this program: that of an inline one, or of a component, is somebody else's. */
export function ownsProcess(): boolean {
    return sdk.getLocalStore() === undefined;
}
