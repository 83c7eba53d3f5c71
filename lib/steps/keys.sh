# shellcheck shell=sh
# Every node has proven the current key, so earlier ones are gone from both sides; the queue manager has started and sends jobs.
# user: HRM's account. hrm_path: HRM's tree. key_version: the current one. old_public_keys: earlier ones, one a line. nodes: the nodes that serve, one
# a line. retire: `no` while a node is in maintenance, which could not take the new key. log_folder, log_file: HRM's logdir and logfile.
# look_seconds: how it waits (lib/hosts/pace.ts).
# shellcheck disable=SC2154 # of hrm.sh
: "${user:?}" "${hrm_path:?}" "${key_version:?}" "${old_public_keys?}" "${nodes?}" "${retire:?}" "${log_folder:?}" "${log_file:?}" "${state:?}"
: "${look_seconds:?}"

answer=

# On which nodes which keys have been retired. There is none on a web host that took the place of an earlier one.
retired=$state/keys-retired

# A line for each node that may still accept an earlier key: its name. The web host itself is called without a key.
to_retire() {
    for name in $nodes; do
        [ "$(lower "$name")" = localhost ] || is_retired "$name" || echo "$name"
    done
}

is_retired() {
    [ -z "$(old_keys)" ] && grep -qxF "$(retirement "$1")" "$retired" 2>/dev/null
}

retirement() {
    echo "$1 $(printf '%s' "$old_public_keys" | sha256sum)"
}

old_keys() {
    as "$user" find "$ssh_folder" -name 'key-*' ! -name "key-$key_version" 2>/dev/null || :
}

# Those that are here may be of another seed: of a cluster whose state was lost.
earlier_public_keys() {
    printf '%s\n' "$old_public_keys"
    for file in $(old_keys); do
        public_key_of "$file"
    done
}

check() {
    if [ "$retire" = yes ] && [ -n "$old_public_keys" ]; then
        for file in $(old_keys); do
            differs "$file: an earlier key, want none"
        done
        for name in $(to_retire); do
            differs "$name: may still accept a key before version $key_version, want none"
        done
    fi
    [ -n "$nodes" ] || return 0
    version=$(hucore_version)
    start_has_succeeded "$version" || differs "queue manager: has not finished its start, want it to send jobs" "waits for the start of the queue manager"
}

retire_old_keys() {
    keys=$(earlier_public_keys)
    for node in $(to_retire); do
        progress "retiring keys before version $key_version on $node"
        revoke "$node" "$keys" || fail "earlier keys cannot be taken off $node: $(said "$answer")" "run this again when $node answers"
        for file in $(old_keys); do
            refuses "$node" "$file" ||
                fail "$node has not given up $(basename "$file"): $(said "$answer")" \
                    "take its line out of the keys of $user that sshd reads on $node ('sshd -T -C user=$user' there says where), then run this again"
        done
        retirement "$node" >>"$retired"
    done
    printf 'IdentityFile %s\n' "$ssh_folder/key-$key_version" | write_file "$ssh_folder/keys" "$user" "$(id -gn "$user")" 600
    for file in $(old_keys); do
        as "$user" rm -f "$file"
    done
}

# Nothing tells when the start has succeeded, so this looks again and again. A licence server that is far away may take two minutes of it.
start_seconds=180

wait_for_start() {
    begin_wait 5
    while second=$(waited) && [ "$second" -le "$start_seconds" ]; do
        # Where the database is away for a moment, it goes on.
        version=$(hucore_version 2>/dev/null) || version=
        ! start_has_succeeded "$version" || return 0
        tell_wait "$second" "waiting for the queue manager to ask hucore on the first row"
        sleep "$look_seconds"
    done
    fail "the queue manager does not get through its start: $(said "$(grep -i 'shut down' "$log_folder/$log_file" | tail -n 1)")" \
        "HRM asks the first row of the registry: $(said "$(echo 'SELECT name FROM server ORDER BY name LIMIT 1' | db)"); look at $log_folder on this host"
}

ensure() {
    [ "$retire" != yes ] || [ -z "$old_public_keys" ] || retire_old_keys
    [ -n "$nodes" ] || return 0
    # The run that made the rows may have been cut off before it did this.
    systemctl start hrmd.service || :
    wait_for_start
}
