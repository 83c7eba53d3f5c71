# shellcheck shell=sh
# The queue manager is a service of the host, enabled, and runs as soon as the registry has a row: with an empty one it would exit at once.
# user, group: HRM's account. hrm_path: HRM's tree. unit: text of the systemd unit. log_folder, log_file: HRM's variables logdir and logfile.
: "${user:?}" "${group:?}" "${hrm_path:?}" "${unit:?}" "${log_folder:?}" "${log_file:?}"

unit_file=/etc/systemd/system/hrmd.service

rows() {
    echo "SELECT COUNT(*) FROM server" | db
}

# It reads its configuration when it starts, and writes its PID file then.
older_than_its_files() {
    [ -n "$(find "$unit_file" /etc/hrm.conf "$hrm_path/config/hrm_config.inc" -newer "$log_folder/hrmd.pid" 2>/dev/null)" ]
}

jobs() {
    echo "SELECT COUNT(*) FROM job_queue WHERE status IN ('started', 'kill')" | db
}

check() {
    file_differs "$unit_file" root root 644 "$unit"
    systemctl is-enabled --quiet hrmd.service 2>/dev/null || differs "hrmd.service: not enabled, want it"
    found=$(stat -c '%U %G %a' "$log_folder/$log_file" 2>/dev/null || echo 'not there')
    [ "$found" = "$user $group 664" ] || differs "$log_folder/$log_file: $found, want $user $group 664"
    rows=$(rows)
    [ "$rows" != 0 ] || return 0
    if ! queue_manager_runs; then
        differs "hrmd.service: not running, want it"
    elif older_than_its_files; then
        differs "hrmd.service: runs with an older configuration, wants a restart"
    fi
}

ensure() {
    # Written first by Apache, the log would get a mode that keeps the queue manager out.
    [ -e "$log_folder/$log_file" ] || as "$user" touch "$log_folder/$log_file"
    chown "$user:$group" "$log_folder/$log_file"
    chmod 0664 "$log_folder/$log_file"
    printf '%s' "$unit" | write_file "$unit_file" root root 644
    systemctl daemon-reload
    systemctl enable --quiet hrmd.service
    rows=$(rows)
    [ "$rows" != 0 ] || return 0
    if queue_manager_runs && older_than_its_files; then
        # Its start sets every row to 'free': a row whose job still runs would get a second one.
        [ "$(jobs)" = 0 ] || fail "the queue manager has to be restarted for its new configuration, but $(jobs) jobs are running" \
            "run 'pulumi up' again when they have ended"
        systemctl restart hrmd.service
    fi
    start_queue_manager
}

undo() {
    systemctl disable --quiet --now hrmd.service
}
