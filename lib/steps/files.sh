# shellcheck shell=sh
# What every step has beside the prelude: what it does as another account, and how it looks at files and writes them.
: "${newline:?}"

# among LINE LINES: whether it is one of them.
among() {
    case $newline$2$newline in *"$newline$1$newline"*) ;; *) return 1 ;; esac
}

# with_lines LINES COMMAND…: the command, with each line as one more argument.
with_lines() (
    IFS=$newline
    set -f
    lines=$1
    shift
    # shellcheck disable=SC2086
    "$@" $lines
)

# has_line LINE FILE: of a short one.
has_line() {
    [ -r "$2" ] || return 1
    while IFS= read -r has_line || [ -n "$has_line" ]; do
        [ "$has_line" != "$1" ] || return 0
    done <"$2"
    return 1
}

# home_of USER: the shell looks it up by itself.
home_of() {
    case $1 in '' | *[!A-Za-z0-9._-]*) fail "'$1' is no name of a user" ;; esac
    eval "echo ~$1"
}

# know USER: leaves what the host says of an account in as_number, as_group, as_home and as_shell, where it is there. It is asked once; who changes the account empties as_user.
as_user=
# shellcheck disable=SC2034
know() {
    [ "$as_user" != "$1" ] || return 0
    as_user=
    # As whom most files are written.
    [ "$1" != root ] || {
        as_user=root as_number=0 as_group=0 as_home=/root as_shell=/bin/sh
        return 0
    }
    as_entry=$(getent passwd "$1") || return 1
    as_shell=${as_entry##*:}
    as_home=${as_entry%:*}
    as_home=${as_home##*:}
    as_group=${as_entry#*:*:}
    as_number=${as_group%%:*}
    as_group=${as_group#*:}
    as_group=${as_group%%:*}
    as_user=$1
}

# Before a step looks: what a subshell asks, the next one asks again.
know_user() {
    [ -z "${user:-}" ] || know "$user" || :
}

# as USER COMMAND…: with a clean environment, as systemd would start it. Not by runuser: for each command it would be a session more in the host's journal.
as() {
    know "$1" || {
        echo "there is no account $1 on this host now" >&2
        return 1
    }
    shift
    # Without 7: an ssh that goes into the background would keep Pulumi waiting for the end of what it reads.
    # By its name, which has the groups: another account may have its number.
    setpriv --reuid "$as_user" --regid "$as_group" --init-groups -- env -i "HOME=$as_home" "PATH=$PATH" LC_ALL=C "$@" 7>&-
}

# commands_missing COMMAND…: those that the account `user` does not find.
# shellcheck disable=SC2016,SC2154
commands_missing() {
    as "$user" sh -c 'for name in "$@"; do command -v "$name" >/dev/null || echo "$name"; done' sh "$@"
}

# writable FOLDER: for the account `user`. Root may not write where root of another host is nobody (NFS), nor anybody where a mount is read-only.
# shellcheck disable=SC2154
writable() {
    [ -w "$1" ] || as "$user" test -w "$1" 2>/dev/null
}

# write_file FILE OWNER GROUP MODE, the content on standard input: never half-written, and never readable by more than MODE allows.
# It is done as the owner, who may have replaced the folder by a link to somewhere else.
# shellcheck disable=SC2016
write_file() {
    unwritten=$(as "$2" sh -euc 'trap "[ ! -e \"\$1.hrm-new\" ] || rm -f \"\$1.hrm-new\"" EXIT
        install -T -g "$2" -m "$3" /dev/null "$1.hrm-new"; cat >>"$1.hrm-new"; mv -fT "$1.hrm-new" "$1"' sh "$1" "$3" "$4" 2>&1) ||
        fail "$1 cannot be written: $(said "${unwritten##*: }")" "look at the free space, the owner and the mount of its folder; what was there before is still there"
}

# keep_note FILE TEXT: in a file of ours, which everybody may read. Steps keep many, and the folder is root's alone, so that this needs one process.
keep_note() {
    { printf '%s\n' "$2" >"$1.hrm-new" && mv -fT "$1.hrm-new" "$1"; } 2>/dev/null || printf '%s\n' "$2" | write_file "$1" root root 644
}

# file_differs FILE OWNER GROUP MODE TEXT: says in which ways, but shows no content, which may hold a secret.
# Root may not look where root of another host is nobody (NFS): then it is looked at as its owner.
file_differs() {
    looking=
    [ -r "$1" ] || looking="as $2"
    if ! $looking test -f "$1"; then
        differs "$1: not there, want it" "writes $1"
        return 0
    fi
    printf '%s' "$5" | $looking cmp -s - "$1" || differs "$1: other content than described"
    found=$($looking stat -Lc '%U %G %a' "$1")
    [ "$found" = "$2 $3 $4" ] || differs "$1: owner, group and mode $found, want $2 $3 $4"
}
