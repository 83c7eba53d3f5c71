# shellcheck shell=sh
# The registry has exactly the described rows of this node, one for each GPU. Rows that stand keep what the queue manager wrote into them; rows that
# are no longer described are drained first.
# user: HRM's account. hrm_path: HRM's tree. node: HRM's name of the node. hucore: path on the node. gpus: numbers, one a line; -1 is the CPU.
# drain_seconds: how long jobs may take to end. settle_seconds: how long HRM's moments last.
: "${user:?}" "${hrm_path:?}" "${node:?}" "${hucore:?}" "${gpus:?}" "${settle_seconds:?}" "${state:?}"

wanted() {
    for gpu in $gpus; do
        printf '%s %s\t%s\t%s\n' "$node" "$gpu" "$hucore" "$gpu"
    done
}

without_job="status = 'busy' AND NOT EXISTS
    (SELECT 1 FROM job_queue WHERE job_queue.server = server.name AND job_queue.status IN ('started', 'kill'))"

# Name, path, GPU; and where the row is 'busy' without a job, what it says of its job.
present() {
    db <<SQL
SELECT name, huscript_path, gpuId, IF($without_job, CONCAT('job ', COALESCE(server.job, '')), '') FROM server
    WHERE SUBSTRING_INDEX(name, ' ', 1) = '$node'
SQL
}

# HRM makes a row busy a moment before it says that the job has started. What it leaves like that, it never frees.
stuck() {
    idle=$(printf '%s\n' "$1" | awk -F '\t' '$4')
    [ -n "$idle" ] || return 0
    sleep "$settle_seconds"
    later=$(present)
    printf '%s\n' "$later" | grep -xF -e "$idle" || :
}

free_stuck() {
    rows=$(present)
    stuck=$(stuck "$rows")
    [ -z "$stuck" ] || printf '%s\n' "$stuck" | while IFS="$(printf '\t')" read -r name _ _ job; do
        echo "UPDATE server SET status = 'free', job = NULL
            WHERE name = $(sql "$name") AND CONCAT('job ', COALESCE(job, '')) = $(sql "$job") AND $without_job" | db
    done
}

names() {
    wanted | cut -f 1 | sed "s/.*/'&'/" | paste -s -d , -
}

is_first() {
    row=$(first_row)
    [ "$(lower "$(echo "$row" | cut -f 1)")" = "$(lower "$node")" ]
}

check() {
    rows=$(present)
    # By name, as HRM compares them: `wanted` and `present` have the name, the path and the GPU.
    {
        wanted | sed 's/^/want\t/'
        printf '%s\n' "$rows" | sed '/^$/d; s/^/found\t/'
    } | awk -F '\t' '
        { name[tolower($2)] = $2; row[tolower($2), $1] = $2 ", " $3 ", GPU " $4 }
        END {
            for (key in name) {
                found = row[key, "found"] == "" ? "none" : row[key, "found"]
                want = row[key, "want"] == "" ? "none" : row[key, "want"]
                if (found != want) print "server row " name[key] ": found " found ", want " want
            }
        }' | sort | while IFS= read -r line; do differs "$line"; done
    stuck=$(stuck "$rows")
    [ -z "$stuck" ] || printf '%s\n' "$stuck" | cut -f 1 | while IFS= read -r name; do
        differs "server row $name: busy without a job, want free"
    done
    # Whatever becomes of the other nodes, it can start where the first row's has proven itself.
    queue_manager_runs || ! is_first || differs "hrmd.service: not running, want it"
    [ ! -e "$(drain_file "$node")" ] || differs "server rows of $node: parked by a drain that did not end, want them free"
}

# changes TAKEN: TAKEN are GPUs that get no row yet, one a line.
changes() {
    echo 'START TRANSACTION;'
    for gpu in $gpus; do
        printf '%s\n' "$1" | grep -qxF -e "$gpu" || put_row "$node $gpu" "$hucore" "$gpu"
    done
    echo 'COMMIT;'
}

ensure() {
    # A run that was killed, and whose description had no such node, may have finished only now.
    [ "$(lower "$node")" = localhost ] || [ -e "$state/proof-of-link-$(lower "$node")" ] ||
        fail "the queue manager's access to $node was taken away meanwhile" "run 'pulumi up' again"
    [ ! -e "$(drain_file "$node")" ] || give_back "$node"
    surplus="SUBSTRING_INDEX(NAME, ' ', 1) = '$node' AND NAME NOT IN ($(names))"
    # A row with another name may be of the same GPU, whose memory two jobs would share; HRM takes one without a number for GPU 0.
    taken=$(echo "SELECT COALESCE(gpuId, 0) FROM server WHERE $surplus" | db)
    changes "$taken" | db
    free_stuck
    if [ -n "$taken" ]; then
        (drain "$node" "$surplus" no)
        changes '' | db
    fi
    # The first row is what the queue manager waited for.
    start_queue_manager
}

# Before the node's access goes (destroy --target). A node that has left the description is drained by `departures`, for as long as that description says.
undo() {
    serves "$node" || return 0
    (drain "$node" "SUBSTRING_INDEX(NAME, ' ', 1) = '$node'" yes)
}
