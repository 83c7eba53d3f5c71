# shellcheck shell=sh
# Every node has proven the current key, so an earlier one is gone from both sides; the queue manager has started and HRM lets people in.
# user: HRM's account. hrm_path: HRM's tree. key_version: the current one. nodes: names, one a line. log_folder, log_file: HRM's logdir and logfile.
: "${user:?}" "${hrm_path:?}" "${key_version:?}" "${nodes?}" "${log_folder:?}" "${log_file:?}"

old_keys() {
    as "$user" find "$(ssh_folder)" -name 'key-*' ! -name "key-$key_version" 2>/dev/null || :
}

huversion() {
    echo "SELECT value FROM global_variables WHERE name = 'huversion'" | db
}

# hrm_tmp is the output of the last ping of a node: the queue manager writes it in its loop only, so after its start has succeeded.
in_its_loop() {
    version=$(huversion)
    queue_manager_runs && [ -n "$version" ] && [ -n "$(find "$log_folder/hrm_tmp" -newer "$log_folder/hrmd.pid" 2>/dev/null)" ]
}

check() {
    for file in $(old_keys); do
        differs "$file: an earlier key, want none"
    done
    in_its_loop || differs "queue manager: has not finished its start, want it to dispatch"
}

retire() {
    blob=$(as "$user" ssh-keygen -y -f "$1" | cut -d ' ' -f 2)
    for node in $nodes; do
        progress "retiring $(basename "$1") on $node"
        answer=$(revoke "$node" "$blob") || fail "the earlier key cannot be taken off $node: $(said "$answer")" "run this again when $node answers"
    done
    printf 'IdentityFile %s\n' "$(ssh_folder)/key-$key_version" | write_file "$(ssh_folder)/keys" "$user" "$(id -gn "$user")" 600
    as "$user" rm -f "$1"
}

# Nothing tells when the start has succeeded, so this looks once a second.
wait_for_loop() {
    for second in $(seq 1 120); do
        ! in_its_loop || return 0
        [ $((second % 5)) != 0 ] || progress "waiting for the queue manager to ask hucore on the first row, $second s"
        sleep 1
    done
    fail "the queue manager does not get through its start: $(said "$(grep -i 'shut down' "$log_folder/$log_file" | tail -n 1)")" \
        "HRM asks the first row of the registry: $(said "$(echo 'SELECT name FROM server ORDER BY name LIMIT 1' | db)"); look at $log_folder on this host"
}

ensure() {
    for file in $(old_keys); do
        retire "$file"
    done
    [ -z "$nodes" ] || wait_for_loop
}
