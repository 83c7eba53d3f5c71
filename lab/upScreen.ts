/** What a person wants to see of `pulumi up`, out of the lines that Pulumi prints: a line a host and step, then what it says at its end. */

/** A step's progress, or its end: ` +  command:remote:Command hrm-web-account created (0.3s) web: account: done`. */
const about = /^ [-+~ ]+command:remote:Command (\S+) (?:(\*\*\w+ failed\*\*)|(\w+) \(([\d.]+)s\))(?: \S+: \S+: (.*)| .*)?$/;
const ends = /^(created|updated|deleted|replaced)$/;
/** The engine says of the stand-ins what was said before. */
const ofStandIns = /^ {4}warning: using pulumi-resource-\w+ from \$PATH at /;
const secondsOfSilence = 8;

interface Step {
    host: string;
    step: string;
    /** What it said: the differences first, then what it did. */
    said: string[];
}

export class UpScreen {
    private readonly steps = new Map<string, Step>();
    private part: "steps" | "diagnostics" | "end" = "steps";
    /** A heading of the diagnostics, until it has a text. */
    private headings: string[] = [];
    private putAt = Date.now();

    /** @param width of a line */
    constructor(
        private readonly print: (line: string) => void,
        private readonly width = 150,
    ) {}

    line(text: string): void {
        if (text === "Diagnostics:") this.part = "diagnostics";
        if (text === "Outputs:") this.part = "steps";
        if (text === "Resources:") this.part = "end";
        if (this.part === "diagnostics") this.diagnostic(text);
        else if (this.part === "end") this.put(text);
        else this.step(text);
    }

    /** Call it now and then: says what long steps are doing. */
    tick(): void {
        if (Date.now() - this.putAt < secondsOfSilence * 1000) return;
        const running = [...this.steps.values()].map(({ host, step, said }) => `${host} ${step}: ${said.at(-1) ?? "begun"}`);
        this.put(`…  ${running.join("; ") || "Pulumi is at work"}`.slice(0, this.width));
    }

    private step(text: string): void {
        // What keeps it from beginning, such as a locked stack.
        if (/^(error|warning): /.test(text)) this.put(text);
        const [, resource, failed, verb = "", seconds, said] = about.exec(text) ?? [];
        if (resource === undefined) return;
        const step = this.steps.get(resource) ?? { ...stepOf(resource), said: [] };
        this.steps.set(resource, step);
        if (!failed && !ends.test(verb)) {
            if (said && said !== "done") step.said.push(said);
            return;
        }
        this.steps.delete(resource);
        const [first, ...more] = step.said;
        const rest = more.length > 0 ? ` (and ${more.length} more)` : "";
        const found = first === undefined ? "as described" : `${first.slice(0, this.width - 40 - rest.length)}${rest}`;
        const time = failed ? "failed" : `${Number(seconds).toFixed(1)} s`;
        this.put(`${step.host.padEnd(10)}${step.step.padEnd(16)}${time.padStart(7)}  ${failed ? "see below" : found}`);
    }

    /** In full, but for a heading under which nothing new stands. */
    private diagnostic(text: string): void {
        if (ofStandIns.test(text)) return;
        const isHeading = text === "Diagnostics:" || /^ {2}\S.*\):$/.test(text);
        if (isHeading) this.headings = [...this.headings.filter(line => line === "Diagnostics:"), text];
        else if (text.trim() !== "") {
            for (const line of [...this.headings.splice(0), text]) this.put(line);
        }
    }

    private put(line: string): void {
        this.putAt = Date.now();
        this.print(line);
    }
}

/** The resources of a cluster are named after the parts of its description; those of the registry, and the links, run on the web host. */
export function stepOf(resource: string): { host: string; step: string } {
    const [, owner = "", ...rest] = resource.split("-");
    if (owner === "registry") return { host: "web", step: rest.join("-") };
    return rest[0] === "link" ? { host: "web", step: `link-${owner}` } : { host: owner, step: rest.join("-") };
}
