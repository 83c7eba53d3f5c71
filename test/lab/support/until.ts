import { lastOfLabs } from "./lastOfLabs";

/** The processors are for what is waited for: a look takes at most a sixth of the time, however long it takes on a busy machine. */
const restPerLook = 5;
const leastRestMilliseconds = 25;

/**
 * Looks again and again until the condition holds, which is `true`. Anything else is what it saw.
 * @throws after the time limit, with what was waited for, what was seen last, and the ends of the hosts' journals and of HRM's log
 */
export async function until<T>(what: string, look: () => Promise<T> | T, seconds = 90): Promise<void> {
    const begin = Date.now();
    for (;;) {
        const before = Date.now();
        const seen = await look();
        if (seen === true) return;
        if (Date.now() - begin > seconds * 1000) {
            throw new Error(
                [
                    `waited ${seconds} s for ${what}`,
                    ...(seen === false ? [] : [`seen last: ${JSON.stringify(seen)}`]),
                    await lastOfLabs(),
                ].join("\n"),
            );
        }
        await new Promise(resolve => setTimeout(resolve, Math.max(leastRestMilliseconds, restPerLook * (Date.now() - before))));
    }
}
