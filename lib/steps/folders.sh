# shellcheck shell=sh
# Each folder exists, belongs to the account and its group, and has at least the bits of its mode. What is inside is never touched.
# user, group: names. folders: a line each, `MODE PATH`; with MODE `-` the folder only has to exist.
: "${user:?}" "${group:?}" "${folders:?}"

each_folder() {
    printf '%s\n' "$folders" | while read -r mode folder; do
        "$1" "$mode" "$folder"
    done
}

# has PATH MODE: whether the path has all bits of the mode.
has() {
    [ $((0$(stat -Lc %a "$1") & 0$2)) -eq $((0$2)) ]
}

look() {
    if [ ! -d "$2" ]; then
        differs "$2: not a folder, want one"
    elif [ "$1" != - ]; then
        found=$(stat -Lc '%U %G' "$2")
        [ "$found" = "$user $group" ] || differs "$2: owner and group $found, want $user $group"
        has "$2" "$1" || differs "$2: mode $(stat -Lc %a "$2"), want at least $1"
        writable "$2" || differs "$2: mounted read-only, want it writable"
    fi
}

make() {
    if [ ! -d "$2" ]; then
        [ ! -e "$2" ] || fail "$2 is there and is not a folder" "move it away, or describe another folder"
        mkdir -p "$(dirname "$2")"
        install -d -o "$user" -g "$group" -m 0755 "$2"
    fi
    [ "$1" != - ] || return 0
    writable "$2" || fail "$2 is mounted read-only" "look at why ('dmesg', a full or damaged disk), and mount it writable"
    chown "$user:$group" "$2"
    # chown takes setuid and setgid away; bits that somebody added stay.
    chmod "$(printf '%o' $((0$(stat -Lc %a "$2") | 0$1)))" "$2"
}

check() {
    each_folder look
}

ensure() {
    each_folder make
}
