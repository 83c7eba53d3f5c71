/**
 * A resource provider for Pulumi's engine: the gRPC service that the engine starts as an executable and talks to.
 *
 * Not `pulumi.provider.main`: that passes neither `preview`, old inputs, timeouts nor detailed diffs on, on which `replaceOnChanges` and what
 * a preview shows depend.
 */
import * as grpc from "@grpc/grpc-js";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import { type Differences, differences } from "./diff";
import { EngineLog } from "./log";
import type { Operation, Resource } from "./resource";
import { type Properties, UNKNOWN, withoutNulls } from "./wire";

export interface Provider {
    version: string;
    /** By type token, as in `command:remote:Command`. */
    resources: Record<string, Resource>;
}

/** Messages may be as large as Pulumi's own SDKs allow (state with long outputs). */
const LIMITS = { "grpc.max_receive_message_length": 400 * 1024 * 1024, "grpc.max_send_message_length": 400 * 1024 * 1024 };

/** Starts the service, prints its port for the engine and ends the process when the engine is gone. */
export async function serve(provider: Provider): Promise<void> {
    const engineAddress = process.argv.slice(2).find(argument => !argument.startsWith("-"));
    if (engineAddress === undefined) throw new Error("this is a plugin of Pulumi's engine, which starts it by itself");
    // One bad connection must not take the other operations with it.
    process.on("uncaughtException", error => console.error(`${error.stack}`));
    process.stdout.write(`${await listen(provider, engineAddress)}\n`);
    endWithParent();
}

/**
 * Starts the service, for one engine after the other.
 * @param engineAddress by default that of the engine that attaches to it (PULUMI_DEBUG_PROVIDERS)
 * @returns its port
 */
export function listen(provider: Provider, engineAddress?: string): Promise<number> {
    const server = new grpc.Server(LIMITS);
    server.addService(ResourceProviderService, new Service(provider, engineAddress).methods());
    return new Promise((resolve, reject) =>
        server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
            error ? reject(error) : resolve(bound),
        ),
    );
}

/** The engine ends its plugins when it ends in good order; one that was killed cannot. */
function endWithParent(): void {
    const parent = process.ppid;
    setInterval(() => {
        if (process.ppid !== parent) process.exit(1);
    }, 500).unref();
}

class Service {
    readonly #provider: Provider;
    #cancelled = new AbortController();
    #log: EngineLog | undefined;

    constructor(provider: Provider, engineAddress?: string) {
        this.#provider = provider;
        this.#log = engineAddress === undefined ? undefined : new EngineLog(engineAddress);
    }

    methods(): grpc.UntypedServiceImplementation {
        const provider = this.#provider;
        return {
            getPluginInfo: unary(async () => new plugin.PluginInfo().setVersion(provider.version)),
            attach: unary(async (request: plugin.PluginAttach) => {
                this.#log = new EngineLog(request.getAddress());
                return new Empty();
            }),
            getSchema: unary(async () => new proto.GetSchemaResponse().setSchema("{}")),
            checkConfig: unary(async (request: proto.CheckRequest) => new proto.CheckResponse().setInputs(request.getNews())),
            diffConfig: unary(async () => new proto.DiffResponse().setChanges(proto.DiffResponse.DiffChanges.DIFF_NONE)),
            configure: unary(async () => new proto.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true)),
            cancel: unary(async () => {
                const cancelled = this.#cancelled;
                // Each engine says this when it ends, and another may attach itself then.
                this.#cancelled = new AbortController();
                cancelled.abort(new Error("context canceled"));
                return new Empty();
            }),
            check: unary((request: proto.CheckRequest) => this.#check(request)),
            diff: unary((request: proto.DiffRequest) => this.#diff(request)),
            create: unary((request: proto.CreateRequest) => this.#create(request)),
            read: unary(async (request: proto.ReadRequest) =>
                new proto.ReadResponse().setId(request.getId()).setProperties(request.getProperties()).setInputs(request.getInputs()),
            ),
            update: unary((request: proto.UpdateRequest) => this.#update(request)),
            delete: unary((request: proto.DeleteRequest) => this.#delete(request)),
        };
    }

    async #check(request: proto.CheckRequest): Promise<proto.CheckResponse> {
        const { inputs, failures } = this.#resource(request).check(withoutNulls(properties(request.getNews())));
        const list = failures.map(({ property, reason }) => new proto.CheckFailure().setProperty(property).setReason(reason));
        return new proto.CheckResponse().setInputs(struct(inputs)).setFailuresList(list);
    }

    async #diff(request: proto.DiffRequest): Promise<proto.DiffResponse> {
        const resource = this.#resource(request);
        const compared = (inputs: Struct | undefined) => resource.compared?.(properties(inputs)) ?? properties(inputs);
        return diffResponse(differences(compared(request.getOldInputs()), compared(request.getNews())), path => resource.replaces(path));
    }

    async #create(request: proto.CreateRequest): Promise<proto.CreateResponse> {
        const resource = this.#resource(request);
        const inputs = properties(request.getProperties());
        if (request.getPreview()) return new proto.CreateResponse().setProperties(struct(foreseen(resource, inputs)));
        const { id, state } = await this.#run(request, operation => resource.create(operation, inputs));
        return new proto.CreateResponse().setId(id).setProperties(struct(state));
    }

    async #update(request: proto.UpdateRequest): Promise<proto.UpdateResponse> {
        const resource = this.#resource(request);
        const inputs = properties(request.getNews());
        if (request.getPreview()) return new proto.UpdateResponse().setProperties(struct(foreseen(resource, inputs)));
        const state = await this.#run(request, operation => resource.update(operation, properties(request.getOlds()), inputs));
        return new proto.UpdateResponse().setProperties(struct(state));
    }

