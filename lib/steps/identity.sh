# shellcheck shell=sh
# HRM's account has the cluster's private key, and its ssh configuration begins with the folder in which the steps `link` describe the nodes.
# user: HRM's account. hrm_path: HRM's tree. key_version: a number. private_key: OpenSSH's format.
# shellcheck disable=SC2154 # of hrm.sh
: "${user:?}" "${hrm_path:?}" "${key_version:?}" "${private_key:?}"

include='Include hrm-cluster.d/*.conf'

key_file() {
    echo "$ssh_folder/key-$key_version"
}

# A Host block must stand before others, and an Include before the first Host.
include_is_first() {
    [ "$(as "$user" head -c 1000 "$(home_of "$user")/.ssh/config" 2>/dev/null | head -n 1)" = "$include" ]
}

# The nodes' Host blocks include this list. During a rotation it names two keys, the new one first.
key_list() {
    as "$user" cat "$ssh_folder/keys" 2>/dev/null || :
}

check() {
    file_differs "$(key_file)" "$user" "$(id -gn "$user")" 600 "$private_key"
    include_is_first || differs "$(home_of "$user")/.ssh/config: does not begin with '$include'" "puts '$include' in front in $(home_of "$user")/.ssh/config"
    key_list | head -n 1 | grep -qxF "IdentityFile $(key_file)" || differs "$ssh_folder/keys: does not begin with key $key_version" "has key $key_version used first"
}

put_include() {
    file=$(home_of "$user")/.ssh/config
    {
        printf '%s\n' "$include"
        as "$user" cat "$file" 2>/dev/null | grep -vxF "$include" || :
    } | write_file "$file" "$user" "$(id -gn "$user")" 600
}

put_in_list() {
    line="IdentityFile $(key_file)"
    {
        printf '%s\n' "$line"
        key_list | grep -vxF "$line" || :
    } | write_file "$ssh_folder/keys" "$user" "$(id -gn "$user")" 600
}

# Somebody may hold a key that was rotated away, so it never comes back. One whose rotation is not finished is still there.
refuse_retired() {
    last=$(as "$user" find "$ssh_folder" -name 'key-*' 2>/dev/null | sed 's/.*key-//' | sort -n | tail -n 1)
    [ "${last:-0}" -le "$key_version" ] || as "$user" test -e "$(key_file)" ||
        fail "key $key_version has been retired, key $last took its place" "set keyVersion to $last, or to $((last + 1)) for a new key"
}

ensure() {
    refuse_retired
    as "$user" mkdir -p -m 0700 "$(dirname "$ssh_folder")" "$ssh_folder"
    printf '%s' "$private_key" | write_file "$(key_file)" "$user" "$(id -gn "$user")" 600
    locked "$ssh_folder/keys" put_in_list
    include_is_first || locked "$(home_of "$user")/.ssh/config" put_include
}

# Nodes whose link is not in Pulumi's state, since it has failed, are left for here.
undo() {
    keys=$(as "$user" find "$ssh_folder" -name 'key-*' 2>/dev/null | while IFS= read -r key; do public_key_of "$key"; done)
    [ -z "$keys" ] || for name in $(with_access); do
        forget "$name" '' "$keys"
    done
    as "$user" rm -rf "$ssh_folder"
    file=$(home_of "$user")/.ssh/config
    [ ! -e "$file" ] || as "$user" sed -i "\\|^$include\$|d" "$file"
}
