# shellcheck shell=sh
# The queue manager reaches this node: its host key is pinned, hucore.tcl is there, and exactly the calls that the queue manager will make have
# succeeded, as its user. In copy mode the node's image folder has been proven to be another one than the web host's, since HRM would destroy
# the users' data otherwise.
# shellcheck disable=SC2154,SC2034 # of look.sh
# user: HRM's account. hrm_path: HRM's tree. node: HRM's name of the node. hucore: path on the node. image_folder: on both.
# key_version: of the key that has to work; public_keys: it and earlier ones, one a line. shared: `yes` where both image folders are one, on storage that the hosts share.
# from: `yes` where the node accepts the key from the web host's addresses alone. ssh_config, known_hosts: the text of the node's two files. ping_command, ping_parameter: HRM's variables of these names.
# described: checksum of what is to be proven. gpus: numbers, one a line; -1 is the CPU. min_free_gb: what has to be free in the image folder. login_seconds: how long HRM waits for a login (lib/hosts/pace.ts).
: "${user:?}" "${hrm_path:?}" "${node:?}" "${hucore:?}" "${image_folder:?}" "${ssh_config:?}" "${known_hosts:?}" "${ping_command:?}" "${ping_parameter?}"
: "${key_version:?}" "${public_keys:?}" "${shared:?}" "${from:?}" "${gpus:?}" "${min_free_gb:?}" "${login_seconds:?}" "${state:?}" "${scratch?}" "${described:?}" "${drain_seconds:?}"

# Files are named in lower case, as HRM compares names without case.
file=$(lower "$node")
proof=$state/proof-of-link-$file
marker=$image_folder/.hrm-cluster-$file

# One login does for what follows it in a proof, since each costs both hosts a tenth of a second: ssh's options are in `via` then (hrm.sh). It ends with the step, or by
# itself where that is cut off. `ssh -f`, as HRM has it, would make the login and forget the command (OpenSSH 9.2); hucore is asked that way.
share_login() {
    shared_login=$locks/ssh-$(printf '%s' "$file" | cksum | cut -d ' ' -f 1)
    rm -rf "$shared_login"
    mkdir -m 0700 "$shared_login"
    chown "$user" "$shared_login"
    via="-o ControlPath=$shared_login/socket"
}

at_end() {
    [ -n "$via" ] || return 0
    # shellcheck disable=SC2086
    as "$user" ssh $via -O exit "$user@$node" >/dev/null 2>&1 </dev/null || :
    via=
    rm -rf "$shared_login"
}

# on_node COMMAND [OPTION…]: as HRM's queue manager calls it; ssh reads from /dev/null, or it would eat this script.
# shellcheck disable=SC2086
on_node() {
    command=$1
    shift
    as "$user" ssh $via "$@" -o ConnectTimeout=5 "$user@$node" "$command" </dev/null
}

# What the proof is about: it is due again when any of this changes, and hucore itself when somebody replaces it, or the driver of its GPUs.
subject() {
    printf '%s\n' "$described"
    for key in tcl hucore driver; do
        hear $key
        echo "$key $heard"
    done
}

check() {
    group=$(id -gn "$user")
    files=$(
        file_differs "$ssh_folder/$file.conf" "$user" "$group" 600 "$ssh_config"
        file_differs "$ssh_folder/$file.known_hosts" "$user" "$group" 600 "$known_hosts"
    )
    # Without them there is no way to the node.
    if [ -n "$files" ]; then
        echo "$files"
        return 0
    fi
    if ! knows_name; then
        differs "the name $node: does not resolve on the web host, want it to"
        return 0
    fi
    # Meanwhile, since it takes half a second.
    pings >/dev/null 2>&1 &
    ping=$!
    look_or_say_why
    ails | while IFS=$tab read -r what _; do differs "$node: $what"; done
    wait "$ping" || {
        # Where it has died meanwhile, that is it, and not what HRM would find.
        look_or_say_why
        differs "$node: does not answer ping, and HRM pings a node before each job"
    }
    has_our_tcl || hear missing
    [ -n "$heard" ] || differs "$node:$tcl: not the web host's hucore.tcl"
    subject | cmp -s - "$proof" || differs "$node: the queue manager's calls have not been proven since the last change" "proves the queue manager's calls of $node"
    [ "$from" = no ] || look_whence
}

has_our_tcl() {
    hear tcl
    [ "$heard" = "$(sha256sum <"$tcl")" ]
}

look_or_say_why() {
    look_at_node || {
        hear ssh
        unreachable "$node" "$(said "$(printf '%s\n' "$heard" | grep '[^[:space:]]' | tail -n 2)")"
    }
}

# Where the key has to be bound to this host's addresses, whether it is.
look_whence() {
    hear whence
    address=${heard%% *} accepted=${heard#* }
    case ",$accepted," in *",$address,"*) ;; *) differs "$node: accepts the key from ${accepted:-anywhere}, want $address" ;; esac
}

knows_name() {
    getent hosts "$node" >/dev/null
}