    async #delete(request: proto.DeleteRequest): Promise<Empty> {
        await this.#run(request, operation => this.#resource(request).delete(operation, properties(request.getProperties())));
        return new Empty();
    }

    async #run<T>(request: { getUrn(): string; getTimeout(): number }, work: (operation: Operation) => Promise<T>): Promise<T> {
        if (!this.#log) throw new Error("no engine has attached itself to this provider");
        const { log, flushed } = this.#log.of(request.getUrn());
        const over = new AbortController();
        const seconds = request.getTimeout();
        const timer = seconds > 0 ? setTimeout(() => over.abort(new Error("context deadline exceeded")), seconds * 1000) : undefined;
        const signal = AbortSignal.any([this.#cancelled.signal, over.signal]);
        try {
            return await work({ name: request.getUrn().split("::").pop() ?? "", signal, log });
        } finally {
            clearTimeout(timer);
            await flushed();
        }
    }

    #resource(request: { getUrn(): string }): Resource {
        // urn:pulumi:STACK::PROJECT::PARENT$TYPE::NAME
        const type = request.getUrn().split("::")[2].split("$").pop() ?? "";
        const resource = this.#provider.resources[type];
        if (resource === undefined) {
            const known = Object.keys(this.#provider.resources).join(", ");
            throw new Error(`${type} is not in this stand-in for the real provider, which knows ${known}`);
        }
        return resource;
    }
}

function unary<Request, Response>(handler: (request: Request) => Promise<Response>): grpc.handleUnaryCall<Request, Response> {
    return (call, callback) => {
        Promise.resolve()
            .then(() => handler(call.request))
            .then(
                response => callback(null, response),
                (error: Error) => callback({ code: grpc.status.UNKNOWN, details: error.message }),
            );
    };
}

const properties = (value: Struct | undefined): Properties => (value?.toJavaScript() ?? {}) as Properties;
const struct = (value: Properties): Struct => Struct.fromJavaScript(value as { [key: string]: JavaScriptValue });

/** What a preview shows of a resource that will be made or changed. */
function foreseen(resource: Resource, inputs: Properties): Properties {
    return { ...inputs, ...Object.fromEntries(resource.outputs.map(name => [name, UNKNOWN])) };
}

function diffResponse(found: Differences, replaces: (path: string) => boolean): proto.DiffResponse {
    const { Kind } = proto.PropertyDiff;
    const kinds = {
        add: [Kind.ADD, Kind.ADD_REPLACE],
        delete: [Kind.DELETE, Kind.DELETE_REPLACE],
        update: [Kind.UPDATE, Kind.UPDATE_REPLACE],
    };
    const top = (path: string) => path.split(/[.[]/)[0];
    const response = new proto.DiffResponse().setHasdetaileddiff(true);
    for (const [path, kind] of found) {
        response.getDetaileddiffMap().set(path, new proto.PropertyDiff().setKind(kinds[kind][replaces(path) ? 1 : 0]).setInputdiff(false));
    }
    const paths = [...found.keys()];
    const { DIFF_NONE, DIFF_SOME } = proto.DiffResponse.DiffChanges;
    return response
        .setChanges(paths.length > 0 ? DIFF_SOME : DIFF_NONE)
        .setDiffsList([...new Set(paths.map(top))])
        .setReplacesList([...new Set(paths.filter(replaces))]);
}
