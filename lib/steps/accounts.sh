# shellcheck shell=sh
# For the steps that edit the accounts of a host.
# group: HRM's group.
: "${group:?}"

# know_group: leaves its number in `gid`, where it is there.
know_group() {
    gid=$(getent group "$group") || return 1
    gid=${gid#*:*:}
    gid=${gid%%:*}
}

# in_group NAME
in_group() {
    case " $(id -nG "$1" 2>/dev/null) " in *" $group "*) ;; *) return 1 ;; esac
}

# may_join NAME: ends the step where the account cannot be put into the group here.
may_join() {
    in_group "$1" || ! getent group "$group" >/dev/null || grep -qs "^$group:" /etc/group ||
        fail "group $group comes from a directory (LDAP, SSSD, extrausers), which alone can put $1 into it" "add $1 to the group there, then run this again"
}

# join NAME: an account of a directory, too, can be in a group of this host; usermod knows only those in /etc/passwd.
join() {
    in_group "$1" || edits gpasswd --add "$1" "$group"
}

# edits TOOL OPTION…: one of shadow's tools. Another program may hold the lock of their files for a moment.
edits() {
    tries=0
    # shellcheck disable=SC2034 # of prelude.sh
    as_user=
    until answer=$("$@" 2>&1); do
        case $answer in
        *"cannot lock"*) ;;
        *) fail "$1 fails: $(said "${answer#*: }")" "look at the disk of /etc, and whether 'lsattr /etc/passwd /etc/group' shows an i" ;;
        esac
        [ "$tries" -lt 30 ] || fail "the accounts of this host are locked by $(lock_holder)" "run this again when it has ended; after a crash remove /etc/passwd.lock and its like"
        [ "$tries" != 0 ] || progress "waiting for $(lock_holder), which has locked the accounts of this host"
        tries=$((tries + 1))
        sleep 1
    done
}

lock_holder() {
    for file in passwd group shadow gshadow; do
        pid=$(tr -dc 0-9 <"/etc/$file.lock" 2>/dev/null) || continue
        [ -z "$pid" ] || {
            echo "process $pid ($(ps -o comm= -p "$pid" || echo 'which has ended'))"
            return 0
        }
    done
    echo "a process that holds /etc/.pwd.lock"
}
