# shellcheck shell=sh
# The queue manager's key opens the account on this node, for commands and file transfer only. Other lines of authorized_keys stay.
# user: the account. public_key: `ssh-ed25519 AAAA… comment`.
: "${user:?}" "${public_key:?}"

line="restrict $public_key"

authorized_keys() {
    echo "$(home_of "$user")/.ssh/authorized_keys"
}

# sshd ignores the keys of an account whose files others can write (StrictModes).
loose() {
    file=$(authorized_keys)
    folder=$(dirname "$file")
    for path in "$file" "$folder" "$(dirname "$folder")"; do
        [ ! -e "$path" ] || find -H "$path" -prune -perm /022
    done
}

check() {
    as "$user" grep -qxF -e "$line" "$(authorized_keys)" 2>/dev/null || differs "$(authorized_keys): without the cluster's key, want it"
    loose | while IFS= read -r path; do
        differs "$path: writable by others, sshd refuses keys then"
    done
}

authorise() {
    file=$(authorized_keys)
    blob=$(echo "$public_key" | cut -d ' ' -f 2)
    as "$user" mkdir -p -m 0700 "$(dirname "$file")"
    {
        as "$user" grep -vF -e " $blob" "$file" 2>/dev/null || :
        printf '%s\n' "$line"
    } | write_file "$file" "$user" "$(id -gn "$user")" 600
}

ensure() {
    as "$user" grep -qxF -e "$line" "$(authorized_keys)" 2>/dev/null || locked "$(authorized_keys)" authorise
    loose | while IFS= read -r path; do
        chmod go-w "$path"
    done
}
