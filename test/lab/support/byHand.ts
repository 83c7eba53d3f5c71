/** What somebody does to a cluster by hand. */
export interface Change {
    host: string;
    /** As root. */
    does: string;
    /** What a preview says of it, by resource. */
    shows: Record<string, (string | RegExp)[]>;
}

/** Changes of one round are made together: each touches steps of its own. */
export interface Round {
    title: string;
    changes: Change[];
    /** Hosts that cannot be looked at meanwhile, since a change is in the way. */
    unchecked?: RegExp[];
}

const sql = (statements: string) => `mariadb hrm -e "${statements}"`;
const hucoreTcl = "/var/www/html/hrm/scripts/hucore.tcl";
const proofIsDue = (node: string) => `web: ${node}: the queue manager's calls have not been proven since the last change`;
const sshFolder = "/home/hrm/.ssh/hrm-cluster.d";

export const rounds: Round[] = [
    {
        title: "modes, memberships, edited files and rows",
        changes: [
            {
                host: "web",
                does: "chmod g-rwx /data/hrm_data",
                shows: { "web-folders": ["web: /data/hrm_data: mode 2705, want at least 2770"] },
            },
            {
                host: "web",
                does: "sed -i s/log_verbosity/log_silence/ /var/www/html/hrm/config/hrm_config.inc",
                shows: {
                    "web-config": ["web: /var/www/html/hrm/config/hrm_config.inc: other content than described"],
                },
            },
            {
                host: "web",
                does: sql("REVOKE INSERT, ALTER ON hrm.* FROM hrm@localhost").replace("mariadb hrm", "mariadb"),
                shows: { "web-database": ["web: database hrm: hrm cannot use it (INSERT ALTER)"] },
            },
            {
                host: "web",
                does: "sed -i '/^Include/d' /home/hrm/.ssh/config",
                shows: { "web-identity": ["web: /home/hrm/.ssh/config: does not begin with 'Include hrm-cluster.d/*.conf'"] },
                // Without the Include the queue manager's ssh finds neither node; see `unchecked`.
            },
            {
                host: "web",
                does: sql("UPDATE server SET gpuId = NULL, huscript_path = '/bin/hu' WHERE name = 'huygens1 1'"),
                shows: {
                    "registry-rows": [
                        "web: server row huygens1 1: found huygens1 1, /bin/hu, GPU NULL, want huygens1 1, /usr/local/bin/hucore, GPU 1",
                    ],
                },
            },
            {
                host: "web",
                does: sql("DELETE FROM server WHERE name = 'huygens2 0'"),
                shows: {
                    "registry-rows": ["web: server row huygens2 0: found none, want huygens2 0, /usr/local/bin/hucore, GPU 0"],
                },
            },
            {
                host: "huygens2",
                does: "chown root:root /data/hrm_data",
                shows: { "huygens2-folders": ["huygens2: /data/hrm_data: owner and group root root, want hrm hrm"] },
            },
        ],
        unchecked: [/^huygens[12]: not looked at .*the queue manager's ssh does not get there: \S/],
    },
    {
        title: "missing folders, services, keys and a replaced hucore",
        changes: [
            {
                host: "web",
                does: "systemctl disable --now hrmd",
                shows: {
                    "web-queueManager": ["web: hrmd.service: not enabled, want it"],
                    "registry-restart": ["web: hrmd.service: not running, want it"],
                    "registry-keys": ["web: queue manager: has not finished its start, want it to send jobs"],
                },
            },
            {
                host: "web",
                does: sql("INSERT INTO server (name, huscript_path) VALUES ('localhost', '/usr/local/bin/hucore')"),
                shows: {
                    "web-schema": ["web: server row localhost: the installer's default is there, want none"],
                    "registry-departures": ["web: node localhost: has server rows, want none"],
                },
            },
            {
                host: "web",
                does: `echo other >${sshFolder}/key-1; chmod 0644 ${sshFolder}/key-1`,
                shows: {
                    "web-identity": [
                        `web: ${sshFolder}/key-1: other content than described`,
                        `web: ${sshFolder}/key-1: owner, group and mode hrm hrm 644, want hrm hrm 600`,
                    ],
                },
            },
            {
                host: "huygens1",
                does: "rm -rf /data/hrm_data",
                shows: { "huygens1-folders": ["huygens1: /data/hrm_data: not a folder, want one"] },
            },
            {
                host: "huygens1",
                does: "usermod --shell /usr/sbin/nologin hrm",
                shows: { "huygens1-account": ["huygens1: shell of hrm: /usr/sbin/nologin, want one that runs commands"] },
            },
            {
                host: "huygens2",
                does: "sed -i '/hrm-cluster$/d' /home/hrm/.ssh/authorized_keys; chmod g+w /home/hrm/.ssh",
                shows: {
                    "huygens2-access": [
                        "huygens2: /home/hrm/.ssh/authorized_keys: without the cluster's key, want it",
                        "huygens2: /home/hrm/.ssh: writable by others, sshd refuses keys then",
                    ],
                },
            },
        ],
        unchecked: [/^huygens[12]: not looked at .*the queue manager's ssh does not get there: \S/],
    },
    {
        title: "hucore and hucore.tcl on the nodes, the unit, a switch, rows of nobody",
        changes: [
            {
                host: "web",
                does: "sed -i s/KillMode=process/KillMode=mixed/ /etc/systemd/system/hrmd.service; rm /etc/hrm.conf /etc/logrotate.d/pulumi-hrm",
                shows: {
                    "web-config": ["web: /etc/hrm.conf: not there, want it"],
                    "web-queueManager": [
                        "web: /etc/systemd/system/hrmd.service: other content than described",
                        "web: /etc/logrotate.d/pulumi-hrm: not there, want it",
                    ],
                },
            },
            { host: "huygens1", does: "touch /usr/local/bin/hucore", shows: { "huygens1-link": [proofIsDue("huygens1")] } },
            {
                host: "huygens2",
                does: `echo >>${hucoreTcl}`,
                shows: { "huygens2-link": [`web: huygens2:${hucoreTcl}: not the web host's hucore.tcl`, proofIsDue("huygens2")] },
            },
            {
                host: "web",
                does: sql("INSERT INTO server VALUES ('huygens1 7', '/bin/hu', 'free', NULL, 7), ('zz 0', '/bin/hu', 'free', NULL, 0)"),
                shows: {
                    "registry-rows": ["web: server row huygens1 7: found huygens1 7, /bin/hu, GPU 7, want none"],
                    "registry-departures": ["web: node zz: has server rows, want none"],
                },
            },
        ],
    },
    {
        title: "a database password, ssh files of the nodes, a lost log folder",
        changes: [
            {
                host: "web",
                does: sql("ALTER USER hrm@localhost IDENTIFIED BY 'other'"),
                shows: { "web-database": [/^web: database hrm: hrm cannot use it \(error 1045, SQLSTATE \w+: the login is refused/] },
            },
            {
                host: "web",
                does: `rm ${sshFolder}/huygens1.conf; echo 'huygens2 ssh-ed25519 AAAA' >${sshFolder}/huygens2.known_hosts`,
                shows: {
                    "huygens1-link": [`web: ${sshFolder}/huygens1.conf: not there, want it`],
                    "huygens2-link": [`web: ${sshFolder}/huygens2.known_hosts: other content than described`],
                },
            },
            {
                host: "web",
                does: "chmod 0644 /var/log/hrm/hrm.log; chmod g-w /var/log/hrm",
                shows: {
                    "web-folders": ["web: /var/log/hrm: mode 2755, want at least 2770"],
                    "web-queueManager": ["web: /var/log/hrm/hrm.log: hrm hrm 644, want hrm hrm 664"],
                },
            },
        ],
        // Its steps after `database` ask the database.
        unchecked: [/^web: not looked at .*error 1045/],
    },
    {
        title: "a switch that an Apache left locked, while the rows are as described",
        changes: [
            {
                host: "web",
                does: sql("UPDATE queuemanager SET value = 'lck' WHERE field = 'switch'"),
                shows: { "registry-restart": ["web: queue manager's switch: lck, want on; nothing is dispatched"] },
            },
        ],
    },
];
