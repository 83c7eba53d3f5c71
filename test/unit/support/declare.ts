import * as pulumi from "@pulumi/pulumi";

/** A resource as the engine would be asked for it. */
export interface Declared {
    type: string;
    name: string;
    /** Name of the component that it belongs to. */
    parent: string;
    /** Without the envelopes of secrets. */
    // biome-ignore lint/suspicious/noExplicitAny: inputs of any resource
    inputs: any;
    /** Names of the inputs that are secret as a whole. */
    secrets: string[];
    ignoreChanges: string[];
    /** Names of the commands and copies that have to be there first. */
    after: string[];
}

const commandType = "command:remote:Command";
// The marks by which the SDK recognises a secret on its way to the engine.
const [signature, secretMark] = ["4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"];

const isSecret = (value: unknown): value is { value: unknown } =>
    typeof value === "object" && value !== null && (value as Record<string, unknown>)[signature] === secretMark;

function plain(value: unknown): unknown {
    if (isSecret(value)) return plain(value.value);
    if (Array.isArray(value)) return value.map(plain);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

/** Results of the resources that are no commands. Not secret, so that it shows whether the library makes secrets of them. */
const results: Record<string, (inputs: { length: number }) => object> = {
    "random:index/randomPassword:RandomPassword": ({ length }) => ({ result: "Generated0".repeat(length).slice(0, length) }),
    "random:index/randomBytes:RandomBytes": () => ({ base64: "c2VlZA==", hex: "73656564" }),
};

/** Runs a program without an engine. @returns what it declared, in order, and what it returned */
export async function declare<T>(program: () => T): Promise<{ resources: Declared[]; result: T }> {
    const resources: Declared[] = [];
    await pulumi.runtime.setMocks({
        call: ({ token }) => {
            throw new Error(`a program that is tested asks for ${token}`);
        },
        newResource: ({ type, name, inputs }) => ({ id: `${name}-id`, state: { ...inputs, ...results[type]?.(inputs) } }),
    });
    const monitor = pulumi.runtime.getMonitor() as unknown as { registerResource: (request: RegisterRequest, done: unknown) => unknown };
    const register = monitor.registerResource.bind(monitor);
    monitor.registerResource = (request, done) => {
        resources.push(declared(request));
        return register(request, done);
    };
    return withoutTraces(async () => {
        const result = program();
        await pulumi.runtime.disconnect();
        return { resources, result };
    });
}

/** The SDK takes a stack trace for each promise, which is half of the time. */
async function withoutTraces<T>(body: () => Promise<T>): Promise<T> {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
        return await body();
    } finally {
        Error.stackTraceLimit = stackTraceLimit;
    }
}

interface RegisterRequest {
    getType(): string;
    getName(): string;
    getParent(): string;
    getObject(): { toJavaScript(): Record<string, unknown> };
    getDependenciesList(): string[];
    getIgnorechangesList(): string[];
}

const nameIn = (urn: string) => urn.split("::").at(-1)!;

function declared(request: RegisterRequest): Declared {
    const inputs = request.getObject().toJavaScript();
    return {
        type: request.getType(),
        name: request.getName(),
        parent: nameIn(request.getParent()),
        inputs: plain(inputs),
        secrets: Object.keys(inputs).filter(key => isSecret(inputs[key])),
        ignoreChanges: request.getIgnorechangesList(),
        after: request
            .getDependenciesList()
            .filter(urn => urn.includes("command:remote:"))
            .map(nameIn),
    };
}

/** The steps among the resources. */
export const commandsOf = (resources: Declared[]) => resources.filter(({ type }) => type === commandType);

export function known<T>(output: pulumi.Output<T>): Promise<T> {
    return new Promise((resolve, reject) => {
        output.apply(resolve);
        // A failed output rejects its inner promise only.
        (output as unknown as { promise(): Promise<T> }).promise().catch(reject);
    });
}
