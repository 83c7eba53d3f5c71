# shellcheck shell=sh
# The queue manager reaches this node: its host key is pinned, hucore.tcl is there, and exactly the calls that the queue manager will make have
# succeeded, as its user. In copy mode the node's image folder has been proven to be another one than the web host's, since HRM would destroy
# the users' data otherwise.
# user: HRM's account. hrm_path: HRM's tree. node: HRM's name of the node. hucore: path on the node. image_folder: on both.
# key_version: of the key that has to work; public_keys: it and earlier ones, one a line. shared: `yes` where both image folders are one, on storage that the hosts share.
# from: `yes` where the node accepts the key from the web host's addresses alone. ssh_config, known_hosts: the text of the node's two files. ping_command, ping_parameter: HRM's variables of these names.
: "${user:?}" "${hrm_path:?}" "${node:?}" "${hucore:?}" "${image_folder:?}" "${ssh_config:?}" "${known_hosts:?}" "${ping_command:?}" "${ping_parameter?}"
: "${key_version:?}" "${public_keys:?}" "${shared:?}" "${from:?}" "${state:?}" "${scratch?}"

tcl=$hrm_path/scripts/hucore.tcl
# Files are named in lower case, as HRM compares names without case.
file=$(lower "$node")
proof=$state/proof-of-link-$file
marker=$image_folder/.hrm-cluster-$file

# on_node COMMAND [OPTION…]: as HRM's queue manager calls it; ssh reads from /dev/null, or it would eat this script.
on_node() {
    command=$1
    shift
    as "$user" ssh "$@" -o ConnectTimeout=5 "$user@$node" "$command" </dev/null
}

# What the proof is about: it is due again when any of this changes, and hucore itself when somebody replaces it.
subject() {
    printf '%s\n' "$node $user $hrm_path $hucore $image_folder $key_version $shared" "$known_hosts" "$ssh_config"
    printf '%s\n' "$on_the_node"
}

# Every login costs both hosts a tenth of a second, so one tells all: the checksum of hucore.tcl, then size and time of hucore.
look="sha256sum <'$tcl' 2>/dev/null || echo none; stat -Lc '%s %Y' '$hucore' 2>&1"

# Where the account's key stands on the node, as the step `access` has noted it; whence the node's sshd sees this host; from where it accepts the key.
blob=$(printf '%s\n' "$public_keys" | head -n 1 | cut -d ' ' -f 2)
keys_file="file=\$(cat '$state/keys-of-$user' 2>/dev/null || echo ~/.ssh/authorized_keys)"
look_whence="$keys_file; echo \"\${SSH_CONNECTION%% *} \$(grep -F ' $blob' \"\$file\" 2>/dev/null | sed -n 's/^from=\"\([^\"]*\)\",restrict .*/\1/p' | head -n 1)\""

look_at_node() {
    on_the_node=$(on_node "$look")
}

# Where the key has to be bound to this host's addresses, whether it is.
look_whence() {
    [ "$from" = yes ] || return 0
    whence=$(on_node "$look_whence") || unreachable "$node"
    address=${whence%% *} accepted=${whence#* }
    case ",$accepted," in *",$address,"*) ;; *) differs "$node: accepts the key from ${accepted:-anywhere}, want $address" ;; esac
}

check() {
    group=$(id -gn "$user")
    files=$(
        file_differs "$(ssh_folder)/$file.conf" "$user" "$group" 600 "$ssh_config"
        file_differs "$(ssh_folder)/$file.known_hosts" "$user" "$group" 600 "$known_hosts"
    )
    # Without them there is no way to the node.
    if [ -n "$files" ]; then
        echo "$files"
        return 0
    fi
    look_at_node 2>/dev/null || unreachable "$node"
    [ "$(echo "$on_the_node" | head -n 1)" = "$(sha256sum <"$tcl")" ] || differs "$node:$tcl: not the web host's hucore.tcl"
    subject | cmp -s - "$proof" || differs "$node: the queue manager's calls have not been proven since the last change"
    look_whence
}

is_known() {
    getent hosts "$node" >/dev/null ||
        fail "the web host does not know the name $node" "let it resolve there, by DNS or /etc/hosts: HRM's queue manager goes by this name"
}

answers_ping() {
    progress "$ping_command $node $ping_parameter"
    # shellcheck disable=SC2086
    answer=$(as "$user" $ping_command "$node" $ping_parameter 2>&1) ||
        fail "$node does not answer ping: $(said "$answer")" \
            "HRM pings a node before each job; let ICMP echo through"
}

