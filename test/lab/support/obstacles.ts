/** Something on a host that makes a step fail, and how it is taken away. */
export interface Obstacle {
    /** As the command line of the step says it. */
    fails: string;
    host: "web" | "huygens1";
    put: string;
    remove: string;
}

/** A program in front of the real one that fails and says all that it was given. */
function talkative(program: string, { calls = "", step = "" } = {}): Pick<Obstacle, "put" | "remove"> {
    const file = `/usr/local/sbin/${program}`;
    // A step's script has its lock open as 9.
    return {
        put: `cat >${file} <<'END'
#!/bin/sh
case "$(readlink /proc/$PPID/fd/9) $*" in
*'${step && `/${step}.lock`} '*'${calls}'*) echo "$*: no. You said:"; cat; echo "$*: no" >&2; env >&2; exit 1 ;;
*) PATH=/usr/sbin:/usr/bin:/sbin:/bin; exec ${program} "$@" ;;
esac
END
chmod 0755 ${file}`,
        remove: `rm ${file}`,
    };
}

function inTheWay(path: string): Pick<Obstacle, "put" | "remove"> {
    return {
        put: `[ ! -e ${path} ] || mv ${path} ${path}.away; mkdir -p ${path}`,
        remove: `rm -r ${path}; [ ! -e ${path}.away ] || mv ${path}.away ${path}`,
    };
}

function away(path: string): Pick<Obstacle, "put" | "remove"> {
    return { put: `mv ${path} ${path}.away`, remove: `mv ${path}.away ${path}` };
}

const dbupdate = "/var/www/html/hrm/setup/dbupdate.php";
const phpSettings = "/etc/php/8.2/cli/conf.d/99-test.ini";

/** Rounds: what stands in one fails in the same run. A part of a host ends at its first failure, so that each has one at most in a round. */
export const rounds: Obstacle[][] = [
    [{ fails: "account on web", host: "web", ...talkative("groupadd") }],
    // What a new home begins with.
    [{ fails: "identity on web", host: "web", put: "touch /etc/skel/.ssh", remove: "rm /etc/skel/.ssh /home/hrm/.ssh" }],
    [
        { fails: "folders on web", host: "web", put: "mkdir -p /data && touch /data/hrm_data", remove: "rm /data/hrm_data" },
        { fails: "account on huygens1", host: "huygens1", ...talkative("useradd") },
    ],
    [
        { fails: "application on web", host: "web", ...away("/var/www/html/hrm/scripts/hucore.tcl") },
        { fails: "folders on huygens1", host: "huygens1", put: "mkdir -p /data && touch /data/hrm_data", remove: "rm /data/hrm_data" },
    ],
    [
        {
            fails: "database on web",
            host: "web",
            put: "systemctl stop mariadb && systemctl mask --runtime mariadb",
            remove: "systemctl unmask --runtime mariadb && systemctl start mariadb",
        },
        { fails: "hucore on huygens1", host: "huygens1", ...away("/usr/local/bin/hucore") },
    ],
    [
        {
            // MariaDB's client shows the statement that fails.
            fails: "database on web",
            host: "web",
            put: `mariadb -e "INSTALL SONAME 'simple_password_check'; SET GLOBAL simple_password_check_minimal_length = 99"`,
            remove: `mariadb -e "UNINSTALL SONAME 'simple_password_check'"`,
        },
        { fails: "access on huygens1", host: "huygens1", put: "touch /home/hrm/.ssh", remove: "rm /home/hrm/.ssh" },
    ],
    [{ fails: "database on web", host: "web", ...talkative("mariadb") }],
    [{ fails: "config on web", host: "web", ...inTheWay("/var/www/html/hrm/config/hrm_config.inc") }],
    [{ fails: "config on web", host: "web", ...talkative("php", { calls: "checkConfig.php" }) }],
    [
        {
            fails: "schema on web",
            host: "web",
            // An error that nobody catches: PHP shows the arguments of the functions on the way to it.
            put: `printf '%s\\n' zend.exception_ignore_args=0 zend.exception_string_param_max_len=15 >${phpSettings}
mv ${dbupdate} ${dbupdate}.away
echo '<?php function f($password) { throw new Exception; }' >/srv/f
echo '<?php include __DIR__ . "/../config/hrm_config.inc"; include "/srv/f"; f($db_password);' >${dbupdate}`,
            remove: `mv ${dbupdate}.away ${dbupdate}; rm ${phpSettings} /srv/f`,
        },
    ],
    [{ fails: "queueManager on web", host: "web", ...inTheWay("/etc/systemd/system/hrmd.service") }],
    // The registry goes on without the node, and says so.
    [
        { fails: "link on web", host: "web", ...talkative("sftp") },
        { fails: "rows on web", host: "web", put: ":", remove: ":" },
    ],
    [
        {
            fails: "departures on web",
            host: "web",
            put: "runuser -u hrm mkdir /home/hrm/.ssh/hrm-cluster.d/ghost.conf",
            remove: "rmdir /home/hrm/.ssh/hrm-cluster.d/ghost.conf",
        },
    ],
    [{ fails: "rows on web", host: "web", ...talkative("awk", { step: "rows" }) }],
    [
        { fails: "keys on web", host: "web", ...talkative("systemctl", { step: "keys" }) },
        // It counts the seconds for which keys waits.
        { fails: "keys on web", host: "web", ...talkative("cut", { step: "keys" }) },
    ],
];
