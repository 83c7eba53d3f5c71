import type { Lab } from "../../../lab/lab";

/** Who came to a host's sshd since it was last asked: what sshd's journal says, logins and others. */
export class Visits {
    private readonly seen = new Map<string, string>();

    constructor(private readonly lab: Lab) {}

    /** @returns lines of the journal, each with the host's name; none where nobody came */
    async since(): Promise<string[]> {
        const running = this.lab.hosts.filter(({ name }) => this.lab.isRunning(name));
        const lines = running.map(async ({ name }) => {
            const journal = await this.lab.run(name, "journalctl --sync; journalctl -q -o short-precise --no-pager SYSLOG_IDENTIFIER=sshd");
            const before = this.seen.get(name) ?? "";
            this.seen.set(name, journal);
            const added = journal.startsWith(before) ? journal.slice(before.length) : journal;
            return added.split("\n").flatMap(line => (line === "" ? [] : [`${name}: ${line}`]));
        });
        return (await Promise.all(lines)).flat();
    }
}
