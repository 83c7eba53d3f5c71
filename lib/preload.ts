/**
 * Loaded before a program of this library alone: by `nodeargs` of the Pulumi.yaml at the root, by the plugin for other languages, and by lab tests. It takes a
 * third to a half off what a start costs, and leaves out nothing that they use. Pulumi's SDK loads the TypeScript compiler and npm's arborist in order to
 * serialise functions, and what sends traces; they are loaded when something is asked of them. For functions it also has V8's debugger tell of each script that is
 * loaded, a quarter of a start: the one thing that is missing afterwards, so that it is not for programs that have a dynamic provider or a callback in a cloud. And
 * source maps are read for stacks that nobody sees, at each promise.
 */
import Module from "node:module";

type Load = (this: unknown, request: string, ...rest: unknown[]) => unknown;
const internals = Module as unknown as { _load: Load };

const later = new Set([
    "typescript",
    "@npmcli/arborist",
    ...["resources", "sdk-trace-base", "exporter-zipkin", "instrumentation-grpc", "sdk-trace-node", "instrumentation"].map(
        name => `@opentelemetry/${name}`,
    ),
]);
const load = internals._load;

internals._load = function (request, ...rest) {
    if (request === "source-map-support/register") return {};
    if (request.endsWith("/closure/v8Hooks")) return { isInitializedAsync: async () => {} };
    if (!later.has(request)) return load.call(this, request, ...rest);
    let loaded: object | undefined;
    const real = () => {
        loaded ??= load.call(this, request, ...rest) as object;
        return loaded;
    };
    return new Proxy(
        {},
        {
            // Compiled imports copy the properties of what is no ES module, and would load it for that.
            get: (_, name) => (name === "__esModule" ? true : Reflect.get(real(), name)),
            has: (_, name) => name in real(),
        },
    );
};
