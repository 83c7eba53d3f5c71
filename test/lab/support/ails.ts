/** Something that keeps HRM from running a job, which no file of the library's tells. */
export interface Ail {
    title: string;
    host: string;
    /** As root. */
    put: string;
    remove?: string;
    /** The step that sees it, and values in the place of the described ones. */
    step: string;
    values?: Record<string, string>;
    /** Of its check. */
    differs?: (string | RegExp)[];
    /** Where the check cannot be had: why. */
    unreachable?: RegExp;
    /** What the step says when it cannot mend it; without it, it does. */
    refuses?: (string | RegExp)[];
}

const sshd = (edit: string) => `cp /etc/ssh/sshd_config /root/sshd_config; ${edit}; systemctl reload ssh; sleep 0.3`;
const asItWas = "mv /root/sshd_config /etc/ssh/sshd_config; systemctl reload ssh; sleep 0.3";
/** At the top, since Debian's own ends where nobody types. */
const login = (line: string) => `touch ~hrm/.bashrc; cp -p ~hrm/.bashrc /root/bashrc; { echo '${line}'; cat /root/bashrc; } >~hrm/.bashrc`;
const loginAsItWas = "cp -p /root/bashrc ~hrm/.bashrc";
const link = (ail: Omit<Ail, "step" | "host"> & { host?: string }): Ail => ({ host: "huygens1", step: "huygens1-link", ...ail });
const sql = (statements: string) => `mariadb -e "${statements}"`;

/** The queue manager asks huygens1, and has no answer. */
export const neverAnswers = {
    ...{ host: "huygens1", step: "registry-restart" },
    put: `mv /usr/bin/free /usr/bin/free.real; printf '#!/bin/sh\\nexec sleep %s\\n' 600 >/usr/bin/free; chmod 0755 /usr/bin/free
        timeout 60 sh -c 'until pgrep -f "[s]leep 600"; do sleep 0.2; done'`,
    remove: "mv /usr/bin/free.real /usr/bin/free; pkill -f '[s]leep 600'",
};

