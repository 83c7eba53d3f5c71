# shellcheck shell=sh
# The queue manager is a service of the host, enabled. Its start gives rows with a running job their 'busy' back, its stop lets it finish its round.
# It is the first row of the registry that starts it, since with an empty one it would exit at once.
# user, group: HRM's account. hrm_path: HRM's tree. unit: text of the systemd unit. start_script: text of what the unit runs around the start.
# log_folder, log_file: HRM's variables logdir and logfile.
: "${user:?}" "${group:?}" "${unit:?}" "${start_script:?}" "${log_folder:?}" "${log_file:?}"

unit_file=/etc/systemd/system/hrmd.service
start_file=/usr/local/lib/pulumi-hrm/queue-manager-start.php

check() {
    file_differs "$unit_file" root root 644 "$unit"
    file_differs "$start_file" root root 644 "$start_script"
    systemctl is-enabled --quiet hrmd.service 2>/dev/null || differs "hrmd.service: not enabled, want it"
    found=$(stat -c '%U %G %a' "$log_folder/$log_file" 2>/dev/null || echo 'not there')
    [ "$found" = "$user $group 664" ] || differs "$log_folder/$log_file: $found, want $user $group 664"
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
}

undo() {
    systemctl disable --quiet --now hrmd.service
    # HRM's wrapper ends with 1 when the queue manager has finished its round.
    systemctl reset-failed hrmd.service 2>/dev/null || :
}
