/** Seconds and CPU seconds, of this machine's programs and of a lab's hosts. */
import { existsSync, rmdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cpuSeconds, hostGroup, makeOwnGroup } from "../cgroup";
import type { Lab } from "../lab";

export interface Cost {
    seconds: number;
    /** Undefined where this machine does not tell. */
    cpu?: number | undefined;
}

/** A control group for this process and what it starts, but for a lab's hosts, which have their own. */
export class OwnGroup {
    private readonly group = makeOwnGroup(`hrm-bench-${process.pid}`);

    constructor() {
        if (this.group) writeFileSync(join(this.group, "cgroup.procs"), String(process.pid));
    }

    async measure(lab: Lab, work: () => Promise<unknown>): Promise<Cost> {
        const [before, begin] = [this.used(lab), Date.now()];
        await work();
        const [after, seconds] = [this.used(lab), (Date.now() - begin) / 1000];
        return { seconds, cpu: before === undefined || after === undefined ? undefined : after - before };
    }

    leave(): void {
        if (!this.group || !existsSync(this.group)) return;
        writeFileSync(join(dirname(this.group), "cgroup.procs"), String(process.pid));
        try {
            rmdirSync(this.group);
        } catch {
            // Something that was interrupted is still ending in it; it is empty then, and nobody's.
        }
    }

    private used(lab: Lab): number | undefined {
        const groups = [this.group, ...lab.hosts.map(({ name }) => hostGroup(lab.name, name))];
        return groups.reduce<number | undefined>((sum, group) => {
            const used = group === undefined ? undefined : cpuSeconds(group);
            return sum === undefined || used === undefined ? undefined : sum + used;
        }, 0);
    }
}