export const ails: Ail[] = [
    {
        title: "sshd without sftp",
        host: "huygens1",
        put: sshd("sed -i '/^Subsystem/d' /etc/ssh/sshd_config"),
        remove: asItWas,
        step: "huygens1-access",
        differs: ["sftp: sshd has no such subsystem, want it, since HRM copies images by it"],
        refuses: ["sshd has no subsystem sftp", "Subsystem sftp internal-sftp"],
    },
    {
        title: "sshd whose sftp is gone",
        host: "huygens1",
        put: sshd("sed -i 's|^Subsystem.*|Subsystem sftp /usr/lib/gone|' /etc/ssh/sshd_config"),
        remove: asItWas,
        step: "huygens1-access",
        differs: [/^sftp: /],
        refuses: ["sshd has no subsystem sftp"],
    },
    {
        title: "no room for a job's images",
        host: "huygens1",
        put: "",
        step: "huygens1-link",
        values: { min_free_gb: "900000" },
        differs: [/^huygens1: \/data\/hrm_data: \d+ MB free, want 900000 GB$/],
        refuses: ["make room there, or describe less with storage.minFreeGb"],
    },
    link({
        title: "an image folder that is read-only",
        put: "mount --bind /data/hrm_data /data/hrm_data; mount -o remount,bind,ro /data/hrm_data",
        remove: "umount /data/hrm_data",
        differs: ["huygens1: /data/hrm_data: hrm cannot write there"],
        refuses: ["huygens1: /data/hrm_data: hrm cannot write there", "check its owner, mode, mount and free space"],
    }),
    link({
        title: "a user's folder that is somebody else's; others do not matter",
        put: "mkdir -m 755 /data/hrm_data/admin /data/hrm_data/of-nobody",
        remove: "rmdir /data/hrm_data/admin /data/hrm_data/of-nobody",
        differs: ["huygens1: /data/hrm_data/admin: hrm cannot write there, where HRM puts the images of its user admin"],
        refuses: ["give it back to hrm: what is in it stays as it is"],
    }),
    link({
        title: "a login that is slower than HRM waits",
        put: login("sleep 1.5"),
        remove: loginAsItWas,
        values: { login_seconds: "1" },
        differs: [/^huygens1: a login takes [1-9]\d*\.\d\d s, and HRM's queue manager waits for 1$/],
        refuses: [/a login takes [1-9]\d*\.\d\d s/, "look at what a login does on huygens1"],
    }),
    link({
        title: "a login that greets",
        put: login("echo Welcome"),
        remove: loginAsItWas,
        differs: ["huygens1: the login shell of hrm prints a greeting, which HRM takes for an answer: Welcome"],
        refuses: ["prints a greeting", "print nothing when they are not on a terminal"],
    }),
    link({
        title: "a login that finds no programs",
        put: login("PATH=/usr/games"),
        remove: loginAsItWas,
        differs: [/^huygens1: a login of hrm does not find: sha256sum stat find df awk ps ls free$/, /have not been proven/],
        refuses: ["look at the PATH that the shell's start files set on huygens1"],
    }),
    link({
        title: "an sshd that refuses the account",
        put: sshd("echo 'AllowUsers admin root' >>/etc/ssh/sshd_config"),
        remove: asItWas,
        unreachable: /Permission denied/,
        refuses: [/ssh to huygens1 fails: .*Permission denied/],
    }),
    link({
        title: "an account that has expired",
        put: "chage -E 1 hrm",
        remove: "chage -E -1 hrm",
        unreachable: /expired|Connection closed/,
        refuses: [/ssh to huygens1 fails: .*(expired|Connection closed)/],
    }),
    link({
        title: "a host that lets nobody in",
        put: "echo closed for work >/etc/nologin",
        remove: "rm /etc/nologin",
        unreachable: /closed for work/,
        refuses: [/ssh to huygens1 fails: .*closed for work/],
    }),
    link({
        title: "a name that does not resolve on the web host",
        host: "web",
        put: "cp /etc/hosts /root/hosts; grep -v huygens1 /root/hosts >/etc/hosts",
        remove: "cp /root/hosts /etc/hosts",
        differs: ["the name huygens1: does not resolve on the web host, want it to"],
        refuses: ["the web host does not know the name huygens1"],
    }),
    link({
        title: "a GPU that is gone after an update of the driver",
        put: "mount -t tmpfs none /sys/module; mkdir /sys/module/nvidia; echo 550.1 >/sys/module/nvidia/version; echo 'gpus=\"1 2\"' >/etc/hucore-stand-in",
        remove: "umount /sys/module; rm /etc/hucore-stand-in",
        differs: [/have not been proven since the last change/],
        refuses: ["/usr/local/bin/hucore on huygens1 does not name GPU 0: 1 2", "describe with gpus those that it names"],
    }),
    {
        title: "keys in a folder of somebody else's",
        host: "huygens1",
        put: "echo 'ssh-ed25519 AAAA somebody' >>~hrm/.ssh/authorized_keys; chown -R root:root ~hrm/.ssh; chmod 700 ~hrm/.ssh; chmod 600 ~hrm/.ssh/authorized_keys",
        step: "huygens1-access",
        differs: ["/home/hrm/.ssh: owner root, want hrm", /without the cluster's key/],
    },
    {
        title: "an account whose number another one has",
        host: "huygens1",
        put: "useradd -o -u $(id -u hrm) twin",
        remove: "userdel twin",
        step: "huygens1-account",
        differs: [/^number of hrm: \d+, which twin has too, want one of its own$/],
        refuses: [/user hrm cannot be HRM's: twin has its number \d+, too/, "usermod -u NUMBER twin"],
    },
    {
        title: "a database user with rights elsewhere",
        host: "web",
        put: sql("CREATE DATABASE elsewhere; GRANT SELECT ON elsewhere.* TO hrm@localhost"),
        remove: sql("REVOKE SELECT ON elsewhere.* FROM hrm@localhost; DROP DATABASE elsewhere"),
        step: "web-database",
        differs: ["database user hrm: has rights on elsewhere.*, want none there"],
        refuses: ["the database user hrm has rights on the database elsewhere", "revoke them"],
    },
    {
        title: "a drop-in that has the unit kill jobs",
        host: "web",
        put: "mkdir /etc/systemd/system/hrmd.service.d; printf '[Service]\\nEnvironment=A=b\\nExecStop=\\n KillMode = x\\nKillMode=control-group\\nExecStartPre=/bin/true\\n' >/etc/systemd/system/hrmd.service.d/override.conf; systemctl daemon-reload",
        remove: "rm -r /etc/systemd/system/hrmd.service.d; systemctl daemon-reload",
        step: "web-queueManager",
        differs: [
            "hrmd.service: ExecStop in /etc/systemd/system/hrmd.service.d/override.conf is not the unit's, want it gone",
            "hrmd.service: KillMode in /etc/systemd/system/hrmd.service.d/override.conf is not the unit's, want it gone",
        ],
        refuses: ["hrmd.service does not do what the unit says: ExecStop in", "systemctl edit hrmd"],
    },
    {
        title: "an HRM that its account cannot read",
        host: "web",
        put: "chmod o-rx /var/www",
        remove: "chmod o+rx /var/www",
        step: "web-application",
        differs: [/^\/var\/www\/html\/hrm\/scripts\/hucore.tcl: hrm cannot read it, want that$/, /./, /./, /./, /./],
        refuses: ["hrm cannot read /var/www/html/hrm/bin/hrm_queuemanager", "namei -l"],
    },
    {
        title: "a queue manager that a signal has stopped",
        host: "web",
        put: "kill -STOP $(pgrep -f [r]un/runHuygensRemoteManager.php)",
        step: "registry-restart",
        differs: ["queue manager: stopped by a signal, want it to run"],
    },
    {
        title: "a queue manager that runs the code of yesterday",
        host: "web",
        put: "touch /var/www/html/hrm/inc/Job.php",
        step: "registry-restart",
        differs: ["hrmd.service: runs with an older HRM than the one at /var/www/html/hrm, want a restart"],
    },
    {
        title: "a queue manager that is down, whatever becomes of other nodes",
        host: "web",
        put: "systemctl stop hrmd",
        step: "registry-restart",
        differs: ["hrmd.service: not running, want it"],
    },
    {
        title: "a queue manager that hangs",
        host: "web",
        // Its next query waits for the one that has locked the table.
        put: `setsid mariadb hrm -e 'LOCK TABLES job_queue WRITE; SELECT SLEEP(600)' >/dev/null 2>&1 </dev/null & sleep 2`,
        remove: "pkill -f [L]OCK.TABLES; sleep 1",
        step: "registry-restart",
        values: { hang_seconds: "2" },
        differs: [/^queue manager: has not moved for 2 s, want it to work; it waits for: .*runHuygensRemoteManager.php/],
        refuses: ["the queue manager has not moved for 6 s; it waits for: ", "systemctl restart hrmd"],
    },
    {
        title: "a queue manager whose call to a node never ends",
        ...neverAnswers,
        values: { hang_seconds: "2", call_seconds: "0" },
        differs: [/^queue manager: has not moved for 2 s, want it to work; it waits for: ssh hrm@huygens1 free /],
        refuses: ["the queue manager has not moved for 6 s; it waits for: ssh hrm@huygens1 free ", "systemctl restart hrmd"],
    },
];
