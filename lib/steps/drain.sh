# shellcheck shell=sh
# For the steps that take rows out of HRM's registry while the queue manager works: running jobs end and are collected, and no new one comes.
# user, hrm_path: as in hrm.sh. drain_seconds: how long the jobs may take. look_seconds, settle_seconds, quiet_looks, quiet_looks_beside,
# silence_seconds, death_seconds: how it waits (lib/hosts/pace.ts).
: "${user:?}" "${drain_seconds:?}" "${state:?}" "${look_seconds:?}" "${settle_seconds:?}" "${quiet_looks:?}" "${quiet_looks_beside:?}"
: "${silence_seconds:?}" "${death_seconds:?}"

# at_once COMMAND NAMES: `COMMAND NAME` for each of them, side by side, since each may take hours. Leaves `failed`, `yes` where one of them has.
# shellcheck disable=SC2034 # for the step
at_once() {
    running=
    for name in $2; do
        "$1" "$name" &
        running="$running $!"
    done
    failed=no
    for pid in $running; do
        wait "$pid" || failed=yes
    done
}

# running_jobs CONDITION: how many, by SQL about job_queue.server.
running_jobs() {
    echo "SELECT COUNT(*) FROM job_queue WHERE $1 AND status IN ('started', 'kill')" | db
}

# jobs_are_waited_for COUNT: in words, for a preview.
jobs_are_waited_for() {
    case $1 in
    0) echo "no job runs there" ;;
    1) echo "1 job runs there, and is waited for, at most $drain_seconds s" ;;
    *) echo "$1 jobs run there, and are waited for, at most $drain_seconds s" ;;
    esac
}

# Rows that a drain takes out, as they were: name, path, GPU, status. The file is there until the drain has ended.
drain_file() {
    echo "$state/draining-$(lower "$1")"
}

# After a drain that was cut off, its first look at a row is the true one; this drain may be about more rows.
keep_rows() {
    rows_now=$(echo "SELECT name, huscript_path, gpuId, status FROM server WHERE $of_rows" | db) ||
        fail "the database does not answer" "look at MariaDB on this host"
    { cat "$file" 2>/dev/null || :; printf '%s\n' "$rows_now"; } | awk -F '\t' 'NF > 1 && !seen[tolower($1)]++' | write_file "$file" root root 600
}

# drain NODE CONDITION WHOLE: CONDITION is SQL about NAME, the name of a row; WHOLE is `yes` where no row of the node stays.
drain() {
    node=$1 whole=$3
    of_rows=$(echo "$2" | sed 's/NAME/server.name/g')
    of_jobs=$(echo "$2" | sed 's/NAME/job_queue.server/g')
    # Of a command line.
    names_it="(@|[[:space:]])$node([[:space:]:']|\$)"
    file=$(drain_file "$node")
    keep_rows
    let_jobs_be_collected
    begin_wait 0
    quiet=0 silent_since=
    until drained; do
        seconds=$(waited)
        [ "$seconds" -lt "$drain_seconds" ] || give_up
        # The next run may want something else, and must not wait for hours: it goes on with this, or gives the rows back.
        [ "${unheard:?}" = no ] || exit 1
        tell_wait "$seconds" "$node: waiting for $waiting_for"
        sleep "$look_seconds"
    done
    rm -f "$file"
}

# Jobs are collected by a queue manager that runs, and somebody may have stopped it. Once only: one that crashes at each start has its own pauses.
let_jobs_be_collected() {
    jobs=$(running_jobs "$of_jobs")
    [ "$jobs" = 0 ] || queue_manager_runs || {
        progress "starting the queue manager, so that it collects the jobs on $node"
        systemctl start --no-block hrmd.service || :
    }
}

# One look. A row with a job can go at once: the queue manager collects the job by what job_queue says. A row without one is parked, and goes when
# the queue manager cannot be sending a job there any more: it does that while the row is free and the job queued, and needs the row at the end.
drained() {
    waiting_for='the database'
    answer=$(db <<SQL
UPDATE server SET status = 'paused' WHERE $of_rows AND status = 'free';
DELETE server FROM server JOIN job_queue ON job_queue.server = server.name AND job_queue.status = 'started'
    WHERE $of_rows AND server.status = 'busy';
SELECT COUNT(*) FROM server WHERE $of_rows;
SELECT COUNT(*) FROM job_queue WHERE $of_jobs AND status IN ('started', 'kill');
SQL
    ) || return 1
    # shellcheck disable=SC2086
    set -- $answer
    rows=$1 jobs=$2
    if [ "$rows" != 0 ]; then
        waiting_for="the queue manager, which may be sending a job there"
        ! nothing_is_sent || echo "DELETE FROM server WHERE $of_rows AND status IN ('paused', 'busy')" | db
        return 1
    fi
    waiting_for="$(some "$jobs" job) to end"
    [ "$jobs" != 0 ] || waiting_for="the end of every hucore there"
    jobs_have_ended
}

