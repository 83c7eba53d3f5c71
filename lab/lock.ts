/**
 * One process at a time changes a lab. The lock is a listening socket in Linux' abstract name space: the kernel frees it when its
 * owner ends, however it ends, and it leaves no file behind.
 */
import { connect, createServer, type Socket } from "node:net";
import type { Log } from "../engine/cache";

/** Runs `work` while no other process holds the lock `name`, on this machine or, for one in a network name space of its own (a test), in that. */
export async function exclusive<T>(name: string, log: Log, work: () => Promise<T>): Promise<T> {
    let release = await take(name);
    while (!release) {
        await released(name, owner => log(`waiting for process ${owner}, which is busy with ${name}`));
        release = await take(name);
    }
    try {
        return await work();
    } finally {
        release();
    }
}

/** Takes the lock, if it is free, and returns what frees it. */
function take(name: string): Promise<(() => void) | undefined> {
    return new Promise((resolve, reject) => {
        const waiting = new Set<Socket>();
        // Who waits learns the process id, and that the lock is free when the connection ends.
        const server = createServer(socket => {
            waiting.add(socket);
            socket.on("error", () => {}).write(String(process.pid));
        });
        server.on("error", (error: NodeJS.ErrnoException) => (error.code === "EADDRINUSE" ? resolve(undefined) : reject(error)));
        server.listen(`\0hrm-lab.${name}`, () =>
            resolve(() => {
                server.close();
                for (const socket of waiting) socket.destroy();
            }),
        );
    });
}

function released(name: string, onOwner: (pid: string) => void): Promise<void> {
    return new Promise(resolve => {
        const socket = connect(`\0hrm-lab.${name}`);
        socket.on("data", data => onOwner(data.toString()));
        socket.on("error", () => {});
        socket.on("close", () => resolve());
    });
}
