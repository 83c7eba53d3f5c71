import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { LentProgram, ProgramHost } from "../../../engine/stack";

/** A process that runs a program again and again, see inlineHost.ts. */
class InlineHost {
    private printed = "";
    private isBusy = false;
    private state: "runs" | "ends" | "failed" = "runs";

    private constructor(
        child: ChildProcess,
        private readonly port: number,
    ) {
        child.on("message", () => {
            this.state = "ends";
        });
        child.on("exit", code => {
            this.state = code === 0 ? "ends" : "failed";
        });
        for (const stream of [child.stdout, child.stderr])
            stream?.setEncoding("utf8").on("data", (text: string) => {
                this.printed += text;
            });
    }

    static start(program: string, env: NodeJS.ProcessEnv): Promise<InlineHost> {
        const child = fork(join(__dirname, "inlineHost.js"), [program], { cwd: program, env, silent: true });
        // It ends with this process, which it does not keep alive.
        child.unref();
        for (const stream of [child.stdout, child.stderr]) (stream as unknown as { unref?: () => void } | null)?.unref?.();
        return new Promise((resolve, reject) => {
            child.once("message", port => {
                child.channel?.unref();
                resolve(new InlineHost(child, port as number));
            });
            child.once("exit", code => reject(new Error(`the process for programs ended with ${code}`)));
        });
    }

    get hasEnded(): boolean {
        // Of what comes after its run nothing else would tell.
        if (this.state === "failed") throw new Error(`a program failed after its run:\n${this.printed}`);
        return this.state === "ends";
    }

    /** @returns nothing while it runs a program: it runs one at a time */
    lend(): LentProgram | undefined {
        if (this.isBusy) return undefined;
        this.isBusy = true;
        this.printed = "";
        return {
            address: `127.0.0.1:${this.port}`,
            printed: () => this.printed,
            release: () => {
                this.isBusy = false;
            },
        };
    }
}

const hosts = new Map<string, Promise<InlineHost>>();

/**
 * Programs of lab tests run one after the other in a process that stays: to start one is half of what one of Pulumi's commands costs. Where the process of a
 * program is the subject, or it is killed, Pulumi starts it (`Stack.start`), as it does in the tests of stacks, examples and other languages.
 */
export const inlinePrograms: ProgramHost = async (program, env) => {
    // An earlier version of the library may run once in a process.
    if (env.HRM_TEST_LIBRARY) return undefined;
    const key = JSON.stringify([program, env]);
    let host = hosts.get(key);
    if (!host || (await host).hasEnded) {
        host = InlineHost.start(program, env);
        hosts.set(key, host);
    }
    return (await host).lend();
};
