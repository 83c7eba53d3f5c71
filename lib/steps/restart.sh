# shellcheck shell=sh
# The queue manager runs with its present configuration, where the registry has a row, and sends jobs. It is restarted only after it has finished its
# round, and only where it will start again.
# user: HRM's account. hrm_path: HRM's tree. configuration: checksum of the unit, hrm.conf and hrm_config.inc, so that a change of them is one of this step, which
# a preview shows. restart_seconds: how long a round may take. look_seconds, settle_seconds, hang_seconds, call_seconds: how it waits (lib/hosts/pace.ts).
: "${user:?}" "${hrm_path:?}" "${configuration:?}" "${restart_seconds:?}" "${look_seconds:?}" "${settle_seconds:?}" "${hang_seconds:?}" "${call_seconds:?}" "${state:?}" "${tab:?}"
answer=

# Leaves `rows`, how many the registry has, HRM's `switch`, `version` of hucore, and the node and the path of the `first` row. By one question, since each costs as much as all else here.
look_at_queue() {
    found=$(echo "SELECT (SELECT COUNT(*) FROM server), COALESCE((SELECT value FROM queuemanager WHERE field = 'switch'), ''),
        COALESCE((SELECT value FROM global_variables WHERE name = 'huversion'), ''),
        COALESCE((SELECT CONCAT(SUBSTRING_INDEX(name, ' ', 1), ' ', COALESCE(huscript_path, '')) FROM server ORDER BY name LIMIT 1), '')" | db)
    rows=${found%%"$tab"*} found=${found#*"$tab"}
    switch=${found%%"$tab"*} found=${found#*"$tab"}
    version=${found%%"$tab"*} found=${found#*"$tab"}
    first=${found%% *} path_of_first=${found#* }
}

# It reads its configuration when it starts, and the start notes what that was, in the form of sha256sum. Times would tell nothing where a clock was wrong.
older_than_described() {
    [ "$configuration  -" != "$(cat /run/hrmd/started-with 2>/dev/null)" ]
}

# It goes on with the code that it was started with, also when that is not there any more.
older_than_installed() {
    [ "$(code_of_tree "$hrm_path")" != "$(cat /run/hrmd/started-as 2>/dev/null)" ]
}

# It asks hucore of the first row for its version, licence and formats when it starts. `installed` is what that has answered when its node has proven itself last.
older_than_hucore() {
    start_has_succeeded "$version" || return 1
    installed=$(cat "$state/hucore-of-$(lower "$first")" 2>/dev/null) && [ -n "$installed" ] && [ "$installed" != "$version" ]
}

is_due() {
    older_than_described || older_than_installed || older_than_hucore
}

# A submission in the web page locks dispatch for a moment; an Apache that dies in it, for good.
is_locked() {
    [ "$switch" = lck ] && sleep "$settle_seconds" && look_at_queue && [ "$switch" = lck ]
}

# Leaves `members`, the numbers of it and of what it calls, the latest last.
look_at_family() {
    members=$(queue_manager_family | cut -d ' ' -f 1)
}

# tells WORDS: the lines with these words in what the kernel tells of them.
# shellcheck disable=SC2046,SC2086 # numbers
tells() {
    [ -z "$members" ] || grep -hsE "$1" $(printf '/proc/%s/status ' $members) || :
}

# A signal (SIGSTOP, a debugger) has stopped it: for systemd it runs.
is_stopped() {
    look_at_family
    [ -n "$(tells '^State:[[:space:]]*[Tt]')" ]
}

# How often its processes have waited for something or were made to: of one that works, this grows all the time, since its loop has no pauses but its calls.
traces() {
    look_at_family
    tells ctxt_switches
}

# hangs SECONDS: whether nothing of it has moved for so long, while the start, which may wait for a licence server, is over. A call to a node that has died
# ends by itself: that node is what is amiss, and not the queue manager.
hangs() {
    start_has_succeeded "$version" || return 1
    look_at_family
    before=$(tells ctxt_switches)
    waiting=$(printf '%s\n' "$members" | tail -n 1)
    if [ "$waiting" != "$members" ]; then
        age=$(ps -o etimes= --pid "$waiting") && [ "$age" -ge "$call_seconds" ] || return 1
    fi
    begin_wait 0
    while [ "$(waited)" -lt "$1" ]; do
        [ "$before" = "$(traces)" ] || return 1
        sleep 0.2
    done
    waits_for=$(ps -o args= --pid "$waiting" 2>/dev/null) || :
}

tell_restart() {
    follows "the queue manager finishes its round, which may take $restart_seconds s, and is started anew; running jobs go on"
}

check() {
    look_at_queue
    [ "$rows" != 0 ] || return 0
    if ! queue_manager_runs; then
        differs "hrmd.service: not running, want it" "starts hrmd.service"
    elif is_stopped; then
        differs "queue manager: stopped by a signal, want it to run"
    elif hangs "$hang_seconds"; then
        differs "queue manager: has not moved for $hang_seconds s, want it to work; it waits for: $(said "$waits_for")"
    elif older_than_described; then
        differs "hrmd.service: runs with an older configuration, want a restart"
        tell_restart
    elif older_than_installed; then
        differs "hrmd.service: runs with an older HRM than the one at $hrm_path, want a restart"
        tell_restart
    elif older_than_hucore; then
        differs "hrmd.service: runs with Huygens Core $version, and $first has $installed, want a restart"
        tell_restart
    elif is_locked; then
        differs "queue manager's switch: lck, want on; nothing is dispatched"
    fi
}

# Where the first row does not answer, the queue manager would not start, and with it the whole cluster would stand still.
first_row_answers() {
    meanwhile="no job is sent"
    ! queue_manager_runs || meanwhile="the queue manager goes on with its old configuration"
    ask_hucore "$first" "$path_of_first" ||
        fail "the queue manager has to be started anew, but $first, whose row is the first, does not answer: $(said "$answer")" \
            "repair $first, set maintenance on it, or take it out of the description; until then $meanwhile"
}

# Told by the switch, it finishes what it is doing and exits. A submission in the web page turns the switch on again, so this insists.
finish_round() {
    begin_wait 0
    second=0
    while [ -n "$(queue_manager_family)" ]; do
        [ "$second" -le "$restart_seconds" ] || take_back
        echo "UPDATE queuemanager SET value = 'off' WHERE field = 'switch'" | db
        tell_wait "$second" "the queue manager finishes its round before its restart"
        sleep "$look_seconds"
        second=$(waited)
    done
}

take_back() {
    echo "UPDATE queuemanager SET value = 'on' WHERE field = 'switch'" | db
    fail "the queue manager has not finished its round in $restart_seconds s; it goes on with its old configuration" "run 'pulumi up' again later"
}

ensure() {
    look_at_queue
    [ "$rows" != 0 ] || return 0
    if queue_manager_runs && is_stopped; then
        for process in $members; do kill -CONT "$process" || :; done
        progress "the queue manager was stopped by a signal, and goes on"
    fi
    if ! queue_manager_runs; then
        first_row_answers
    elif hangs "$((hang_seconds * 3))"; then
        fail "the queue manager has not moved for $((hang_seconds * 3)) s; it waits for: $(said "$waits_for")" \
            "end what it waits for, or, when no job is being sent, run 'systemctl restart hrmd' on this host: running jobs go on"
    elif is_due; then
        # By part.sh: a drain that did not end, or a node that has not proven itself as it is described now, for which a new configuration may be wrong.
        [ "${before_failed:-no}" = no ] ||
            fail "the queue manager goes on with its old configuration, since what comes before its restart has failed" "run this again when that is mended"
        first_row_answers
        finish_round
        systemctl restart hrmd.service || :
    fi
    start_queue_manager
    look_at_queue
    if is_locked; then
        echo "UPDATE queuemanager SET value = 'on' WHERE field = 'switch' AND value = 'lck'" | db
    fi
}