# In copy mode HRM puts a job's files onto themselves where both folders are one, and deletes what it finds after the job; in shared mode it finds
# nothing where they are two. Each side writes a marker and looks for the other's; equal machine-ids or addresses would prove nothing.
ask_node() {
    progress "ssh $user@$node, comparing $image_folder of both hosts"
    scratch_folder
    token=$(od -An -N8 -tx1 /dev/urandom | tr -d ' ')
    echo "$token" | as "$user" tee "$marker.web" >/dev/null ||
        fail "$user cannot write into $image_folder on the web host" "check its owner, mode and free space"
    ssh_ends_with=0
    answer=$(as "$user" ssh -v -f "$user@$node" "echo hrm-cluster; $look
        { echo $token >'$marker.node'; } 2>&1 && echo written; cat '$marker.web' 2>/dev/null" 2>"$scratch/ssh" </dev/null) || ssh_ends_with=$?
    here=$(as "$user" cat "$marker.node" 2>/dev/null) || :
    as "$user" rm -f "$marker.web"
}

# answered LINE: of what the node said.
answered() {
    printf '%s\n' "$answer" | sed -n "$1p"
}

answers_ssh() {
    [ "$ssh_ends_with" = 0 ] || {
        words=$(said "$(grep -v ^debug1 "$scratch/ssh" | tail -n 2)")
        way_out="check its sshd, the firewall, and the argument hostKey of the node"
        # An address whose logins were refused is turned away for a while (OpenSSH 9.8 and later), also when the key is back.
        case $words in
        *"onnection reset"* | *"onnection closed"* | *"Not allowed at this time"*)
            way_out="$way_out; or wait some minutes, where its sshd penalises refused logins (PerSourcePenalties), and run this again"
            ;;
        esac
        [ "$from" = no ] || way_out="$way_out; or, where this host has got another address, set authorizedKeys.from to false for one run"
        fail "ssh to $node fails: $words" "$way_out"
    }
    # During a rotation an earlier key works as well.
    grep -qF "Server accepts key: $(ssh_folder)/key-$key_version " "$scratch/ssh" ||
        refuse "$node does not accept key $key_version of the cluster" "look at authorized_keys of $user on $node"
    [ "$(answered 1)" = hrm-cluster ] ||
        refuse "the login shell of $user on $node prints a greeting, which HRM takes for an answer: $(said "$(answered 1)")" \
            "make the shell's start files on $node print nothing when they are not on a terminal"
}

are_folders_of_the_mode() {
    way_out="check its owner, mode and free space"
    [ "$shared" = no ] || way_out="mount the shared storage there on both hosts; $user needs the same number on both"
    [ "$(answered 4)" = written ] || refuse "$user cannot write into $image_folder on $node: $(said "$(answered 4)")" "$way_out"
    case "$shared $(answered 5) $here" in
    yes*"$token"*"$token"*) ;;
    yes*) refuse "$image_folder on $node is not the web host's" "mount the shared storage there on both hosts, or leave storage.shared out" ;;
    *"$token"*)
        refuse "$image_folder on $node is the web host's own folder: in copy mode HRM would destroy the images in it" \
            "a node needs an image folder of its own, and must not be the web host under another name"
        ;;
    esac
}

refuse() {
    on_node "rm -f '$marker.node'" >/dev/null 2>&1 || :
    fail "$@"
}

# By sftp, as HRM copies images.
transfer() {
    progress "sftp $user@$node"
    answer=$({
        printf -- '-rm "%s"\n' "$marker.node"
        [ "$(answered 2)" = "$(sha256sum <"$tcl")" ] || printf 'put "%s" "%s"\nrename "%s" "%s"\n' "$tcl" "$tcl.new" "$tcl.new" "$tcl"
    } | as "$user" sftp -b - "$user@$node" 2>&1) ||
        refuse "hucore.tcl cannot be copied to $tcl on $node: $(said "$(echo "$answer" | grep -v '^sftp>')")" \
            "sftp must work for $user there, and the folder be writable by it or hold the web host's hucore.tcl already"
}

answers_as_hucore() {
    progress "asking hucore for its version"
    ask_hucore "$node" "$hucore" ||
        fail "$hucore on $node does not answer as HRM needs: $(said "$answer")" "run it by hand on $node as $user; check its licence"
}

# One name may have addresses of both kinds, and ssh takes either: the node is asked over each.
addresses_seen() {
    for family in 4 6; do
        # shellcheck disable=SC2016
        on_node 'echo "${SSH_CONNECTION%% *}"' -$family 2>/dev/null || :
    done | grep -xE '[0-9A-Fa-f:.]+' | sort -u | tr '\n' ',' | sed 's/,$//'
}

bind_key() {
    addresses=$(addresses_seen)
    progress "the key on $node is accepted from $addresses alone"
    answer=$(on_node "$keys_file; umask 077; awk -v blob=' $blob' -v from='$addresses' '
        { at = index(\$0, \"restrict \") }
        at && index(\$0, blob) && (at == 1 || /^from=\"[^\"]*\",restrict /) { \$0 = \"from=\\\"\" from \"\\\",\" substr(\$0, at) }
        { print }' \"\$file\" >\"\$file.hrm-new\" && mv -f \"\$file.hrm-new\" \"\$file\"" 2>&1) ||
        fail "the key on $node cannot be bound to $addresses: $(said "${answer##*: }")" \
            "put from=\"$addresses\", in front of the line that ends in hrm-cluster, in the file with the keys of $user there ('sshd -T -C user=$user'), or set authorizedKeys.from to false"
}

ensure() {
    is_known
    group=$(id -gn "$user")
    printf '%s' "$ssh_config" | write_file "$(ssh_folder)/$file.conf" "$user" "$group" 600
    printf '%s' "$known_hosts" | write_file "$(ssh_folder)/$file.known_hosts" "$user" "$group" 600
    # Meanwhile, since it takes half a second.
    answers_ping &
    ping=$!
    ask_node
    answers_ssh
    are_folders_of_the_mode
    on_the_node=$(sha256sum <"$tcl"; answered 3)
    transfer
    answers_as_hucore
    wait "$ping" || exit 1
    [ "$from" = no ] || bind_key
    # What is on the node now is compared with this in the check that follows.
    subject | write_file "$proof" root root 644
}

# For `destroy --target`. Where the node has left the description, or is in maintenance, the proof is gone.
undo() {
    [ -e "$proof" ] || return 0
    rows=$(echo "SELECT COUNT(*) FROM server WHERE SUBSTRING_INDEX(name, ' ', 1) = '$node'" | db)
    [ "$rows" = 0 ] ||
        fail "HRM has rows of $node still, so the queue manager keeps its access" "destroy them with it: 'pulumi destroy --target … --target-dependents'"
    forget "$file" '' "$public_keys"
    rm -f "$proof"
}
