# shellcheck shell=sh
# The registry has exactly the described rows of these nodes, one for each GPU. Rows that stand keep what the queue manager wrote into them; rows that
# are no longer described are drained first. A node that has not proven itself with what is described now keeps the rows that it has.
# user: HRM's account. hrm_path: HRM's tree. nodes: a line each, apart by tabs: HRM's name of the node, path of hucore there, GPUs (numbers, apart by commas; -1
# is the CPU), checksum of what its proof is for. drain_seconds: how long jobs may take to end. settle_seconds: how long HRM's moments last.
: "${user:?}" "${hrm_path:?}" "${nodes?}" "${settle_seconds:?}" "${state:?}" "${tab:?}"

# each_node COMMAND: with node, hucore, gpus and described, and on standard output what that prints.
each_node() {
    while IFS=$tab read -r node hucore gpus described; do
        [ -z "$node" ] || "$1" </dev/null
    done <<NODES
$nodes
NODES
}

rows_of_node() {
    for gpu in $(echo "$gpus" | tr , ' '); do
        printf '%s %s\t%s\t%s\n' "$node" "$gpu" "$hucore" "$gpu"
    done
}

# Name, path, GPU.
wanted() {
    each_node rows_of_node
}

without_job="status = 'busy' AND NOT EXISTS
    (SELECT 1 FROM job_queue WHERE job_queue.server = server.name AND job_queue.status IN ('started', 'kill'))"

# Names, one a line before a tab, as a list of literals (`sql`).
quoted_names() {
    cut -f 1 | sed "s/[\\\\']/&&/g; s/.*/'&'/" | tr '\n' , | sed 's/,$//'
}

# SQL: name, path, GPU; and where the row is 'busy' without a job, what it says of its job.
rows_there() {
    cat <<SQL
SELECT name, huscript_path, gpuId, IF($without_job, CONCAT('job ', COALESCE(server.job, '')), '') FROM server
    WHERE SUBSTRING_INDEX(name, ' ', 1) IN ('', $(printf '%s\n' "$nodes" | quoted_names))
SQL
}

present() {
    rows_there | db
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
    stuck=$(stuck "$rows")
    [ -z "$stuck" ] || printf '%s\n' "$stuck" | while IFS=$tab read -r name _ _ job; do
        echo "UPDATE server SET status = 'free', job = NULL
            WHERE name = $(sql "$name") AND CONCAT('job ', COALESCE(job, '')) = $(sql "$job") AND $without_job" | db
    done
}

# Of the rows that are no longer described.
tell_surplus() {
    surplus=$(surplus_of_node | cut -f 1)
    [ -z "$surplus" ] || {
        jobs=$(running_jobs "job_queue.server IN ($(printf '%s\n' "$surplus" | quoted_names))")
        follows "rows of $node go: $(jobs_are_waited_for "$jobs"); they are: $(said "$surplus")"
    }
}

tell_parked() {
    [ ! -e "$(drain_file "$node")" ] || differs "server rows of $node: parked by a drain that did not end, want them free"
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
                line = "server row " name[key] ": found " found ", want " want
                does = found == "none" ? "makes server row " want : want == "none" ? "removes server row " found : line
                if (found != want) print line "\t" does
            }
        }' | sort | while IFS=$tab read -r line does; do differs "$line" "$does"; done
    each_node tell_surplus
    stuck=$(stuck "$rows")
    [ -z "$stuck" ] || printf '%s\n' "$stuck" | cut -f 1 | while IFS= read -r name; do
        differs "server row $name: busy without a job, want free"
    done
    each_node tell_parked
}

# By the link's proof, which names what it was made for; a run that was killed, and whose description had no such node, may have taken it away.
name_unproven() {
    proof=$state/proof-of-link-$(lower "$node")
    [ "$(lower "$node")" != localhost ] || proof=$state/proof-of-local-hucore
    [ "$(head -n 1 "$proof" 2>/dev/null)" = "$described" ] || echo "$node"
}

# Of this node's rows in `rows`, those that are not described: name and GPU. HRM takes one without a number for GPU 0.
surplus_of_node() {
    mine=$(rows_of_node | cut -f 1)
    printf '%s\n' "$rows" | awk -F '\t' -v node="$node" '
        { split($1, words, " ") }
        tolower(words[1]) == tolower(node) { print $1 "\t" ($3 == "NULL" ? 0 : $3) }' | while IFS=$tab read -r name gpu; do
        printf '%s\n' "$mine" | grep -qixF -e "$name" || printf '%s\t%s\n' "$name" "$gpu"
    done
}

# A row with another name may be of the same GPU, whose memory two jobs would share.
put_rows_of_node() {
    taken=$(surplus_of_node | cut -f 2)
    rows_of_node | while IFS=$tab read -r name path gpu; do
        among "$gpu" "$taken" || put_row "$name" "$path" "$gpu"
    done
}

# Prints what is there then.
put_rows() {
    {
        echo 'START TRANSACTION;'
        each_node put_rows_of_node
        echo 'COMMIT;'
        rows_there
    } | db
}

give_back_node() {
    [ ! -e "$(drain_file "$node")" ] || give_back "$node"
}

name_with_surplus() {
    [ -z "$(surplus_of_node)" ] || echo "$node"
}

drain_surplus() {
    keep=$(wanted | awk -F ' ' -v node="$1" '$1 == node' | quoted_names)
    drain "$1" "SUBSTRING_INDEX(NAME, ' ', 1) = '$1' AND NAME NOT IN ($keep)" no
}

# Earlier versions had a resource for the rows of each node, whose undo has to find that this one has taken over.
# shellcheck disable=SC2154 # of prelude.sh
take_over() {
    for earlier in "$state"/declared-rows-*; do
        [ ! -e "$earlier" ] || keep_note "$earlier" "$declared_by"
    done
}

# At the end, whether there was something to do or not.
remark() {
    take_over
    unproven=$(each_node name_unproven)
    refuse_unproven
}

refuse_unproven() {
    [ -z "$unproven" ] ||
        fail "not proven with the present description: $(said "$unproven"); what rows they have stay as they are" \
            "mend what their links say, or set maintenance on them, and run this again"
}

ensure() {
    take_over
    unproven=$(each_node name_unproven)
    # From here on, the others are all.
    nodes=$(printf '%s\n' "$nodes" | awk -F '\t' -v unproven="$(echo "$unproven" | tr '\n' ' ')" 'index(" " unproven, " " $1 " ") == 0')
    each_node give_back_node
    rows=$(present)
    rows=$(put_rows)
    free_stuck
    surplus=$(each_node name_with_surplus)
    failed=no
    if [ -n "$surplus" ]; then
        at_once drain_surplus "$surplus"
        rows=$(present)
        put_rows >/dev/null
    fi
    refuse_unproven
    [ "$failed" = no ] || exit 1
}
