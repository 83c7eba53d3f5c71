# shellcheck shell=sh
# What every step begins with: its limit of time. Not every timeout(1) ends what a step has started, and so leaves it with the step's lock (uutils before
# 0.3), so that this needs none: the launcher gives each step a process group of its own, and one process waits to end that.

# Of the process that waits; none where somebody runs the text by hand, who can end it.
limiter=

# What the step has started and is in a group of its own, as timeout(1) is with what it runs: the processes of the step's session. Not every host has ps.
strays() {
    for stat in /proc/[0-9]*/stat; do
        read -r process <"$stat" || continue
        # shellcheck disable=SC2086 # PID (NAME) STATE PARENT GROUP SESSION …; the name has any characters
        set -- ${process%% *} ${process##*) }
        [ "${5:-}" != $$ ] || [ "$4" = $$ ] || echo "$1"
    done 2>/dev/null
}

# keep_limit SECONDS
keep_limit() {
    read -r _ _ _ _ own_group _ <"/proc/$$/stat"
    [ -n "$1" ] && [ "$own_group" = $$ ] || return 0
    (
        trap '' HUP INT PIPE TERM
        # The signal may come at once after a sleep has begun.
        trap 'kill -KILL "${!:-}" 2>/dev/null; exit' USR1
        pause() {
            sleep "$1" &
            wait "$!"
        }
        pause "$1"
        # The shell first: it goes on with the step where what it waits for ends before. One of them may have ended meanwhile.
        # shellcheck disable=SC2046 # numbers
        kill -s TERM -- -$$ $(strays) || :
        pause 10
        # This process is in the group itself.
        # shellcheck disable=SC2046
        kill -s KILL -- $(strays) -$$
    ) </dev/null >/dev/null 2>&1 &
    limiter=$!
}

end_limit() {
    [ -z "$limiter" ] || kill -s USR1 "$limiter" 2>/dev/null || :
}
