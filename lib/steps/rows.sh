# shellcheck shell=sh
# The registry has exactly the described rows of this node, one for each GPU. Rows that stand keep what the queue manager wrote into them.
# user: HRM's account. hrm_path: HRM's tree. node: HRM's name of the node. hucore: path on the node. gpus: numbers apart by blanks; -1 is the CPU.
: "${user:?}" "${hrm_path:?}" "${node:?}" "${hucore:?}" "${gpus:?}"

of_this_node="SUBSTRING_INDEX(name, ' ', 1) = '$node'"

wanted() {
    for gpu in $gpus; do
        printf '%s %s\t%s\t%s\n' "$node" "$gpu" "$hucore" "$gpu"
    done
}

present() {
    echo "SELECT name, huscript_path, gpuId FROM server WHERE $of_this_node" | db
}

names() {
    wanted | cut -f 1 | sed "s/.*/'&'/" | paste -s -d , -
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
}

# A new row whose name has a job running is busy with that job, or the queue manager would give it a second one.
changes() {
    echo 'START TRANSACTION;'
    for gpu in $gpus; do
        cat <<SQL
INSERT INTO server (name, huscript_path, status, job, gpuId)
    SELECT '$node $gpu', '$hucore', IF(MAX(id) IS NULL, 'free', 'busy'), MAX(process_info), $gpu
    FROM job_queue WHERE server = '$node $gpu' AND status = 'started'
    ON DUPLICATE KEY UPDATE name = VALUES(name), huscript_path = VALUES(huscript_path), gpuId = VALUES(gpuId);
SQL
    done
    cat <<SQL
DELETE FROM server WHERE $of_this_node AND name NOT IN ($(names)) AND status <> 'busy'
    AND name NOT IN (SELECT COALESCE(server, '') FROM job_queue WHERE status IN ('started', 'kill'));
COMMIT;
SQL
}

ensure() {
    changes | db
    left=$(echo "SELECT name FROM server WHERE $of_this_node AND name NOT IN ($(names))" | db)
    [ -z "$left" ] || fail "there is a job on $(said "$left"), which is no longer described" "run this again when it has ended"
    # The first row is what the queue manager waited for.
    start_queue_manager
}
