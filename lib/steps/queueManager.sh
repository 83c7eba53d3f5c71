# shellcheck shell=sh
# The queue manager is a service of the host, enabled. Its start gives rows with a running job their 'busy' back, its stop lets it finish its round.
# It is the first row of the registry that starts it, since with an empty one it would exit at once.
# user, group: HRM's account. hrm_path: HRM's tree. unit: text of the systemd unit. start_script: text of what the unit runs around the start.
# log_folder, log_file: HRM's variables logdir and logfile. rotation: text for logrotate, since HRM's logs grow without an end.
: "${user:?}" "${group:?}" "${unit:?}" "${start_script:?}" "${log_folder:?}" "${log_file:?}" "${rotation:?}"

unit_file=/etc/systemd/system/hrmd.service
start_file=/usr/local/lib/pulumi-hrm/queue-manager-start.php
rotation_file=/etc/logrotate.d/pulumi-hrm

# By a file of the site's own. logrotate refuses a log that two of its files name.
is_rotated_by_others() {
    grep -lsF -e "$log_folder/" /etc/logrotate.conf /etc/logrotate.d/* | grep -qvxF "$rotation_file"
}

# drop_ins: what `systemctl edit` and packages have added to the unit, where that changes what the unit says: a line for each setting, with its file. With another
# KillMode the next restart ends running jobs. Settings that may be there several times are added to ours, unless an empty one takes ours away.
drop_ins() {
    for dropped in $(systemctl show hrmd.service --property DropInPaths --value 2>/dev/null); do
        { printf '%s\n' "$unit"; echo '[End of the unit]'; cat "$dropped"; } | awk -v file="$dropped" -F = '
            /^\[End of the unit\]$/ { ours = 1; next }
            !/^[A-Za-z]+ *=/ { next }
            { name = $1; sub(/ +$/, "", name); value = substr($0, index($0, "=") + 1); gsub(/^ +| +$/, "", value) }
            !ours { said[name] = 1; next }
            name in said && (value == "" || name !~ /^(Wants|After|RequiresMountsFor|ExecStartPre|ExecStartPost|ExecStop|RuntimeDirectory)$/) { print name " in " file }'
    done
}

# What starts a queue manager at boot beside this unit, a line for each: two of them send each job twice. A SysV script of the unit's own name does not: systemd
# takes the unit in its place.
others_at_boot() {
    grep -lsE 'hrm_queuemanager|runHuygensRemoteManager' /etc/init.d/* /etc/systemd/system/*.service /usr/lib/systemd/system/*.service | while IFS= read -r file; do
        other=$(basename "$file" .service)
        [ "$other" = hrmd ] || ! systemctl is-enabled --quiet "$other.service" 2>/dev/null || echo "$other.service"
    done
}

check() {
    others_at_boot | while IFS= read -r other; do
        differs "$other: starts a queue manager at boot, too, and two send each job twice; want it disabled" "disables $other, which starts a queue manager at boot, too ('systemctl enable $other' is the way back)"
    done
    file_differs "$unit_file" root root 644 "$unit"
    file_differs "$start_file" root root 644 "$start_script"
    is_rotated_by_others || file_differs "$rotation_file" root root 644 "$rotation"
    drop_ins | while IFS= read -r setting; do differs "hrmd.service: $setting is not the unit's, want it gone"; done
    systemctl is-enabled --quiet hrmd.service 2>/dev/null || differs "hrmd.service: not enabled, want it" "enables hrmd.service"
    found=$(stat -c '%U %G %a' "$log_folder/$log_file" 2>/dev/null || echo 'not there')
    case $found in
    "$user $group 664") ;;
    'not there') differs "$log_folder/$log_file: not there, want it" "makes $log_folder/$log_file" ;;
    *) differs "$log_folder/$log_file: $found, want $user $group 664" ;;
    esac
}

# put FILE TEXT: one that is as described keeps its time, by which a restart is due.
put() {
    [ -z "$(file_differs "$1" root root 644 "$2")" ] || {
        mkdir -p "$(dirname "$1")"
        printf '%s' "$2" | write_file "$1" root root 644
    }
}

ensure() {
    changed=$(drop_ins | head -n 1)
    [ -z "$changed" ] ||
        fail "hrmd.service does not do what the unit says: $changed" "take that setting out of the file ('systemctl edit hrmd'), and run 'systemctl daemon-reload' on this host"
    log=$log_folder/$log_file
    if [ -L "$log" ] || { [ -e "$log" ] && [ ! -f "$log" ]; }; then
        fail "$log is there and is no plain file" "move it away: it is HRM's log; nothing was changed"
    fi
    # Written first by Apache, the log would get a mode that keeps the queue manager out.
    [ -e "$log" ] || as "$user" touch "$log"
    # The web server may write in the folder, and put a link to anything in its place: root follows none.
    chown -h "$user:$group" "$log"
    as "$user" chmod 0664 "$log"
    put "$start_file" "$start_script"
    put "$unit_file" "$unit"
    if is_rotated_by_others; then rm -f "$rotation_file"; else put "$rotation_file" "$rotation"; fi
    others_at_boot | while IFS= read -r other; do systemctl disable --quiet "$other"; done
    systemctl daemon-reload
    systemctl enable --quiet hrmd.service
}

undo() {
    rm -f "$rotation_file"
    systemctl disable --quiet --now hrmd.service
    # HRM's wrapper ends with 1 when the queue manager has finished its round.
    systemctl reset-failed hrmd.service 2>/dev/null || :
}
