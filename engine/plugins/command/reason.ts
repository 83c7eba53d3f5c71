const REASONS: Record<string, string> = {
    ECONNREFUSED: "connection refused",
    ECONNRESET: "connection reset by peer",
    EHOSTUNREACH: "no route to host",
    ENETUNREACH: "network is unreachable",
    ETIMEDOUT: "connection timed out",
    ENOENT: "no such file or directory",
};

/** A system error in the words of the real provider, which is written in Go. */
export function reason(error: NodeJS.ErrnoException): string {
    return REASONS[error.code ?? ""] ?? error.message;
}
