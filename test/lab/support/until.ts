import { lastOfLabs } from "./lastOfLabs";

/** The processors are for what is waited for: a look takes at most a sixth of the time, however long it takes on a busy machine. */
const restPerLook = 5;
const leastRestMilliseconds = 25;

/** Long enough for a machine on which much else runs. What takes longer is not slow but wrong. */
const limitSeconds = 300;

/** Looks again and again until the condition holds, which is `true`. Anything else is what it saw. @throws as `untilSeen` */
export async function until<T>(what: string, look: () => Promise<T | boolean> | T | boolean, seconds = limitSeconds): Promise<void> {
    await untilSeen(what, look, seen => seen === true, seconds);
}

/**
 * Looks again and again until what it sees is right.
 * @throws after the time limit, with what was waited for, what was seen last, and the ends of the hosts' journals and of HRM's log
 */
export async function untilSeen<T>(
    what: string,
    look: () => Promise<T> | T,
    holds: (seen: T) => boolean,
    seconds = limitSeconds,
): Promise<void> {
    const begin = Date.now();
    for (;;) {
        const before = Date.now();
        const seen = await look();
        if (holds(seen)) return;
        if (Date.now() - begin > seconds * 1000)
            throw new Error(`waited ${seconds} s for ${what}\nseen last: ${JSON.stringify(seen)}\n${await lastOfLabs()}`);
        await new Promise(resolve => setTimeout(resolve, Math.max(leastRestMilliseconds, restPerLook * (Date.now() - before))));
    }
}
