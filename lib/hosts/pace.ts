/**
 * How long steps wait for what nothing tells them. No argument: it is right for HRM wherever it runs. Tests make it quick, since most of them are not
 * about it.
 */
export const pace = {
    /** Seconds between two looks of a step that waits. */
    look: 1,
    /** Seconds after which a state of HRM's that is there for a moment is one that stays. */
    settle: 2,
    /** Looks at the queue manager without a call of its to a node, after which it is not sending a job there. */
    quietLooks: 10,
    /** The same where other rows of the node stay: a dispatch takes 25 s with HRM's own ping of 4 s. */
    quietLooksBeside: 30,
    /** Seconds without ssh after which nobody asks for a hucore on a node without jobs any more. */
    silence: 20,
    /** Seconds without ssh and ping after which a node with jobs is taken for dead. */
    death: 120,
    /** Seconds in which a login on a node has to be there, since HRM's queue manager reads a job's process number then, and dies where it finds none. */
    login: 1,
    /** Seconds after which a queue manager that has not moved hangs: by itself it makes a call or a query several times a second. */
    hang: 6,
    /** Seconds after which a call of its to a node has no end of its own any more: more than ssh's limits in lib/templates/node.ssh_config.hbs together. */
    call: 320,
    /** Seconds in which short calls of hucore end, such as the queue manager's question for its version. */
    busy: 30,
    /** Seconds before systemd starts a queue manager anew that has ended. */
    restart: 10,
    /** Seconds after which a connection ends that nothing is asked over: a process that runs programs for long keeps no shell of root's on a host. */
    idle: 5,
};

/** Seconds that jobs have to end where nobody says otherwise. */
export const drainSeconds = 4 * 3600;

/** What a drain gets of it. */
export const drainPace = () => ({
    ...{ look_seconds: pace.look, settle_seconds: pace.settle, quiet_looks: pace.quietLooks, quiet_looks_beside: pace.quietLooksBeside },
    ...{ silence_seconds: pace.silence, death_seconds: pace.death },
});
