# shellcheck shell=sh
# What every step has: how it reports and locks, and what comes of each call (with files.sh). The step's functions follow it, then `main VERB`.
# host: what the description calls this host. step: the step's name, with what it is about. time_limit: seconds. declared_by: PROJECT/STACK/RESOURCE.
: "${host:?}" "${step:?}" "${time_limit:?}" "${declared_by:?}"

set -eu
# A login may bring its own locale, and sudo its own idea of a path and a working directory.
LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
unset SSH_AUTH_SOCK
umask 022
cd /
# Without these no EXIT trap runs when Pulumi is killed (its end of the pipe is gone) or the time is up.
trap '' PIPE
trap 'exit 143' HUP INT TERM
trap finish EXIT
keep_limit "${2:-}"

state=/var/lib/pulumi-hrm
locks=/run/pulumi-hrm
# shellcheck disable=SC2034 # for the steps
tab='	' newline='
'
scratch=
# A service that the step has stopped, and that goes on when it ends, however that is.
stopped=
# `yes` once nobody reads the progress any more: Pulumi was killed, or the connection is lost.
# shellcheck disable=SC2034 # for the steps
unheard=no

# `yes` while a step says what it is about to do.
acts=

# What programs say while a step acts: nobody but us speaks to the person who waits. Empty while a step only looks.
raw=
exec 7>&2

finish() {
    status=$?
    end_limit
    at_end
    [ -z "$scratch" ] || rm -rf "$scratch"
    [ -z "$stopped" ] || systemctl start --no-block "$stopped" || :
    if [ "$status" = 143 ]; then
        progress "stopped by a signal, or by the time limit of $time_limit s; it can be repeated" || :
    elif [ "$status" != 0 ] && [ -n "$raw" ] && [ ! -e "$raw.told" ]; then
        progress "a command on this host failed, with $status: $(said "$(tail -n 1 "$raw" 2>/dev/null)")" || :
        progress "nobody has foreseen that; look at it there, and run this again: it can be repeated" || :
    fi
    [ -z "$raw" ] || rm -f "$raw" "$raw.told"
}

# From here on what programs say is kept for the case that one of them ends the step.
hear_programs() {
    kept=$locks/said-$step
    umask 077
    if { true >"$kept"; } 2>/dev/null; then
        raw=$kept
        [ ! -e "$raw.told" ] || rm -f "$raw.told"
        exec >>"$raw" 2>&1
    else
        exec >/dev/null 2>&1
    fi
    umask 022
}

# In what each host does dozens of times no process is started for what the shell does itself: processes are most of what a step costs.

# harmless REPLACEMENT TEXT: leaves `harmless`, the text on its way to Pulumi without control characters, and without the marks of Pulumi's colours, at which it panics.
harmless() {
    harmless=$2
    case $2 in
    *[![:print:]]* | *'<{%'*) harmless=$(printf '%s' "$2" | tr -c '[:print:]' "$1" | sed 's/<{%/<?%/g') ;;
    esac
}

# One difference, on standard output: `differs 'ITEM: found F, want W' ['makes ITEM']`. Never a secret. It may quote what somebody wrote on the host.
# Where something is only not there yet, nothing has been wrong: `up` says what it does then, the second text.
differs() {
    [ -z "$acts" ] || [ $# = 1 ] || shift
    harmless '?' "$1"
    printf 'hrm: differs %.300s\n' "$harmless"
}

# follows TEXT: what comes of the change, which a preview tells beside the differences. It may stand where nothing differs, and is none.
follows() {
    harmless '?' "$*"
    printf 'hrm: follows %.300s\n' "$harmless"
}

# unreachable HOST WORDS: the answer of a check that needs another host, which does not let us in: neither a difference nor none.
unreachable() {
    harmless '?' "$2"
    printf 'hrm: unreachable %s %.150s\n' "$1" "$harmless"
    exit 3
}

# One short line for the person who waits. It is kept in Pulumi's state: never a secret. A line of over 64 KiB would hang the provider.
progress() {
    harmless ' ' "$*"
    # shellcheck disable=SC2034
    printf '%.400s\n' "$host: $step: $harmless" >&7 || unheard=yes
}

# The end of a step that cannot do its work: what is wrong, then what to do.
fail() {
    for sentence in "$@"; do
        progress "$sentence"
    done
    [ -z "$raw" ] || : >"$raw.told"
    exit 1
}

# What a program said, on one line and short enough to be quoted in a message.
said() {
    case $* in
    *[![:graph:]\ ]* | *'  '*) printf '%s' "$*" | tr -s '[:space:]' ' ' | cut -c 1-150 ;;
    *) printf '%.150s\n' "$*" ;;
    esac
}

