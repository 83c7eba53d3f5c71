import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { HrmCluster } from "../../../lib";
import { declare } from "./declare";

/** The whole message by which a program is refused. Nothing may have been declared for a host by then. */
export async function refusal(program: () => unknown): Promise<string> {
    let message: string | undefined;
    const { resources } = await declare(() => {
        try {
            program();
        } catch (error) {
            // Pulumi prints such an error without a stack trace.
            if (!pulumi.RunError.isInstance(error)) throw error;
            message = error.message;
        }
    });
    if (message === undefined) throw new Error("it was not refused");
    expect(resources, "resources of a refused description").to.deep.equal([]);
    return message;
}

/** The problems in it, one a line. */
export async function problemsOf(program: () => unknown): Promise<string[]> {
    const [heading, ...lines] = (await refusal(program)).split("\n");
    const count = lines.length === 1 ? "1 problem" : `${lines.length} problems`;
    expect(heading).to.match(new RegExp(`^\\w+ .+: ${count} in the description; no host was touched\\.$`));
    for (const line of lines) expect(line).to.match(/^ {2}[A-Za-z].*: \S/);
    return lines.map(line => line.slice(2));
}

export const clusterProblems = (args: unknown) => problemsOf(() => new HrmCluster("hrm", args as never));

/** `SSH_AUTH_SOCK` is a way to log in; tests must not depend on whose machine they run on. */
export function withoutAgent(): void {
    const socket = process.env.SSH_AUTH_SOCK;
    before(() => {
        delete process.env.SSH_AUTH_SOCK;
    });
    after(() => {
        if (socket !== undefined) process.env.SSH_AUTH_SOCK = socket;
    });
}

/** A copy of an object in which the value at a path such as `nodes.huygens1.gpus` is another one. */
export function changed(value: object, path: string, to: unknown): object {
    const [head, ...rest] = path.split(".") as [string, ...string[]];
    const inner = (value as Record<string, unknown>)[head];
    return { ...value, [head]: rest.length === 0 ? to : changed((inner ?? {}) as object, rest.join("."), to) };
}
