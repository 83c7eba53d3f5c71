# shellcheck shell=sh
# For the steps on the web host that work with the installed HRM: its database, its ssh files, its queue manager.
# user: HRM's account. hrm_path: HRM's tree.
: "${user:?}" "${hrm_path:?}" "${state:?}"

# db: SQL on standard input; rows on standard output, columns apart by tabs. As HRM's account, with what HRM's configuration says, so that
# what works here works for HRM. An error rolls the transaction back, since the connection ends with it.
# shellcheck disable=SC2016,SC2154
db() {
    php_says "$php_connect$php_sql_error"'
        $missing = is_readable($argv[1]) ? (extension_loaded("mysqli") ? "" : "PHP has no mysqli for it") : "$argv[1] cannot be read";
        if ($missing) {
            fwrite($err, "database: $missing\n");
            exit(1);
        }
        include $argv[1];
        try {
            $db = $connect($db_host, $db_user, $db_password, $db_name, $database_ca ?? null);
            $db->set_charset("utf8");
            $db->multi_query(stream_get_contents(STDIN));
            do {
                $result = $db->store_result();
                if ($result) foreach ($result as $row) fwrite($out, implode("\t", array_map(fn($v) => $v ?? "NULL", $row)) . "\n");
            } while ($db->more_results() && $db->next_result());
        } catch (mysqli_sql_exception $e) {
            fwrite($err, "database: " . $sql_error($e) . "\n");
            exit(1);
        }' "$hrm_path/config/hrm_config.inc" "$sql_words"
}

# The nodes that the step `departures` leaves in the registry, one a line.
served=$state/serving
# How many seconds their jobs may take to end.
# shellcheck disable=SC2034 # for the steps
drain_time=$state/drain-seconds

# serves NODE: whether it is none that `departures` takes out, as far as that has run.
serves() {
    [ ! -e "$served" ] || grep -qixF -e "$1" "$served"
}

# What the library knows about the nodes is in a folder of its own, which the account's ssh configuration includes.
ssh_folder=$(home_of "$user")/.ssh/hrm-cluster.d

# revoke NODE PUBLIC-KEYS: takes the lines with these keys, one a line, out of the account's authorized_keys on the node. Needs a key that works there.
# Leaves `answer`, with the reason where it fails.
revoke() {
    patterns=$(printf '%s\n' "$2" | sed '/^$/d' | cut -d ' ' -f 2 | sed "s/.*/-e ' &'/" | tr '\n' ' ')
    answer=$(as "$user" ssh -o ConnectTimeout=5 -o BatchMode=yes "$user@$1" "umask 077; cd ~/.ssh && for file in authorized_keys authorized_keys2; do
        [ ! -e \$file ] || { { grep -vF $patterns \$file || test \$? = 1; } >authorized_keys.hrm-new && mv -f authorized_keys.hrm-new \$file; }; done" 2>&1 </dev/null)
}

# refuses NODE [KEY-FILE]: whether the node turns away who comes with this key alone, or with those that the account's ssh configuration offers. sshd may read
# keys elsewhere than in ~/.ssh, so that a key that was taken out there still opens. Leaves `answer`, with the reason where it does not.
refuses() {
    node=$1
    if [ $# = 2 ]; then
        file=$ssh_folder/$(lower "$node")
        set -- -F none -i "$2" -o IdentitiesOnly=yes -p "$(as "$user" sed -n 's/^ *Port //p' "$file.conf")" -o StrictHostKeyChecking=yes -o "UserKnownHostsFile=$file.known_hosts"
    else
        set --
    fi
    if answer=$(as "$user" ssh "$@" -o ConnectTimeout=5 -o BatchMode=yes -o PreferredAuthentications=publickey "$user@$node" true 2>&1 </dev/null); then
        answer="the node still accepts it: its sshd reads keys elsewhere (AuthorizedKeysFile, AuthorizedKeysCommand)"
        return 1
    fi
    case $answer in
    *"ermission denied ("*) ;;
    *)
        answer="it is taken out, but whether the node refuses it could not be seen: $(said "$answer")"
        return 1
        ;;
    esac
}

# The names of the nodes' files there.
with_access() {
    as "$user" find "$ssh_folder" -name '*.conf' ! -name '*[!a-zA-Z0-9._-]*' -exec basename {} .conf \; 2>/dev/null || :
}

public_key_of() {
    as "$user" ssh-keygen -y -P '' -f "$1" 2>/dev/null || :
}

# keeps_key NAME HOST-KEYS: whether the node of that name is one of those with these host keys, as one is that got another name.
keeps_key() {
    key=$(as "$user" cut -d ' ' -f 2- "$ssh_folder/$1.known_hosts" 2>/dev/null) || key=none
    printf '%s\n' "$2" | grep -qxF -e "$key"
}

# forget NAME HOST-KEYS PUBLIC-KEYS: takes the queue manager's access to a node away. NAME is that of its files; HOST-KEYS are those of the nodes that stay.
forget() {
    locked "$ssh_folder/$1" forget_it "$@"
}

forget_it() {
    file=$ssh_folder/$1
    as "$user" test -e "$file.conf" || return 0
    if ! keeps_key "$1" "$2"; then
        progress "revoking the key on $1"
        if ! revoke "$1" "$3" || ! refuses "$1"; then
            progress "the key could not be revoked on $1: $(said "$answer")"
            progress "take the line that ends in hrm-cluster out of the keys of $user that sshd reads on that host ('sshd -T -C user=$user'), or switch it off for good"
        fi
    fi
    as "$user" rm -f "$file.conf" "$file.known_hosts"
}

# A licence server that is far away answers in seconds; one that is gone, never.
hucore_seconds=120

