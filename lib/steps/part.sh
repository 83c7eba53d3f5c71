# shellcheck shell=sh
# No step, but what carries the steps of a part over one login: each has its text in a shell of its own, one after the other, and the first failure ends the
# part, but for steps that are there for that case. By hand, one alone: `sudo sh -s check '' STEP`.
# text_STEP: the text of each step. steps: a line each, `NAME SECONDS SECONDS-OF-UNDO EVEN-AFTER-A-FAILURE`; without an undo `-`.
: "${steps:?}"

# part VERB LIMIT [STEP]
part() {
    # Each step has its own ways to end.
    trap '' PIPE
    # For the steps that run also after a failure.
    export before_failed=no
    verb=$1 only=${3:-} failed=0
    order=$steps
    [ "$verb" != undo ] || order=$(printf '%s\n' "$steps" | tac)
    while read -r name limit undo_limit even <&3; do
        [ -z "$only" ] || [ "$only" = "$name" ] || continue
        [ "$failed" = 0 ] || [ "$even" = yes ] || continue
        if [ "$verb" = undo ]; then
            [ "$undo_limit" != - ] || continue
            limit=$undo_limit
        fi
        eval "text=\$text_$name"
        # shellcheck disable=SC2154
        if printf '%s\n' "$text" | setsid -w sh -s "$verb" "$limit" 3<&-; then
            # What is done, for who reads it; and the end where nobody reads any more, since Pulumi was killed or the connection is lost.
            [ "$verb" != ensure ] || echo "$name" 2>/dev/null || exit 1
        else
            failed=$? before_failed=yes
        fi
    done 3<<STEPS
$order
STEPS
    exit "$failed"
}
