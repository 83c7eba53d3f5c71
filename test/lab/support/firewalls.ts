/** What may keep people from HRM's pages: rules of nft, and which ports they close. None keeps the host from itself, or a look at its pages takes all the time that it has. */
const chain = (rules: string, policy = "drop") =>
    `table inet filter { chain input { type filter hook input priority 0; policy ${policy}; ${rules} }; }`;
const usual = "ct state established,related accept; iif lo accept; ip protocol icmp accept; tcp dport 22 accept;";

export const firewalls: { title: string; rules: string; closed: number[] }[] = [
    { title: "lets in ssh alone", rules: chain(usual), closed: [80, 443] },
    { title: "lets in what is asked for", rules: chain(`${usual} tcp dport { 80, 443 } accept;`), closed: [] },
    { title: "lets in a range", rules: chain(`${usual} tcp dport 400-500 accept;`), closed: [80] },
    {
        title: "lets in a port for new connections",
        rules: chain(`${usual} ct state new tcp dport 443 counter accept; tcp dport 80 accept;`),
        closed: [],
    },
    { title: "closes a port by name", rules: chain("tcp dport 443 reject;", "accept"), closed: [443] },
    { title: "closes all but some ports", rules: chain("iif lo accept; tcp dport != { 22, 80 } drop;", "accept"), closed: [443] },
    {
        title: "asks another chain",
        rules: `table inet filter { chain services { udp dport 443 accept; tcp dport 443 accept; }; chain input { type filter hook input priority 0; policy drop; ${usual} jump services; }; }`,
        closed: [80],
    },
    // Who knows where people are.
    { title: "lets in some addresses", rules: chain(`${usual} ip saddr 10.0.0.0/8 tcp dport { 80, 443 } accept;`), closed: [] },
    {
        title: "keeps some addresses out",
        rules: chain("iif lo accept; ip saddr 192.0.2.0/24 drop; tcp dport 443 limit rate over 10/second drop;", "accept"),
        closed: [],
    },
    {
        title: "does not look at what comes in",
        rules: "table inet filter { chain out { type filter hook output priority 0; policy accept; oif != lo tcp dport 443 drop; }; }",
        closed: [],
    },
    {
        title: "has two tables",
        rules: `table inet a { chain input { type filter hook input priority 0; policy accept; }; }; table ip b { chain i { type filter hook input priority 5; policy accept; iif lo accept; tcp dport 80 drop; }; }`,
        closed: [80],
    },
];

/** `ufw status verbose`, as ufw 0.36 prints it. */
const ufw = (lines: string[], incoming = "deny") =>
    [
        "Status: active",
        "Logging: on (low)",
        `Default: ${incoming} (incoming), allow (outgoing), disabled (routed)`,
        "New profiles: skip",
        "",
        ...["To                         Action      From", "--                         ------      ----"],
        ...lines,
    ].join("\n");

export const ufws: { title: string; status: string; closed: number[] }[] = [
    { title: "lets in ssh alone", status: ufw(["22/tcp                     ALLOW IN    Anywhere"]), closed: [80, 443] },
    { title: "lets in ports", status: ufw(["80,443/tcp                 ALLOW IN    Anywhere"]), closed: [] },
    {
        title: "lets in a profile",
        status: ufw(["80/tcp (Apache)            ALLOW IN    Anywhere", "443                        LIMIT IN    Anywhere"]),
        closed: [],
    },
    { title: "lets in Apache by its profile", status: ufw(["Apache Full                ALLOW IN    Anywhere"]), closed: [] },
    { title: "lets in the plain profile", status: ufw(["Apache                     ALLOW IN    Anywhere"]), closed: [] },
    { title: "lets in HTTP alone", status: ufw(["80/tcp (Apache)            ALLOW IN    Anywhere"]), closed: [443] },
    {
        title: "lets in ssh by its name, and HTTPS over UDP",
        status: ufw(["OpenSSH                    ALLOW IN    Anywhere", "443/udp                    ALLOW IN    Anywhere"]),
        closed: [80, 443],
    },
    { title: "lets in by one network card", status: ufw(["80/tcp on eth0             ALLOW IN    Anywhere"]), closed: [443] },
    { title: "lets in a range", status: ufw(["22,70:100/tcp              LIMIT IN    10.0.0.0/8"]), closed: [443] },
    { title: "lets in to one address", status: ufw(["192.0.2.5 443/tcp          ALLOW IN    Anywhere"]), closed: [80] },
    { title: "lets in what it calls by a name of its own", status: ufw(["Pages of ours              ALLOW IN    Anywhere"]), closed: [] },
    { title: "lets out alone", status: ufw(["80,443/tcp                 ALLOW OUT   Anywhere"]), closed: [80, 443] },
    { title: "lets in all", status: ufw([], "allow"), closed: [] },
    { title: "is off", status: "Status: inactive", closed: [] },
];
