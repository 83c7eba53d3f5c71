/** Looks again and again until the condition holds. @throws after the time limit, with the description of what was waited for */
export async function until(what: string, holds: () => Promise<boolean> | boolean, seconds = 90): Promise<void> {
    const begin = Date.now();
    while (!(await holds())) {
        if (Date.now() - begin > seconds * 1000) throw new Error(`waited ${seconds} s for ${what}`);
        await new Promise(resolve => setTimeout(resolve, 50));
    }
}
