/**
 * Runs the program of the lab tests for Pulumi, again and again in one process, as the Automation API runs an inline program. Where one fails, its errors are
 * in Pulumi's log, as Pulumi's host for Node.js has them. Its argument is the program; it tells its port to the process that has started it, and ends with that.
 */
import * as grpc from "@grpc/grpc-js";
import * as pulumi from "@pulumi/pulumi";
import * as automation from "@pulumi/pulumi/automation/server";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import { RunResponse } from "@pulumi/pulumi/proto/language_pb";

const [, , program = ""] = process.argv;

type Answer = (error: Error | null, response?: RunResponse) => void;
/** The SDK's declarations leave it out. */
interface LanguageServer {
    run(call: unknown, answer: Answer): Promise<void>;
}
const { LanguageServer } = automation as unknown as { LanguageServer: new (program: () => Promise<unknown>) => LanguageServer };

class Host extends LanguageServer {
    /** Ends the program that runs as one that has told its errors. */
    private bail?: () => void;

    override run(call: unknown, answer: Answer): Promise<void> {
        let hasFailed = false;
        const end: Answer = (...answered) => {
            if (this.bail !== bail) return;
            this.bail = undefined;
            answer(...answered);
        };
        const bail = () => {
            const told = new RunResponse();
            told.setBail(true);
            end(null, told);
        };
        this.bail = bail;
        return super.run(call, (error, response) => {
            // The SDK answers a failure twice.
            if (error) void tell(error).then(bail);
            else if (!hasFailed) end(null, response);
            hasFailed = true;
        });
    }

    /** What nobody has caught. In a run the SDK tells it, and after one in an `apply` hangs (pulumi/pulumi#14980), where a process of the program's own ends. */
    fail(error: unknown): void {
        const { bail } = this;
        if (!bail) {
            console.error(error);
            process.exit(1);
        }
        if (isOfGrpc(error)) return;
        setTimeout(() => {
            if (this.bail !== bail) return;
            process.send?.("ends");
            bail();
            setTimeout(process.exit, 1000);
        }, 2000);
    }
}

/** What became of a resource, which Pulumi has told. */
function isOfGrpc(error: unknown): boolean {
    return error instanceof Error && "details" in error && "code" in error;
}

async function tell(error: Error): Promise<void> {
    // Of these each has been told.
    if (error.message.startsWith("One or more errors occurred")) return;
    const unexpected = `Running program '${program}' failed with an unhandled exception:\n${error.stack}`;
    await pulumi.log.error(pulumi.RunError.isInstance(error) ? error.message : unexpected);
}

const host = new Host(async () => {
    delete require.cache[require.resolve(program)];
    return require(program);
});
process.on("unhandledRejection", error => host.fail(error));
process.on("uncaughtException", error => host.fail(error));
const server = new grpc.Server({ "grpc.max_receive_message_length": 400 * 1024 * 1024 });
server.addService(LanguageRuntimeService as unknown as grpc.ServiceDefinition, host as unknown as grpc.UntypedServiceImplementation);
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    process.send?.(port);
});
process.on("disconnect", () => process.exit());
