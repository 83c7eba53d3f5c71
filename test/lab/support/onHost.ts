import type { Result } from "../../../lab/command";
import type { TestCluster } from "./cluster";

interface Step {
    host: string;
    text: string;
}

/** What `check` prints before a difference; said otherwise, the check gave no answer. */
const difference = /^hrm: differs (.*)$/;

/**
 * The steps of a cluster that is up, as its hosts get them, run there without Pulumi's engine: for tests that are about what a script does on a host. In a
 * stack's order, by the names of their resources without the stack's prefix: `web-config`.
 */
export class StepsOnHosts {
    private constructor(
        private readonly cluster: TestCluster,
        private readonly steps: Map<string, Step>,
    ) {}

    static async of(cluster: TestCluster): Promise<StepsOnHosts> {
        const { code, output } = await cluster.stack.run(["stack", "export", "--show-secrets"]);
        if (code !== 0) throw new Error(`the stack cannot be exported:\n${output}`);
        const { resources } = JSON.parse(output.slice(output.indexOf("{"))).deployment as {
            resources: { urn: string; type: string; inputs: { stdin: string } }[];
        };
        const commands = resources.filter(({ type }) => type === "command:remote:Command");
        const steps = commands.map(({ urn, inputs }): [string, Step] => {
            // A secret is in an envelope, as JSON.
            const given: unknown = inputs.stdin;
            const text = typeof given === "string" ? given : (JSON.parse((given as { plaintext: string }).plaintext) as string);
            return [urn.replace(/.*::hrm-/, ""), { host: /^host='(.*)'$/m.exec(text)![1]!, text }];
        });
        return new StepsOnHosts(cluster, new Map(steps));
    }

    hostOf(step: string): string {
        return this.steps.get(step)!.host;
    }

    /** As the launcher runs it, but without sshd and sudo. */
    async run(step: string, verb: "check" | "ensure"): Promise<Result> {
        const { host, text } = this.steps.get(step)!;
        return this.cluster.lab.exec(host, `read -r limit; exec timeout -k 10 "$limit" sh -s ${verb}`, { stdin: text });
    }

    /** Of all steps on all hosts, in the words of a preview: `web: ITEM: found F, want W`. @throws where a check gives no answer */
    async differences(): Promise<string[]> {
        const found: string[] = [];
        for (const [name, { host }] of this.steps) {
            const { code, stdout, stderr } = await this.run(name, "check");
            if (code !== 0 || !stdout.endsWith("hrm: checked\n")) throw new Error(`${name} was not checked (${code}): ${stdout}${stderr}`);
            found.push(...stdout.split("\n").flatMap(line => (difference.test(line) ? [`${host}: ${difference.exec(line)![1]}`] : [])));
        }
        return found;
    }
}
