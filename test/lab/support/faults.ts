import type { Description } from "./cluster";

/** What somebody or something does to hosts, as root: shell commands by host. */
export type Deed = Record<string, string>;

/** Something that breaks while a cluster of two nodes is in use. Each is a row of docs/reliability.md. */
export interface Fault {
    /** As the document has it. */
    title: string;
    put: Deed;
    /** The steps that meet it, where it is about what a step's script does: they run on the hosts, without Pulumi's engine. */
    steps?: string[];
    /** For the others: what gives `up` something to do meanwhile. */
    work?: (description: Description) => void;
    /** What is wanted in the end, where it is not the same. */
    instead?: (description: Description) => void;
    /** What the steps, and so `up`, say, word by word; the document quotes it. */
    says: string[];
    /** Whether they succeed meanwhile. */
    succeeds?: boolean;
    /** The row on which a job runs meanwhile. None where the queue manager does not run. */
    runsOn?: string;
    remove: Deed;
}

/** The first node's other hucore, so that it has to prove itself anew. */
const anotherHucore = ({ nodes: { huygens1 } }: Description) => {
    huygens1!.hucore = huygens1!.hucore === "/opt/hucore" ? "/usr/local/bin/hucore" : "/opt/hucore";
};
/** Another configuration, with which the queue manager has to be started. */
const anotherSetting = (description: Description) => {
    description.settings = { emailAdmin: description.settings?.emailAdmin === "a@example.org" ? "b@example.org" : "a@example.org" };
};
const nothing = () => {};

const sql = (statements: string) => `mariadb hrm -e "${statements}"`;

const config = "/var/www/html/hrm/config/hrm_config.inc";
const editConfig = `sed -i s/movieMaxSize/movieSize/ ${config}`;
const proofIsDue = "rm /var/lib/pulumi-hrm/proof-of-link-huygens1";

/** sshd behind systemd's socket: of so many connections of an address all but the last are closed before sshd says anything. */
const oneOf = (count: number) => `cat >/usr/local/sbin/one-of <<'END'
#!/bin/sh
exec 9>>"/run/one-of-$REMOTE_ADDR"
flock 9
echo >&9
[ $(($(wc -l <"/run/one-of-$REMOTE_ADDR") % ${count})) = 0 ] || exit 1
exec /usr/sbin/sshd -i 9>&-
END
chmod 0755 /usr/local/sbin/one-of
cd /run/systemd/system
printf '[Socket]\\nListenStream=22\\nAccept=yes\\n' >one-of.socket
printf '[Service]\\nExecStart=-/usr/local/sbin/one-of\\nStandardInput=socket\\nRuntimeDirectory=sshd\\nRuntimeDirectoryPreserve=yes\\nKillMode=process\\n' >one-of@.service
systemctl daemon-reload && systemctl stop ssh.service && systemctl start one-of.socket`;
const everyConnection = "systemctl stop one-of.socket && systemctl start ssh.service";

/** For whatever is started from now on, the services of HRM and sshd among it. */
const restartServices = "systemctl restart ssh mariadb hrmd";
const wrongClock = `set -e
dpkg -L libfaketime | grep 'MT[.]so[.]1$' >/etc/ld.so.preload
echo +1d >/etc/faketimerc
[ $(($(date +%s) - $(awk '/^btime/ { print $2 }' /proc/stat) - $(cut -d . -f 1 /proc/uptime))) -gt 80000 ]
${restartServices}`;
const rightClock = `rm /etc/ld.so.preload && ${restartServices}`;

/** Only where the folder is on a small disk of its own. */
const full = (folder: string) =>
    `[ $(df --output=size -m ${folder} | tail -n 1) -lt 1000 ] && ! cat /dev/zero >${folder}/filler 2>/dev/null`;
const notFull = (folder: string) => `rm ${folder}/filler`;

