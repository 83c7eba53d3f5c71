/** What this machine has to spare: whether one more test file may begin. */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/** Processor time since the machine's start, in the kernel's own unit. */
export interface CpuTimes {
    idle: number;
    total: number;
}

/** The first line of /proc/stat: user nice system idle iowait irq softirq steal (proc(5)). */
export function cpuTimes(stat: string): CpuTimes {
    const fields = stat.split("\n")[0]!.trim().split(/\s+/).slice(1, 9).map(Number);
    return { idle: fields[3]! + fields[4]!, total: fields.reduce((sum, field) => sum + field, 0) };
}

/** MemAvailable of /proc/meminfo, in bytes. */
export function availableMemory(meminfo: string): number {
    return Number(/^MemAvailable: +(\d+) kB$/m.exec(meminfo)?.[1] ?? 0) * 1024;
}

// A file begins with what costs most: hosts boot, and a cluster is made. So the next one waits until that shows, and then for a quarter of the machine
// to be idle. Files wait for more than half of their time, so that this keeps the processors busy without a queue in front of them. For the same reason two files for
// each processor have room however busy the machine is: where others keep it so, nothing would ever be idle, and what they leave would not be used.
const filesForEach = 2;
const secondsToShow = 3;
const idleShare = 0.25;
/** A web host takes 0.3 GB of memory, with its disk; the lab of 33 hosts 0.8. */
const bytesForOneMore = 2e9;

/** Looks at the machine once a second while it is asked. */
export class Machine {
    private samples: CpuTimes[] = [];

    constructor(
        private readonly read = (file: string) => readFileSync(file, "utf8"),
        private readonly cpus = availableParallelism(),
    ) {}

    /** Call it once a second. @param running files that run already: with none the next one has to begin, however busy others keep the machine */
    hasRoom(running: number): boolean {
        this.samples = [...this.samples, cpuTimes(this.read("/proc/stat"))].slice(-1 - secondsToShow);
        if (running === 0) return true;
        if (availableMemory(this.read("/proc/meminfo")) < bytesForOneMore) return false;
        // The first ones may begin together.
        if (running < this.cpus) return true;
        const isShown = this.samples.length > secondsToShow;
        return isShown && (running < this.cpus * filesForEach || this.isIdle());
    }

    /** A file has begun. */
    taken(): void {
        this.samples = [];
    }

    private isIdle(): boolean {
        const [first, last] = [this.samples[0]!, this.samples.at(-1)!];
        return (last.idle - first.idle) / Math.max(1, last.total - first.total) >= idleShare;
    }
}
