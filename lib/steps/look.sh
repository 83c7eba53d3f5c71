# shellcheck shell=sh
# For the step that proves a node: what the queue manager needs of a node that answers, seen in one login as HRM's account, at each look.
# user, node, hucore, hrm_path, image_folder, public_keys, from, min_free_gb, login_seconds, shared: as in link.sh, which also has `on_node`.
: "${user:?}" "${node:?}" "${hucore:?}" "${hrm_path:?}" "${public_keys:?}" "${state:?}" "${tab:?}" "${newline:?}" "${image_folder:?}" "${from:?}" "${min_free_gb:?}" "${login_seconds:?}" "${shared:?}"

tcl=$hrm_path/scripts/hucore.tcl

# Where the account's key stands on the node, as the step `access` has noted it; whence the node's sshd sees this host; from where it accepts the key.
blob=${public_keys%%"$newline"*}
blob=${blob#* }
blob=${blob%% *}
keys_file="file=\$(cat '$state/keys-of-$user' 2>/dev/null || echo ~/.ssh/authorized_keys)"
look_whence="$keys_file; echo \"whence \${SSH_CONNECTION%% *} \$(grep -F ' $blob' \"\$file\" 2>/dev/null | sed -n 's/^from=\"\([^\"]*\)\",restrict .*/\1/p' | head -n 1)\""

# Every login costs both hosts a tenth of a second, so one tells all. Lines begin with what they are about; the first one is what HRM would read of a job.
look="echo hrm-cluster
    for name in sha256sum stat find df awk ps ls free; do command -v \$name >/dev/null || echo \"missing \$name\"; done
    echo \"tcl \$(sha256sum <'$tcl' 2>/dev/null || echo none)\"
    echo \"hucore \$(stat -Lc '%s %Y' '$hucore' 2>&1)\"
    echo \"driver \$(cat /sys/module/nvidia/version 2>/dev/null || echo none)\"
    [ -w '$image_folder' ] && [ -x '$image_folder' ] || echo 'closed yes'
    find '$image_folder' -mindepth 1 -maxdepth 1 -type d ! -writable -printf 'folder %f\n' 2>/dev/null
    echo \"free \$(df -Pk '$image_folder' 2>/dev/null | awk 'NR == 2 { print \$4 }')\"
    [ $from = no ] || { $look_whence; }
    echo end"

# Leaves `now`, hundredths of a second. The clock may be set meanwhile.
look_at_time() {
    read -r up _ </proc/uptime
    now=${up%.*}${up#*.}
}

# stamp: what it reads, with the time at which the login was there.
stamp() {
    while IFS= read -r line; do
        printf '%s\n' "$line"
        [ "$line" != hrm-cluster ] || {
            look_at_time
            echo "there $now"
        }
    done
}

# hear KEY: leaves in `heard` what the node said about it, a line for each.
hear() {
    heard=
    while IFS= read -r line; do
        case $line in "$1 "*) heard=$heard${heard:+$newline}${line#"$1 "} ;; esac
    done <<END
$on_the_node
END
}

# The login may be slow once because this host or the node is busy, which HRM survives as little; but that is no state of the node.
look_at_node() {
    for attempt in 1 2 3; do
        look_at_time
        begun=$now
        # What ssh says is told apart from what the login says.
        on_the_node=$({ { on_node "$look" 2>&1 >&4 4>&- | sed 's/^/ssh /'; } 4>&1; } | stamp)
        hear_ends
        [ "$last_line" = end ] || return
        ! is_slow || [ "$attempt" = 3 ] || continue
        return 0
    done
}

# Leaves `first_line` and `last_line` of what the login said.
hear_ends() {
    first_line='' last_line=
    while IFS= read -r line; do
        case $line in "ssh "*) continue ;; esac
        first_line=${first_line:-$line} last_line=$line
    done <<END
$on_the_node
END
}

is_slow() {
    hear there
    there=$heard
    [ -n "$there" ] && [ $((there - begun)) -gt $((login_seconds * 100)) ]
}

seconds_of_login() {
    echo "$((there - begun))" | sed 's/^\(.\)$/0\1/; s/\(..\)$/.\1/; s/^[.]/0./'
}

# Each with what to do about it, after a tab: what the look finds that no call of HRM's survives, and nothing here can repair.
ails() {
    hear_ends
    case $first_line in '' | hrm-cluster) ;; *)
        echo "the login shell of $user prints a greeting, which HRM takes for an answer: $(said "$first_line")${tab}make the shell's start files on $node print nothing when they are not on a terminal"
        ;;
    esac
    ! is_slow ||
        echo "a login takes $(seconds_of_login) s, and HRM's queue manager waits for $login_seconds${tab}look at what a login does on $node (pam, UseDNS of sshd, the shell's start files); a slower one makes HRM send jobs twice"
    hear missing
    missing=$heard
    [ -z "$missing" ] || echo "a login of $user does not find: $(said "$missing")${tab}look at the PATH that the shell's start files set on $node"
    way_out="check its owner, mode, mount and free space"
    [ "$shared" = no ] || way_out="mount the shared storage there on both hosts; $user needs the same number on both"
    hear closed
    [ -z "$heard" ] || echo "$image_folder: $user cannot write there${tab}$way_out"
    hear free
    free=$heard
    [ -n "$missing" ] || [ "${free:-0}" -ge $((min_free_gb * 1048576)) ] ||
        echo "$image_folder: $((${free:-0} / 1024)) MB free, want $min_free_gb GB${tab}make room there, or describe less with storage.minFreeGb"
    hear folder
    [ -z "$heard" ] || folders_of_users | while IFS= read -r name; do
        echo "$image_folder/$name: $user cannot write there, where HRM puts the images of its user $name${tab}give it back to $user: what is in it stays as it is"
    done
}

# Of the folders that the account may not write, those of HRM's users. Others are nobody's business.
folders_of_users() {
    users=$(echo "SELECT name FROM username" | db)
    printf '%s\n' "$heard" | grep -xF -e "$users" || :
}
