import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../../../engine/root";
import { HrmCluster } from "../../../lib";
import { commandsOf, type Declared, declare } from "./declare";
import { example } from "./descriptions";
import { readStepText } from "./literals";

const folder = join(repositoryRoot(), "lib", "steps");

/** The shell files that are no steps but parts of several. */
export const sharedParts = ["prelude", "hrm"];

export const stepNames = readdirSync(folder)
    .map(file => file.replace(/\.sh$/, ""))
    .filter(name => !sharedParts.includes(name));

/** A file of lib/steps as it is in the source tree. */
export const stepSource = (name: string) => readFileSync(join(folder, `${name}.sh`), "utf8");

export interface RenderedStep {
    resource: Declared;
    step: string;
    text: string;
    values: Record<string, string>;
    timeLimit: string;
    rest: string;
}

let rendered: Promise<RenderedStep[]> | undefined;

/** The steps that the example cluster declares. */
export function renderedSteps(): Promise<RenderedStep[]> {
    rendered ??= declare(() => new HrmCluster("hrm", example())).then(({ resources }) =>
        commandsOf(resources).map(resource => ({
            resource,
            step: /# (\w+) on /.exec(resource.inputs.create)![1]!,
            text: resource.inputs.stdin,
            ...readStepText(resource.inputs.stdin),
        })),
    );
    return rendered;
}
