import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../../../engine/root";
import { HrmCluster } from "../../../lib";
import { commandsOf, type Declared, declare } from "./declare";
import { bareHost, example, oneMachine } from "./descriptions";
import { readPartText, readStepText, type StepOfPart } from "./literals";

const folder = join(repositoryRoot(), "lib", "steps");

/** A file of lib/steps as it is in the source tree. */
export const stepSource = (name: string) => readFileSync(join(folder, `${name}.sh`), "utf8");

/** The files of lib/steps that a text has in variables. */
export const filesIn = (text: string) => [...text.matchAll(/^file_(\w+)=/gm)].map(([, name]) => name);

const names = readdirSync(folder).map(file => file.replace(/\.sh$/, ""));
const isStep = (name: string) => /^check\(\) \{$/m.test(stepSource(name));

export const stepNames = names.filter(isStep);
/** The shell files that are no steps but parts of several. */
export const sharedParts = names.filter(name => !isStep(name));

export interface RenderedStep extends StepOfPart {
    /** Its part. */
    resource: Declared;
    values: Record<string, string>;
    rest: string;
}

let rendered: Promise<RenderedStep[]> | undefined;

/** The steps that the example `hrm` declares, those of the cluster `one`, which is a single machine, and of `bare`, whose web host has nothing yet. */
export function renderedSteps(): Promise<RenderedStep[]> {
    rendered ??= declare(() => [
        new HrmCluster("hrm", example()),
        new HrmCluster("one", oneMachine()),
        new HrmCluster("bare", bareHost()),
    ]).then(({ resources }) =>
        commandsOf(resources).flatMap(resource =>
            readPartText(resource.inputs.stdin).steps.map(step => ({ resource, ...step, ...readStepText(step.text) })),
        ),
    );
    return rendered;
}

/** The values that a step of a part gets. */
export function valuesOf(resources: readonly Declared[], part: string, step: string): Record<string, string> {
    const { inputs } = resources.find(({ name, type }) => name === part && type === "command:remote:Command") as Declared;
    return readStepText(readPartText(inputs.stdin).steps.find(each => each.step === step)!.text).values;
}

/** Those of the example alone. */
export const exampleSteps = async () => (await renderedSteps()).filter(({ resource }) => resource.name.startsWith("hrm-"));
