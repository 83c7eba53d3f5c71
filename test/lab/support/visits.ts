import type { Lab } from "../../../lab/lab";
import { machineAddress } from "../../../lab/names";

/** sshd may notice late that a visitor has left. */
const leaving = /^(Received disconnect from|Disconnected from|Connection closed by (?!.*preauth))/;

/** Who came from this machine, where Pulumi runs, to the hosts' sshd since it was last asked. HRM's queue manager comes from the web host. */
export class Visits {
    constructor(private readonly lab: Lab) {}

    /** @returns lines of sshd's journals, each with the host's name in front; none where nobody came */
    async since(): Promise<string[]> {
        const address = machineAddress(this.lab.web.address.replace(/\.\d+$/, ""));
        const running = this.lab.hosts.filter(({ name }) => this.lab.isRunning(name));
        const lines = running.map(async ({ name }) => {
            const ask = "journalctl --sync; journalctl -q -o cat --no-pager --cursor-file=/run/visits -t sshd";
            const journal = (await this.lab.run(name, ask)).split("\n");
            return journal.filter(line => line.includes(` ${address} `) && !leaving.test(line)).map(line => `${name}: ${line}`);
        });
        return (await Promise.all(lines)).flat();
    }
}
