# shellcheck shell=sh
# In a set-up of one machine: hucore on this host has answered as the queue manager will ask it, without ssh. The step `hucore` before it has looked at the file.
# user: HRM's account. hrm_path: HRM's tree. hucore: absolute path. gpus: numbers, one a line; -1 is the CPU. described: checksum of what is to be proven.
: "${described:?}" "${user:?}" "${hrm_path:?}" "${hucore:?}" "${gpus:?}" "${state:?}"

answer=
proof=$state/proof-of-local-hucore

# The proof is due again when somebody replaces hucore, or the driver of its GPUs.
subject() {
    echo "$described"
    echo "$(stat -Lc '%s %Y' "$hucore" 2>&1) $(cat /sys/module/nvidia/version 2>/dev/null || echo none)"
}

check() {
    subject | cmp -s - "$proof" || differs "$hucore: has not been proven since the last change" "proves $hucore"
}

# shellcheck disable=SC2154 # of hrm.sh
ensure() {
    ask_hucore localhost "$hucore" || fail "$hucore does not answer as HRM needs: $(said "$answer")" "run it by hand as $user; check its licence"
    note_version localhost
    names_gpus localhost "$hucore" "$gpus" ||
        fail "$hucore does not name GPU $unnamed: $(said "$answer")" "look at nvidia-smi on this host, or describe with gpus those that it names"
    keep_note "$proof" "$(subject)"
}