# The queue manager does one thing at a time: first it chooses a free row, then a job, then it sends that. So a row that it chose before the row was
# parked gets even a job that is submitted afterwards. While it deals with another node it has chosen none of this one; otherwise ten seconds without
# a child of its that names this node will do. Where other rows of the node stay, it asks the node all the time whether that is free and what its jobs
# do, which does not count; a dispatch with HRM's own ping of 4 s takes 25 s.
nothing_is_sent() {
    family=$(queue_manager_family)
    [ -n "$family" ] || return 0
    children=$(printf '%s\n' "$family" | calls)
    looks=$quiet_looks
    sends=$children
    if [ "$whole" != yes ]; then
        looks=$quiet_looks_beside
        sends=$(echo "$children" | grep -vE 'ping |free -m|ps (-lf )?-p ' || :)
    fi
    if echo "$sends" | grep -qiE "$names_it"; then
        quiet=0
        return 1
    fi
    quiet=$((quiet + 1))
    [ "$quiet" -gt "$looks" ] || { [ -n "$children" ] && ! echo "$children" | grep -qiE "$names_it"; }
}

some() {
    if [ "$1" = 1 ]; then echo "1 $2"; else echo "$1 $2s"; fi
}

count_hucore() {
    count="ps -u $user -o comm= | grep -c hucore || :"
    if [ "$node" = localhost ]; then
        sh -c "$count"
    else
        as "$user" ssh -o ConnectTimeout=5 -o BatchMode=yes "$user@$node" "$count" </dev/null
    fi
}

# A job that a user killed is gone from the queue while its hucore goes on.
jobs_have_ended() {
    if [ "$whole" != yes ]; then
        [ "$jobs" = 0 ]
        return
    fi
    # With ssh's own words at the end.
    if answer=$(count_hucore 2>&1); then
        silent_since=
        [ "$jobs $(printf '%s\n' "$answer" | tail -n 1)" = "0 0" ]
        return
    fi
    # Somebody who is turned away, or let in slowly, has found a host that lives.
    case $answer in
    # Something listens there, and is slow.
    *"banner exchange"*)
        silent_since=
        waiting_for="$node, whose sshd does not answer in time"
        return 1
        ;;
    *"Connection refused"* | *"onnection timed out"* | *"o route to host"* | *"Host key verification failed"* | *"not resolve hostname"* | *"is unreachable"*) ;;
    *)
        silent_since=
        waiting_for="$node, which does not let $user in to look for a running hucore: $(said "$(printf '%s\n' "$answer" | tail -n 1)")"
        return 1
        ;;
    esac
    silent_since=${silent_since:-$(uptime_seconds)}
    silence=$(($(uptime_seconds) - silent_since))
    # A node that answers ping may still finish its jobs; one that does not is taken for dead, if it is not only a cable that was pulled.
    if [ "$jobs" != 0 ]; then
        [ "$silence" -ge "$death_seconds" ] && ! ping -c 1 -W 2 "$node" >/dev/null 2>&1 || return 1
        progress "$node is taken for dead; its jobs did not end, delete them in HRM's queue: $(said "$(echo "SELECT id FROM job_queue WHERE $of_jobs" | db)")"
        end_calls
    else
        [ "$silence" -ge "$silence_seconds" ] || return 1
        progress "$node does not answer ssh, so nobody looked for a hucore that runs on there"
    fi
}

# Of the queue manager's family (`queue_manager_family`): what it asks of nodes.
calls() {
    sed 1d | grep -E '(ssh|sftp|scp|ping) ' || :
}

# The queue manager does one thing at a time: where it was asking the node something when that died, it would do nothing else until ssh gives up, which takes
# minutes (ServerAliveInterval) and has the same end. Of a node that answers ping a call may still bring a job's result.
end_calls() {
    queue_manager_family | calls | grep -iE "$names_it" | while read -r pid _; do
        kill "$pid" 2>/dev/null || :
    done || :
}

# Everything is as it was before the drain.
give_back() {
    file=$(drain_file "$1")
    busy=$({
        echo 'START TRANSACTION;'
        while IFS="$(printf '\t')" read -r name path gpu status; do
            put_row "$name" "$path" "$gpu"
            [ "$status" = paused ] || echo "UPDATE server SET status = 'free' WHERE name = $(sql "$name") AND status = 'paused';"
        done <"$file"
        echo "SELECT name, job FROM server WHERE SUBSTRING_INDEX(name, ' ', 1) = '$1' AND status = 'busy';"
        echo 'COMMIT;'
    } | db) || return 1
    [ -z "$busy" ] || free_ended || return 1
    rm -f "$file"
}

# At a job's end the queue manager frees the row, then takes the job out of its queue. A row that came back between the two would be busy for good.
free_ended() {
    sleep "$settle_seconds"
    printf '%s\n' "$busy" | while IFS="$(printf '\t')" read -r name job; do
        cat <<SQL
UPDATE server SET status = 'free', job = NULL WHERE name = $(sql "$name") AND status = 'busy' AND job = $(sql "$job")
    AND NOT EXISTS (SELECT * FROM job_queue WHERE server = $(sql "$name") AND process_info = $(sql "$job"));
SQL
    done | db
}

give_up() {
    back="its rows are back as they were"
    give_back "$node" || back="its rows stay parked, since the database does not answer"
    fail "$node is not drained after $drain_seconds s: waiting for $waiting_for; $back" \
        "run 'pulumi up' again later, or allow more time with drainTimeout"
}