is_known() {
    knows_name ||
        fail "the web host does not know the name $node" "let it resolve there, by DNS or /etc/hosts: HRM's queue manager goes by this name"
}

# shellcheck disable=SC2086
pings() {
    as "$user" $ping_command "$node" $ping_parameter
}

answers_ping() {
    progress "$ping_command $node $ping_parameter"
    answer=$(pings 2>&1) ||
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
    share_login
    look_at_time
    begun=$now
    # shellcheck disable=SC2086
    on_the_node=$(as "$user" ssh -v $via -o ControlMaster=yes -o ControlPersist=60 "$user@$node" "$look
        said=\$({ echo $token >'$marker.node'; } 2>&1) && echo 'written yes' || echo \"written \${said##*: }\"
        sed 's/^/marker /' '$marker.web' 2>/dev/null" 2>"$scratch/ssh" </dev/null 9>&- | stamp)
    here=$(as "$user" cat "$marker.node" 2>/dev/null) || :
    as "$user" rm -f "$marker.web"
}

answers_ssh() {
    [ -n "$on_the_node" ] || {
        words=$(said "$(grep -v ^debug1 "$scratch/ssh" | grep '[^[:space:]]' | tail -n 2)")
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
    grep -qF "Server accepts key: $ssh_folder/key-$key_version " "$scratch/ssh" ||
        refuse "$node does not accept key $key_version of the cluster" "look at authorized_keys of $user on $node"
    # Only a look of its own tells whether a login is slow by itself.
    ! is_slow || {
        earlier=$on_the_node
        at_end
        look_at_node || :
        is_slow || on_the_node=$(printf '%s\n' "$earlier" | grep -v '^there ')
    }
    ails=$(ails)
    [ -z "$ails" ] || printf '%s\n' "$ails" | {
        IFS=$tab read -r what way_out
        refuse "$node: $what" "$way_out"
    }
}

are_folders_of_the_mode() {
    hear written
    [ "$heard" = yes ] || refuse "$user cannot write into $image_folder on $node: $(said "$heard")" "check its owner, mode and free space"
    hear marker
    case "$shared $heard $here" in
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
# shellcheck disable=SC2086
transfer() {
    progress "sftp $user@$node"
    answer=$({
        printf -- '-rm "%s"\n' "$marker.node"
        has_our_tcl || printf 'put "%s" "%s"\nrename "%s" "%s"\n' "$tcl" "$tcl.new" "$tcl.new" "$tcl"
    } | as "$user" sftp $via -b - "$user@$node" 2>&1) ||
        refuse "hucore.tcl cannot be copied to $tcl on $node: $(said "$(echo "$answer" | grep -v '^sftp>')")" \
            "sftp must work for $user there, and the folder be writable by it or hold the web host's hucore.tcl already"
}

answers_as_hucore() {
    progress "asking hucore for its version"
    ask_hucore "$node" "$hucore" ||
        fail "$hucore on $node does not answer as HRM needs: $(said "$answer")" "run it by hand on $node as $user; check its licence"
    note_version "$node"
}

# A driver update may take one away. Each of its jobs would fail.
has_gpus() {
    names_gpus "$node" "$hucore" "$gpus" ||
        fail "$hucore on $node does not name GPU $unnamed: $(said "$answer")" "look at nvidia-smi there, or describe with gpus those that it names"
}

# One name may have addresses of both kinds, and ssh takes either: the node is asked over each.
addresses_seen() {
    for family in 4 6; do
        # shellcheck disable=SC2016
        on_node 'echo "${SSH_CONNECTION%% *}"' -$family 2>/dev/null || :
    done | grep -xE '[0-9A-Fa-f:.]+' | sort -u | tr '\n' ',' | sed 's/,$//'
}

bind_key() {
    at_end
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
    printf '%s' "$ssh_config" | write_file "$ssh_folder/$file.conf" "$user" "$group" 600
    printf '%s' "$known_hosts" | write_file "$ssh_folder/$file.known_hosts" "$user" "$group" 600
    # Meanwhile, since it takes half a second.
    answers_ping &
    ping=$!
    ask_node
    answers_ssh
    are_folders_of_the_mode
    transfer
    answers_as_hucore
    has_gpus
    # What was put there.
    on_the_node=$(printf '%s\n' "$on_the_node" | grep -v '^tcl '; echo "tcl $(sha256sum <"$tcl")")
    wait "$ping" || exit 1
    [ "$from" = no ] || bind_key
    # What is on the node now is compared with this in the check that follows.
    keep_note "$proof" "$(subject)"
}

# For `destroy --target`; where all is destroyed, the registry may be about the same at this moment. The rows and the access of a node that has left the
# description are taken away by `departures`.
undo() {
    locked "$(drain_file "$node")" leave
}

leave() {
    [ -e "$proof" ] && serves "$node" || return 0
    drain_seconds=$(cat "$drain_time" 2>/dev/null || echo "$drain_seconds")
    (drain "$node" "SUBSTRING_INDEX(NAME, ' ', 1) = '$node'" yes)
    forget "$file" '' "$public_keys"
    rm -f "$proof"
}