# After a killed Pulumi the old script may still run: one run of a step at a time.
lock() {
    { [ -d "$locks" ] && [ -d "$state" ]; } || mkdir -p "$locks" "$state"
    exec 9>"$locks/$1.lock"
    flock -n 9 || {
        progress "waiting for an earlier run of this step to end"
        flock 9
    }
}

# locked FILE COMMAND…: for files that several steps edit.
locked() {
    lock_name=$(printf '%s' "$1" | tr -c 'A-Za-z0-9' _)
    shift
    (
        flock 8
        "$@"
    ) 8>"$locks/$lock_name.lock"
}

lower() {
    case $1 in
    *[A-Z]*) printf '%s' "$1" | tr '[:upper:]' '[:lower:]' ;;
    *) printf '%s' "$1" ;;
    esac
}

# sql TEXT: as a literal of MariaDB. What stands in the registry may be anybody's, and a password has any characters.
sql() {
    case $1 in
    *[\\\']*) printf "'%s'" "$(printf '%s' "$1" | sed "s/[\\\\']/&&/g")" ;;
    *) printf "'%s'" "$1" ;;
    esac
}

# scratch_folder [BASE]: one for each step, so that the next run takes away what a killed one has left.
scratch_folder() {
    scratch=${1:-$locks}/scratch-$step
    rm -rf "$scratch"
    mkdir -m 0700 "$scratch" || fail "$scratch cannot be made" "look at the free space and the mount there"
}

# found: what check says; checked: its exit code.
run_check() {
    know_user
    set +e
    found=$(set -e; check)
    checked=$?
    set -e
    case $found in *'hrm: follows '*) found=$(printf '%s\n' "$found" | sed '/^hrm: follows /d') ;; esac
}

# each_difference COMMAND: with each of them.
each_difference() {
    while IFS= read -r finding; do
        case $finding in 'hrm: differs '*) "$1" "${finding#hrm: differs }" ;; esac
    done <<FOUND
$found
FOUND
}

remains() {
    remaining="${remaining-}$1;"
}

# Which resource of which stack was the last to make this step true, for steps that can be undone: one that got another name is made first, and its old one
# destroyed then, and what a second stack has taken over is not the first one's to destroy.
declared=$state/declared-$step

declare_step() {
    ! command -v undo >/dev/null || has_line "$declared_by" "$declared" || keep_note "$declared" "$declared_by"
}

is_declared_by_another() {
    [ -e "$declared" ] && [ "$(cat "$declared")" != "$declared_by" ]
}

# What a step leaves of itself otherwise, however it ends.
at_end() { :; }

# For a step to say something of a host that is as described, and what no difference is.
remark() { :; }

# What ends the step before anything is changed, and before it says what it does.
precondition() { :; }

main() {
    case $1 in
    check)
        know_user
        check
        echo "hrm: checked"
        ;;
    ensure)
        lock "$step"
        hear_programs
        declare_step
        # `check` can end without an answer (a node that is down); `ensure` then says what is wrong.
        acts=yes
        run_check 2>/dev/null
        acts=
        [ -n "$found" ] || [ "$checked" != 0 ] || {
            remark
            return 0
        }
        precondition
        each_difference progress
        ensure
        run_check
        [ "$checked" = 0 ] || fail "the change could not be verified" "run this again; what is in the way is said above"
        each_difference remains
        [ -z "$found" ] || fail "this remains after the change: ${remaining-}"
        remark
        progress "done"
        ;;
    undo)
        lock "$step"
        hear_programs
        if is_declared_by_another; then
            progress "stays as it is: $(cat "$declared") declares it now"
            return 0
        fi
        undo
        rm -f "$declared"
        ;;
    esac
}