# ssh's options for a login that is there already.
via=

# ask_hucore NODE HUCORE: the call of HRM's HuygensTools::huCoreTools, which decides whether the queue manager starts. Leaves `answer`.
ask_hucore() {
    tcl=$hrm_path/scripts/hucore.tcl
    call="$2 -noExecLog -checkUpdates disable -task \"$tcl\" -huCoreTcl \"$tcl\" \
-tool reportVersionNumberAsInteger 2>&1 "
    # HRM calls it without ssh where the row is of this very host.
    if [ "$1" = localhost ]; then
        answer=$(as "$user" timeout "$hucore_seconds" sh -c "$call" 2>&1 </dev/null) || answer="$answer (exit code $?)"
    else
        # With -f, ssh goes into the background: what ends is the reading of its answer.
        answer=$(as "$user" ssh -f "$user@$1" "$call" 2>&1 </dev/null | timeout "$hucore_seconds" cat) || answer="$answer (no end in $hucore_seconds s)"
    fi
    [ -n "$answer" ] || answer="nothing before its end, or that of the connection"
    case $answer in
    *"BEGIN PROC"*version*VALUE*) ;;
    *) return 1 ;;
    esac
}

# note_version NODE: which version of hucore the node has answered with, for the queue manager, which asks its first row when it starts, and goes by that.
note_version() {
    keep_note "$state/hucore-of-$(lower "$1")" "$(printf '%s\n' "$answer" | sed -n '/^version$/ { n; n; p; q; }')"
}

# names_gpus NODE HUCORE GPUS: whether hucore itself names the GPUs of these numbers, one a line; -1 is none. Leaves `answer`, and in `unnamed` one that it does not.
# shellcheck disable=SC2086
names_gpus() {
    [ "$3" != -1 ] || return 0
    call="echo 'huOpt gpu -query names' | '$2' 2>&1"
    if [ "$1" = localhost ]; then
        answer=$(as "$user" timeout "$hucore_seconds" sh -c "$call" 2>&1 </dev/null) || :
    else
        answer=$(as "$user" timeout "$hucore_seconds" ssh $via "$user@$1" "$call" 2>&1 </dev/null) || :
    fi
    for unnamed in $3; do
        printf '%s\n' "$answer" | grep -qE "(^|[^0-9A-Za-z.])$unnamed([^0-9A-Za-z.]|\$)" || return 1
    done
}

# put_row NAME HUCORE GPU: SQL. A row that stands keeps what the queue manager wrote into it. A new row whose name has a job running is busy with
# that job, or the queue manager would give it a second one.
put_row() {
    cat <<SQL
INSERT INTO server (name, huscript_path, status, job, gpuId)
    SELECT $(sql "$1"), $(sql "$2"), IF(MAX(id) IS NULL, 'free', 'busy'), MAX(process_info), $3
    FROM job_queue WHERE server = $(sql "$1") AND status = 'started'
    ON DUPLICATE KEY UPDATE name = VALUES(name), huscript_path = VALUES(huscript_path), gpuId = VALUES(gpuId);
SQL
}

# The clock may be set meanwhile.
uptime_seconds() {
    cut -d . -f 1 /proc/uptime
}

# begin_wait SECONDS: a wait begins that speaks for the first time after so many seconds.
begin_wait() {
    begun=$(uptime_seconds) told=$(($1 - 5))
}

# Seconds since it began.
waited() {
    echo $(($(uptime_seconds) - begun))
}

# tell_wait SECONDS TEXT: progress of a wait that has taken so long, at most each 5 s.
tell_wait() {
    [ $(($1 - told)) -lt 5 ] || {
        progress "$2, $1 s"
        told=$1
    }
}

# code_of_tree FOLDER: which code the queue manager runs, as its start notes it (queue-manager-start.php).
code_of_tree() {
    find "$1/inc" "$1/run" "$1/bin" -type f -printf '%P %s %T@\n' 2>/dev/null | sort | sha256sum
}

queue_manager_runs() {
    systemctl is-active --quiet hrmd.service
}

# To be asked on a line of its own, where `set -e` sees that the database does not answer.
hucore_version() {
    echo "SELECT value FROM global_variables WHERE name = 'huversion'" | db
}

# start_has_succeeded VERSION: the start marks the version of hucore with a 0 in front, and the queue manager writes it anew when the first row has answered.
start_has_succeeded() {
    case $1 in '' | 0*) return 1 ;; esac
    queue_manager_runs
}

# The queue manager, and what it calls, a line for each process: number, arguments. Itself first, the latest last; nothing where it does not run. It is the service's,
# whose account may be another one than the described, or of whatever else starts it as this account. Not the ssh clients of jobs, which live on without it.
queue_manager_family() {
    ps -eo pid=,ppid=,user:32=,cgroup:200=,args= --sort start_time | awk -v user="$user" '
        { parent[$1] = $2; number[NR] = $1; line = $0; for (i = 0; i < 4; i++) sub(/^ *[^ ]+ +/, "", line); arguments[$1] = line }
        !main && /run\/runHuygensRemoteManager[.]php/ && ($3 == user || $4 ~ /\/hrmd[.]service/) { main = $1 }
        END {
            if (!main) exit
            print main, arguments[main]
            for (i = 1; i <= NR; i++) {
                for (up = parent[number[i]]; up in parent && up != main;) up = parent[up]
                if (up == main) print number[i], arguments[number[i]]
            }
        }'
}

start_queue_manager() {
    queue_manager_runs || systemctl start hrmd.service ||
        fail "the queue manager does not start: $(said "$(journalctl -qu hrmd.service -n 3 -o cat)")" "look at 'journalctl -u hrmd' on this host"
}
