/** A way to a host that takes longer, for kernels without netem: what comes is passed on later, in its order. */
import { connect, createServer, type Server, type Socket } from "node:net";

/**
 * @param milliseconds how much longer a round trip takes
 * @param at where it listens, by default on a free port of the loopback interface
 */
export async function slowWay(host: string, port: number, milliseconds: number, at = { host: "127.0.0.1", port: 0 }): Promise<Server> {
    const server = createServer({ allowHalfOpen: true }, near => {
        const far = connect({ host, port, allowHalfOpen: true });
        for (const socket of [near, far])
            socket
                .setNoDelay(true)
                .unref()
                .on("error", () => [near, far].map(each => each.destroy()));
        pass(near, far, milliseconds / 2);
        pass(far, near, milliseconds / 2);
    });
    await new Promise<void>((resolve, reject) => server.on("error", reject).listen(at.port, at.host, resolve));
    // What somebody leaves open must not keep the bench from its end.
    return server.unref();
}

function pass(from: Socket, to: Socket, milliseconds: number): void {
    from.on("data", data => setTimeout(() => to.writable && to.write(data), milliseconds));
    from.on("end", () => setTimeout(() => to.end(), milliseconds));
    from.on("close", () => setTimeout(() => to.destroy(), milliseconds));
}
