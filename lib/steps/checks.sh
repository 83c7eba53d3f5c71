# shellcheck shell=sh
# No step, but what a look at a host begins with: a shell of root's that runs checks as they are asked for. A command of a login and its sudo cost as
# much as most checks do, so that there is one for all.
# mark: a word that nobody on the host knows, so that nothing there can pass for an answer.
: "${mark:?}"
echo "$mark ready"

# one NUMBER SECONDS TEXT: a check in a shell of its own, which reads its text from standard input, since everybody may read the arguments of a process.
# The answer comes in one piece, beside those of others. This is a shell of its own, which gives the lock back when it ends.
one() {
    answer=$(run "$@")
    # A folder that only this shell and root can lock.
    exec 9<"/proc/$$/fd"
    flock 9
    printf '%s\n' "$answer"
}

# Standard error is kept until the end, where the two cannot mix.
run() {
    echo "$mark $1 out"
    said=$(printf '%s' "$3" | setsid -w sh -s check "$2" 2>&1 >&3 3>&-) && code=0 || code=$?
    printf '\n%s %s err\n%.4096s\n%s %s %s\n' "$mark" "$1" "$said" "$mark" "$1" "$code"
} 3>&1
