# shellcheck shell=sh
# In a set-up of one machine: hucore on this host has answered as the queue manager will ask it, without ssh.
# user: HRM's account. hrm_path: HRM's tree. hucore: absolute path.
: "${user:?}" "${hrm_path:?}" "${hucore:?}" "${state:?}"

answer=
proof=$state/proof-of-local-hucore

# The proof is due again when somebody replaces hucore.
subject() {
    echo "$user $hrm_path $hucore $(stat -Lc '%s %Y' "$hucore" 2>&1)"
}

check() {
    [ "$(subject)" = "$(cat "$proof" 2>/dev/null)" ] || differs "$hucore: has not been proven since the last change"
}

ensure() {
    ask_hucore localhost "$hucore" || fail "$hucore does not answer as HRM needs: $(said "$answer")" "run it by hand as $user; check its licence"
    subject | write_file "$proof" root root 644
}
