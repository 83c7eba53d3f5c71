import type { Description } from "./cluster";

/** A host loses its power in the middle of an `up`. Each is a row of docs/reliability.md. */
export interface FaultInUp {
    title: string;
    dies: string;
    /** The call in which it does. */
    while: { host: string; program: string; call: string };
    /** What `up` is about. */
    work: (description: Description) => void;
    /** What it says, word by word; the document quotes it. */
    says: string[];
    succeeds?: boolean;
}

export const faultsInUp: FaultInUp[] = [
    {
        title: "the web host reboots while HRM makes its tables",
        dies: "web",
        while: { host: "web", program: "/usr/bin/php", call: "dbupdate.php" },
        work: () => {},
        says: ["web: schema: brings HRM's schema from revision 0 to 21", "wait: remote command exited without exit status or exit signal"],
    },
    {
        title: "a node dies while it proves itself, before its rows change",
        dies: "huygens1",
        while: { host: "huygens1", program: "/opt/hucore", call: "reportVersionNumberAsInteger" },
        work: ({ nodes }) => {
            nodes.huygens1!.hucore = "/opt/hucore";
        },
        says: [
            "web: link-huygens1: /opt/hucore on huygens1 does not answer as HRM needs: nothing before its end, or that of the connection",
        ],
    },
    {
        title: "a node dies while its rows are written",
        dies: "huygens1",
        while: { host: "web", program: "/usr/bin/awk", call: "-v node=huygens1" },
        work: ({ nodes }) => {
            nodes.huygens1!.hucore = "/usr/local/bin/hucore";
        },
        says: [],
        succeeds: true,
    },
    {
        title: "the web host reboots while rows are written",
        dies: "web",
        while: { host: "web", program: "/usr/bin/awk", call: "-v node=huygens1" },
        work: ({ nodes }) => {
            nodes.huygens1!.hucore = "/opt/hucore";
        },
        says: ["wait: remote command exited without exit status or exit signal"],
    },
];

/** Rows of the document whose tests are not of this form. */
export const nodeIsDown = "a node dies after it got its rows";
export const twoStacks = "two stacks describe one cluster, and both are brought up at once";
