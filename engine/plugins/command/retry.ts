/** Repeats what fails, with the pauses of the real provider: 0.1 s, then 1.5 times as long each time, 5 s at most. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Operation } from "../../provider/resource";

/**
 * @param limit how many failures are forgiven; -1: all. The first call is not counted, so with 10 there are 11.
 * @throws the last failure, or the reason why the operation was cancelled during a pause
 */
export async function retry<T>(operation: Operation, label: string, limit: number, work: () => Promise<T>): Promise<T> {
    let pause = 100;
    for (let failures = 1; ; failures++) {
        try {
            return await work();
        } catch (error) {
            if (limit > -1 && failures > limit) throw new Error(`after ${failures - 1} failed attempts: ${(error as Error).message}`);
        }
        operation.log("info", `${label} ${failures}/${limit === -1 ? "inf" : limit} failed: retrying`, true);
        await sleep(pause, undefined, { signal: operation.signal }).catch(() => {
            throw operation.signal.reason;
        });
        pause = Math.min(pause * 1.5, 5000);
    }
}
