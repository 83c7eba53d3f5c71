# shellcheck shell=sh
# The queue manager is a service of the host, enabled, and runs with its present configuration as soon as the registry has a row: with an empty one
# it would exit at once. Its start gives rows with a running job their 'busy' back. It is restarted only after it has finished its round.
# user, group: HRM's account. hrm_path: HRM's tree. unit: text of the systemd unit. start_script: text of what the unit runs around the start.
# log_folder, log_file: HRM's variables logdir and logfile. restart_seconds: how long a round may take.
: "${user:?}" "${group:?}" "${hrm_path:?}" "${unit:?}" "${start_script:?}" "${log_folder:?}" "${log_file:?}" "${restart_seconds:?}"
answer=

unit_file=/etc/systemd/system/hrmd.service
start_file=/usr/local/lib/pulumi-hrm/queue-manager-start.php

rows() {
    echo "SELECT COUNT(*) FROM server" | db
}

# It reads its configuration when it starts, and writes its PID file then.
older_than_its_files() {
    [ -n "$(find "$unit_file" /etc/hrm.conf "$hrm_path/config/hrm_config.inc" -newer "$log_folder/hrmd.pid" 2>/dev/null)" ]
}

switch() {
    echo "SELECT value FROM queuemanager WHERE field = 'switch'" | db
}

# A submission in the web page locks dispatch for a moment; an Apache that dies in it, for good.
is_locked() {
    [ "$(switch)" = lck ] && sleep 2 && [ "$(switch)" = lck ]
}

check() {
    file_differs "$unit_file" root root 644 "$unit"
    file_differs "$start_file" root root 644 "$start_script"
    systemctl is-enabled --quiet hrmd.service 2>/dev/null || differs "hrmd.service: not enabled, want it"
    found=$(stat -c '%U %G %a' "$log_folder/$log_file" 2>/dev/null || echo 'not there')
    [ "$found" = "$user $group 664" ] || differs "$log_folder/$log_file: $found, want $user $group 664"
    rows=$(rows)
    [ "$rows" != 0 ] || return 0
    if ! queue_manager_runs; then
        differs "hrmd.service: not running, want it"
    elif older_than_its_files; then
        differs "hrmd.service: runs with an older configuration, want a restart"
    elif is_locked; then
        differs "queue manager's switch: lck, want on; nothing is dispatched"
    fi
}

# Where the first row does not answer, the queue manager would not start again, and with it the whole cluster would stand still.
first_row_answers() {
    row=$(echo "SELECT SUBSTRING_INDEX(name, ' ', 1), huscript_path FROM server ORDER BY name LIMIT 1" | db)
    first=$(echo "$row" | cut -f 1)
    ask_hucore "$first" "$(echo "$row" | cut -f 2)" ||
        fail "the queue manager has to be restarted, but $first, whose row is the first, does not answer: $(said "$answer")" \
            "it goes on with its old configuration; repair $first, set maintenance on it, or take it out of the description;" \
            "where nobody describes it, take its rows out of HRM's servers by hand"
}

# Told by the switch, it finishes what it is doing and exits. A submission in the web page turns the switch on again, so this insists.
finish_round() {
    for second in $(seq 0 "$restart_seconds"); do
        queue_manager_pid >/dev/null || return 0
        echo "UPDATE queuemanager SET value = 'off' WHERE field = 'switch'" | db
        [ $((second % 5)) != 0 ] || progress "the queue manager finishes its round before its restart, $second s"
        sleep 1
    done
    echo "UPDATE queuemanager SET value = 'on' WHERE field = 'switch'" | db
    fail "the queue manager has not finished its round in $restart_seconds s; it goes on with its old configuration" "run 'pulumi up' again later"
}

ensure() {
    # Written first by Apache, the log would get a mode that keeps the queue manager out.
    [ -e "$log_folder/$log_file" ] || as "$user" touch "$log_folder/$log_file"
    chown "$user:$group" "$log_folder/$log_file"
    chmod 0664 "$log_folder/$log_file"
    mkdir -p "$(dirname "$start_file")"
    [ -z "$(file_differs "$start_file" root root 644 "$start_script")" ] || printf '%s' "$start_script" | write_file "$start_file" root root 644
    [ -z "$(file_differs "$unit_file" root root 644 "$unit")" ] || printf '%s' "$unit" | write_file "$unit_file" root root 644
    systemctl daemon-reload
    systemctl enable --quiet hrmd.service
    rows=$(rows)
    [ "$rows" != 0 ] || return 0
    if queue_manager_runs && older_than_its_files; then
        first_row_answers
        finish_round
        systemctl restart hrmd.service
    fi
    start_queue_manager
    if is_locked; then
        echo "UPDATE queuemanager SET value = 'on' WHERE field = 'switch' AND value = 'lck'" | db
    fi
}

undo() {
    systemctl disable --quiet --now hrmd.service
}