export const faults: Fault[] = [
    {
        title: "sshd of the web host drops every second connection",
        put: { web: oneOf(2) },
        work: anotherHucore,
        says: [],
        succeeds: true,
        runsOn: "huygens2 0",
        remove: { web: everyConnection },
    },
    {
        title: "sshd of a node drops most connections",
        // Of every second one the queue manager could take just those that are dropped, between two of the proof's.
        put: { huygens1: oneOf(5) },
        work: anotherHucore,
        says: ["web: link-huygens1: "],
        runsOn: "huygens2 0",
        remove: { huygens1: everyConnection },
    },
    {
        title: "the disk with a node's images is full",
        put: { huygens1: full("/data/hrm_data"), web: proofIsDue },
        steps: ["huygens1-link"],
        says: [
            "web: link-huygens1: hrm cannot write into /data/hrm_data on huygens1: No space left on device",
            "web: link-huygens1: check its owner, mode and free space",
        ],
        runsOn: "huygens2 0",
        remove: { huygens1: notFull("/data/hrm_data") },
    },
    {
        title: "the disk with the web host's /var is full",
        put: { web: `cp -p ${config} ${config}.before-pulumi; ${editConfig}; ${full("/var/www")}` },
        steps: ["web-config"],
        says: [
            "web: config: /var/www/html/hrm/config/hrm_config.inc cannot be written: No space left on device",
            "web: config: look at the free space, the owner and the mount of its folder; what was there before is still there",
        ],
        remove: { web: notFull("/var/www") },
    },
    {
        title: "the same, when the site's own configuration is to be kept",
        put: { web: `rm ${config}.before-pulumi; ${editConfig}; ${full("/var/www")}` },
        steps: ["web-config"],
        says: ["web: config: /var/www/html/hrm/config/hrm_config.inc cannot be kept as *.before-pulumi: No space left on device"],
        remove: { web: notFull("/var/www") },
    },
    {
        title: "the same, when a node is taken out of service",
        put: { web: full("/var/www") },
        work: ({ nodes: { huygens2 } }) => {
            huygens2!.maintenance = true;
        },
        says: ["web: departures: /var/lib/pulumi-hrm/serving cannot be written: No space left on device"],
        remove: { web: notFull("/var/www") },
        instead: ({ nodes: { huygens2 } }) => {
            huygens2!.maintenance = false;
        },
    },
    {
        title: "MariaDB is stopped",
        // The queue manager, which ends without its database, is started again by systemd, and what it wants with it: too soon for this test.
        put: { web: "systemctl stop hrmd mariadb" },
        work: nothing,
        says: ["web: database hrm: hrm cannot use it (error 2002, SQLSTATE HY000: it does not answer; is it running?)"],
        succeeds: true,
        runsOn: "huygens1 0",
        remove: {},
    },
    {
        title: "MariaDB does not start",
        put: { web: "systemctl stop mariadb && systemctl mask --runtime mariadb" },
        work: nothing,
        says: [
            "web: database: the database server does not start: Failed to start mariadb.service",
            "web: database: look at 'journalctl -u mariadb' on this host",
        ],
        remove: { web: "systemctl unmask --runtime mariadb" },
    },
    {
        title: "root needs a password to log in to MariaDB",
        put: {
            web: `${sql("ALTER USER hrm@localhost IDENTIFIED BY 'other'")}
mariadb -e "ALTER USER root@localhost IDENTIFIED VIA mysql_native_password USING PASSWORD('of the root')"`,
        },
        steps: ["web-database"],
        says: [
            "web: database: root cannot administer the database server: error 1045, SQLSTATE 28000: the login is refused: another password, or not from this host",
            "web: database: let root log in by its socket (Debian's default), or put the password into /root/.my.cnf",
        ],
        remove: { web: "umask 077; printf '[client]\\npassword=\"of the root\"\\n' >/root/.my.cnf" },
    },
    {
        title: "the queue manager crashes at each start, since the first row's hucore fails",
        put: { huygens1: "echo 'echo no licence; exit 1' >/etc/hucore-stand-in", web: "systemctl restart hrmd || :" },
        steps: ["registry-restart"],
        says: [
            "web: hrmd.service: not running, want it",
            "web: restart: the queue manager has to be started anew, but huygens1, whose row is the first, does not answer: no licence",
            "web: restart: repair huygens1, set maintenance on it, or take it out of the description; until then no job is sent",
        ],
        remove: { huygens1: "rm /etc/hucore-stand-in" },
    },
    {
        title: "the clock of the web host is a day ahead",
        put: { web: wrongClock },
        work: anotherSetting,
        says: ["web: restart: the queue manager finishes its round before its restart, 0 s"],
        succeeds: true,
        runsOn: "huygens1 0",
        remove: { web: rightClock },
    },
    {
        title: "the clock of the web host was a day ahead when the queue manager started",
        put: { web: "touch -d tomorrow /var/log/hrm/hrmd.pid /run/hrmd/*" },
        work: anotherSetting,
        says: ["web: restart: hrmd.service: runs with an older configuration, want a restart"],
        succeeds: true,
        runsOn: "huygens1 0",
        remove: {},
    },
    {
        title: "the clock of the web host was a day ahead when its configuration was written",
        put: { web: "touch -d tomorrow /etc/hrm.conf /etc/systemd/system/hrmd.service /var/www/html/hrm/config/hrm_config.inc" },
        steps: ["web-config", "web-queueManager", "registry-restart"],
        says: [],
        succeeds: true,
        runsOn: "huygens1 0",
        remove: {},
    },
    {
        title: "the web host does not know a node's name",
        put: { web: `sed -i.away /huygens1/d /etc/hosts; ${proofIsDue}` },
        steps: ["huygens1-link"],
        says: [
            "web: link-huygens1: the web host does not know the name huygens1",
            "web: link-huygens1: let it resolve there, by DNS or /etc/hosts: HRM's queue manager goes by this name",
        ],
        runsOn: "huygens2 0",
        remove: { web: "cp /etc/hosts.away /etc/hosts; rm /etc/hosts.away" },
    },
    {
        title: "the account's home is on a file system that is mounted read-only",
        put: {
            web: "mount --bind /home/hrm /home/hrm; mount -o remount,ro,bind /home/hrm",
            huygens1: "mount --bind /home/hrm /home/hrm; mount -o remount,ro,bind /home/hrm",
        },
        steps: ["web-account", "huygens1-account"],
        says: [
            "huygens1: account: /home/hrm, the home of hrm, is mounted read-only",
            "web: account: mount it writable: ssh keys are kept there, and what hucore remembers of GPUs",
        ],
        remove: { web: "umount /home/hrm", huygens1: "umount /home/hrm" },
    },
    {
        title: "a node's disk with images is mounted read-only, as Linux does after an error",
        put: { huygens1: "mount -o remount,ro /data/hrm_data" },
        steps: ["huygens1-folders"],
        says: [
            "huygens1: folders: /data/hrm_data is mounted read-only",
            "huygens1: folders: look at why ('dmesg', a full or damaged disk), and mount it writable",
        ],
        runsOn: "huygens2 0",
        remove: { huygens1: "mount -o remount,rw /data/hrm_data" },
    },
    {
        title: "a row is 'busy' though it has no job",
        put: { web: sql("UPDATE server SET status = 'busy', job = '4711' WHERE name = 'huygens1 0'") },
        steps: ["registry-rows"],
        says: ["web: server row huygens1 0: busy without a job, want free"],
        succeeds: true,
        runsOn: "huygens1 0",
        remove: {},
    },
];
