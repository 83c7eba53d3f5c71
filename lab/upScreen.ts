/** What a person wants to see of `pulumi up`, out of the lines that Pulumi prints: a line a part of a host, under it one a step, then what it says at its end. */

/** What a step of a part does, or the part's end: ` +  command:remote:Command hrm-web creating (1s) web: folders: done`. The part has the stack's name in front. */
const about = /^ [-+~ ]+command:remote:Command [^\s-]+-(\S+) (?:(\*\*\w+ failed\*\*)|(\w+) \(([\d.]+)s\))(?: \S+: (\S+): (.*)| .*)?$/;
const ends = /^(created|updated|deleted|replaced)$/;
/** The engine says of the stand-ins what was said before. */
const ofStandIns = /^ {4}warning: using pulumi-resource-\w+ from \$PATH at /;
const secondsOfSilence = 8;

/** What the steps of a part said, in their order: the differences first, then what each did. */
type Said = Map<string, string[]>;

export class UpScreen {
    private readonly running = new Map<string, Said>();
    private section: "parts" | "diagnostics" | "end" = "parts";
    /** A heading of the diagnostics, until it has a text. */
    private headings: string[] = [];
    private putAt = Date.now();

    /** @param width of a line */
    constructor(
        private readonly print: (line: string) => void,
        private readonly width = 150,
    ) {}

    line(text: string): void {
        if (text === "Diagnostics:") this.section = "diagnostics";
        if (text === "Outputs:") this.section = "parts";
        if (text === "Resources:") this.section = "end";
        if (this.section === "diagnostics") this.diagnostic(text);
        else if (this.section === "end") this.put(text);
        else this.part(text);
    }

    /** Call it now and then: says what long steps are doing. */
    tick(): void {
        if (Date.now() - this.putAt < secondsOfSilence * 1000) return;
        const running = [...this.running].map(([part, said]) => {
            const [step, lines] = [...said].at(-1) ?? [];
            return step ? `${part} ${step}: ${lines?.at(-1)}` : `${part}: begun`;
        });
        this.put(`…  ${running.join("; ") || "Pulumi is at work"}`.slice(0, this.width));
    }

    private part(text: string): void {
        // What keeps it from beginning, such as a locked stack.
        if (/^(error|warning): /.test(text)) this.put(text);
        const [, part, failed, verb = "", seconds, step, line] = about.exec(text) ?? [];
        if (part === undefined) return;
        const said: Said = this.running.get(part) ?? new Map();
        this.running.set(part, said);
        if (!failed && !ends.test(verb)) {
            if (step && line && line !== "done") said.set(step, [...(said.get(step) ?? []), line]);
            return;
        }
        this.running.delete(part);
        const time = failed ? "failed" : `${Number(seconds).toFixed(1)} s`;
        const end = failed ? "  see below" : said.size === 0 ? "  as described" : "";
        this.put(`${part.padEnd(18)}${time.padStart(7)}${end}`);
        if (!failed) for (const [step, lines] of said) this.step(step, lines);
    }

    private step(step: string, [first = "", ...more]: string[]): void {
        const rest = more.length > 0 ? ` (and ${more.length} more)` : "";
        this.put(`  ${step.padEnd(18)}  ${first.slice(0, this.width - 30 - rest.length)}${rest}`);
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
