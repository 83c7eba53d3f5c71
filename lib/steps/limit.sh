# shellcheck shell=sh
# What every step begins with: its limit of time. Not every timeout(1) ends what a step has started, and so leaves it with the step's lock (uutils before
# 0.3), so that this needs none: the launcher gives each step a process group of its own, and one process waits to end that.

# Of the process that waits; none where somebody runs the text by hand, who can end it.
limiter=

# keep_limit SECONDS
keep_limit() {
    read -r _ _ _ _ own_group _ <"/proc/$$/stat"
    [ -n "$1" ] && [ "$own_group" = $$ ] || return 0
    (
        trap '' HUP INT PIPE TERM
        # The signal may come at once after a sleep has begun.
        trap 'kill -KILL "${!:-}" 2>/dev/null; exit' USR1
        for signal in TERM KILL; do
            sleep "$1" &
            wait "$!"
            kill -s $signal -- -$$
            set -- 10
        done
    ) </dev/null >/dev/null 2>&1 &
    limiter=$!
}

end_limit() {
    [ -z "$limiter" ] || kill -s USR1 "$limiter" 2>/dev/null || :
}
