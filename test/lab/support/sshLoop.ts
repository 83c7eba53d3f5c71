import type { Lab } from "../../../lab/lab";
import { until } from "./until";

const folder = "/run/ssh-loop";

/** The queue manager's user logs in to nodes, one after the other, all the time. */
export class SshLoop {
    private constructor(
        private readonly lab: Lab,
        private readonly work: Promise<unknown>,
    ) {}

    static async start(lab: Lab, nodes: string[]): Promise<SshLoop> {
        const script = `while [ ! -e ${folder}/stop ]; do for node in ${nodes.join(" ")}; do
            ssh "hrm@$node" true </dev/null 2>${folder}/said || { date; echo "$node"; cat ${folder}/said; } >>${folder}/failures
            echo >>${folder}/calls; sleep 0.5; done; done`;
        await lab.run("web", `install -d -o hrm ${folder}`);
        const loop = new SshLoop(lab, lab.run("web", script, { user: "hrm" }));
        await until("the first login", async () => (await loop.calls()) > 0);
        return loop;
    }

    async calls(): Promise<number> {
        return Number(await this.lab.run("web", `cat ${folder}/calls 2>/dev/null | wc -l`));
    }

    async failures(): Promise<string> {
        return this.lab.run("web", `cat ${folder}/failures 2>/dev/null || :`);
    }

    async stop(): Promise<void> {
        await this.lab.run("web", `touch ${folder}/stop`);
        await this.work;
    }
}
