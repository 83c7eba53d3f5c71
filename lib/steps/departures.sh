# shellcheck shell=sh
# HRM's registry knows only the nodes that serve, and the account's ssh configuration only those that the description has. Others are drained first:
# no job is lost. What is on a departed node stays there, but for the key.
# user: HRM's account. hrm_path: HRM's tree. nodes: the described names, one a line; serving: those that are not in maintenance; host_keys: the
# host keys of `nodes`, one a line. public_keys: the cluster's, also earlier ones, one a line. drain_seconds: how long jobs may take to end.
# shellcheck disable=SC2154 # of hrm.sh
: "${user:?}" "${hrm_path:?}" "${nodes:?}" "${serving?}" "${host_keys?}" "${public_keys:?}" "${state:?}" "${tab:?}"

# Rows that no host can have. HRM would put such a name into a command line as it is.
nonsense="name REGEXP '^[ -]|^\$' OR SUBSTRING_INDEX(name, ' ', 1) REGEXP '[^A-Za-z0-9._-]'"

# Behind a tab, the names of rows that no host can have.
with_rows() {
    echo "SELECT DISTINCT SUBSTRING_INDEX(name, ' ', 1) FROM server WHERE NOT ($nonsense);
        SELECT '', REGEXP_REPLACE(name, '[^ -~]', '?') FROM server WHERE $nonsense" | db
    find "$state" -name 'draining-*' ! -name '*.hrm-new' 2>/dev/null | sed 's/.*draining-//'
}

# not_in LIST: the names on standard input that the list has not, each once. HRM compares names without case.
not_in() {
    tr '[:upper:]' '[:lower:]' | sort -u | while IFS= read -r name; do
        [ -z "$name" ] || printf '%s\n' "$1" | grep -qixF -e "$name" || printf '%s\n' "$name"
    done
}

# to_drain ROWS: of `with_rows`, which is asked by itself, so that a database that does not answer ends the step.
to_drain() {
    printf '%s\n' "$1" | grep -v "^$tab" | not_in "$serving"
}

to_forget() {
    with_access | not_in "$nodes"
}

# key_of NODE: what becomes of it, as `forget` will have it.
key_of() {
    if printf '%s\n' "$nodes" | grep -qixF -e "$1"; then
        echo "its key stays, for the time after its maintenance"
    elif ! as "$user" test -e "$ssh_folder/$1.conf"; then
        echo "it has no key of this library's"
    elif keeps_key "$1" "$host_keys"; then
        echo "its key stays, since another node has its host key"
    else
        echo "its key is revoked; account, images and hucore stay there"
    fi
}

# tell_leaving NODE
tell_leaving() {
    rows=$(echo "SELECT COALESCE(GROUP_CONCAT(name ORDER BY name SEPARATOR ', '), 'none') FROM server WHERE SUBSTRING_INDEX(name, ' ', 1) = '$1'" | db)
    jobs=$(running_jobs "SUBSTRING_INDEX(job_queue.server, ' ', 1) = '$1'")
    follows "$1 leaves the registry: $(jobs_are_waited_for "$jobs"); $(key_of "$1"); its rows: $(said "$rows")"
}

check() {
    found=$(with_rows)
    drain=$(to_drain "$found")
    for name in $drain; do
        differs "node $name: has server rows, want none"
        tell_leaving "$name"
    done
    for name in $(to_forget); do
        differs "node $name: the queue manager has access, want none"
        among "$name" "$drain" || follows "$name leaves: $(key_of "$name")"
    done
    printf '%s\n' "$found" | sed -n "s/^$tab//p" | while IFS= read -r name; do
        differs "server row '$name': not the name of a host, want none"
    done
}

# The node's link, which is destroyed at the same time, may have done it meanwhile, and have no key any more to look for jobs.
let_go() {
    still=$(with_rows)
    ! to_drain "$still" | grep -qxF -e "$1" || drain "$1" "SUBSTRING_INDEX(NAME, ' ', 1) = '$1'" yes
    # It is due again when the node comes back.
    rm -f "$state/proof-of-link-$1"
}

let_go_alone() {
    locked "$(drain_file "$1")" let_go "$1"
}

# Pulumi deletes what belongs to a node that has left also where this step could not drain it: `link` leaves that to the next run of this one.
# shellcheck disable=SC2154 # of hrm.sh
note_serving() {
    { [ -e "$served" ] && [ "$serving" = "$(cat "$served")" ]; } || keep_note "$served" "$serving"
    has_line "$drain_seconds" "$drain_time" || keep_note "$drain_time" "$drain_seconds"
}

remark() {
    note_serving
}

# shellcheck disable=SC2154 # of drain.sh
ensure() {
    note_serving
    echo "DELETE FROM server WHERE $nonsense" | db
    drain=$(with_rows)
    drain=$(to_drain "$drain")
    at_once let_go_alone "$drain"
    [ "$failed" = no ] || exit 1
    for name in $(to_forget); do
        forget "$name" "$host_keys" "$public_keys"
    done
}

# shellcheck disable=SC2154
undo() {
    # shellcheck disable=SC2034 # nobody serves, and nobody is described
    serving='' nodes='' host_keys=''
    ensure
    rm -f "$served" "$drain_time"
}
