# shellcheck shell=sh
# The registry and the account's ssh configuration know no node that the description does not. A row with a job is left alone.
# user: HRM's account. hrm_path: HRM's tree. nodes: the described names, one a line; public_key: `ssh-ed25519 AAAA… comment`.
: "${user:?}" "${hrm_path:?}" "${nodes?}" "${public_key:?}" "${state:?}"

# Host names in the registry or in the ssh configuration, in lower case, since HRM compares names so.
known() {
    # By itself, so that a database that does not answer ends the step.
    rows=$(echo "SELECT DISTINCT SUBSTRING_INDEX(name, ' ', 1) FROM server" | db)
    {
        printf '%s\n' "$rows"
        as "$user" find "$(ssh_folder)" -name '*.conf' -exec basename {} .conf \; 2>/dev/null || :
    } | tr '[:upper:]' '[:lower:]' | sed '/^$/d' | sort -u
}

departed() {
    names=$(known)
    printf '%s\n' "$names" | while IFS= read -r name; do
        printf '%s\n' "$nodes" | grep -qixF -e "$name" || printf '%s\n' "$name"
    done
}

check() {
    names=$(departed)
    for name in $names; do
        differs "node $name: known to HRM, but not described"
    done
}

# A row that has work, or may get it while we look, stays: only a free one goes, in one statement.
take_rows() {
    echo "DELETE FROM server WHERE SUBSTRING_INDEX(name, ' ', 1) = '$1' AND status <> 'busy' AND name NOT IN
        (SELECT COALESCE(server, '') FROM job_queue WHERE status IN ('started', 'kill'))" | db
    left=$(echo "SELECT name FROM server WHERE SUBSTRING_INDEX(name, ' ', 1) = '$1'" | db)
    [ -z "$left" ] || fail "there is a job on $(said "$left")" "run this again when it has ended"
}

take_away() {
    progress "taking node $1 out"
    take_rows "$1"
    blob=$(echo "$public_key" | cut -d ' ' -f 2)
    file=$(ssh_folder)/$1
    if [ -e "$file.conf" ]; then
        answer=$(revoke "$1" "$blob") ||
            progress "the key could not be revoked on $1 ($(said "$answer")); on that host: remove the line with it from authorized_keys of $user"
    fi
    as "$user" rm -f "$file.conf" "$file.known_hosts"
    rm -f "$state/proof-of-link-$1"
}

ensure() {
    names=$(departed)
    for name in $names; do
        take_away "$name"
    done
}

undo() {
    names=$(known)
    for name in $names; do
        take_away "$name"
    done
}
