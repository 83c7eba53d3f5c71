import type { Lab } from "../../../lab/lab";

/** Who came to the hosts' sshd since it was last asked, by sshd's journal: logins and all others. */
export class Visits {
    constructor(private readonly lab: Lab) {}

    /** @returns lines of the journals, each with the host's name in front; none where nobody came */
    async since(): Promise<string[]> {
        const running = this.lab.hosts.filter(({ name }) => this.lab.isRunning(name));
        const lines = running.map(async ({ name }) => {
            const ask = "journalctl --sync; journalctl -q -o cat --no-pager --cursor-file=/run/visits -t sshd";
            const journal = await this.lab.run(name, ask);
            return journal.split("\n").flatMap(line => (line === "" ? [] : [`${name}: ${line}`]));
        });
        return (await Promise.all(lines)).flat();
    }
}
