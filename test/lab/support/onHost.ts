import type { Result } from "../../../lab/command";
import { launcher, type Verb } from "../../../lib/hosts/launcher";
import { sh } from "../../../lib/hosts/quote";
import type { StepText } from "../../../lib/hosts/stepText";
import { readPartText, readStepText } from "../../unit/support/literals";
import { stepAlone } from "../../unit/support/stepAlone";
import type { TestCluster } from "./cluster";
import { jsonIn } from "./preview";

interface Step {
    host: string;
    text: string;
}

/** A difference, as `check` prints it. */
const difference = /^hrm: differs (.*)$/;

/** One step with these values, as its host gets it, whatever the cluster has: as root, without sshd. */
export function runStep({ lab }: TestCluster, verb: Verb, step: Pick<StepText, "step" | "host" | "values">): Promise<Result> {
    const text = stepAlone({ ...step, declaredBy: "test/test/test", timeLimitSeconds: 600 });
    return lab.exec(step.host, launcher(verb), { stdin: `600\n${text}` });
}

/** What a check has found. @throws where it gives no answer */
export function differencesIn({ code, stdout, stderr }: Result, name = "the step"): string[] {
    if (code !== 0 || !stdout.endsWith("hrm: checked\n")) throw new Error(`${name} was not checked (${code}): ${stdout}${stderr}`);
    return stdout.split("\n").flatMap(line => difference.exec(line)?.[1] ?? []);
}

/**
 * The steps of a cluster that is up, as its hosts get them, run there without Pulumi's engine: for tests that are about what a script does on a host. In a
 * stack's order, by the names of their components without the stack's prefix, and of the steps: `web-config`.
 */
export class StepsOnHosts {
    private constructor(
        private readonly cluster: TestCluster,
        private readonly steps: Map<string, Step>,
    ) {}

    static async of(cluster: TestCluster): Promise<StepsOnHosts> {
        const { code, output } = await cluster.stack.run(["stack", "export", "--show-secrets"]);
        if (code !== 0) throw new Error(`the stack cannot be exported:\n${output}`);
        const { resources } = jsonIn(output).deployment as {
            resources: { urn: string; type: string; inputs: { stdin: string } }[];
        };
        const commands = resources.filter(({ type }) => type === "command:remote:Command");
        const steps = commands.flatMap(({ urn, inputs }) => {
            // A secret is in an envelope, as JSON.
            const given: unknown = inputs.stdin;
            const part = typeof given === "string" ? given : (JSON.parse((given as { plaintext: string }).plaintext) as string);
            const component = urn.replace(/.*::hrm-/, "").replace(/-(identity|link)$/, "");
            return readPartText(part).steps.map(({ step, timeLimit, text }): [string, Step] => [
                `${component}-${step}`,
                { host: readStepText(text).values.host as string, text: `${timeLimit}\n${text}` },
            ]);
        });
        return new StepsOnHosts(cluster, new Map(steps));
    }

    get names(): string[] {
        return [...this.steps.keys()];
    }

    hostOf(step: string): string {
        return this.textOf(step).host;
    }

    /** As its host gets it. */
    textOf(step: string): Step {
        return this.steps.get(step)!;
    }

    /** As root, without sshd. @param values in the place of those that are described */
    async run(step: string, verb: Verb, values: Record<string, string> = {}): Promise<Result> {
        const { host, text: described } = this.textOf(step);
        const text = Object.entries(values).reduce(
            (all, [name, value]) => all.replace(new RegExp(`^${name}='(?:[^']|'\\\\'')*'$`, "m"), () => `${name}=${sh(value)}`),
            described,
        );
        return this.cluster.lab.exec(host, launcher(verb), { stdin: text });
    }

    /** Of these steps, or all on all hosts, in the words of a preview: `web: ITEM: found F, want W`. @throws where a check gives no answer */
    async differences(names: readonly string[] = this.names): Promise<string[]> {
        const found: string[] = [];
        for (const name of names) {
            const host = this.hostOf(name);
            found.push(...differencesIn(await this.run(name, "check"), name).map(line => `${host}: ${line}`));
        }
        return found;
    }
}
