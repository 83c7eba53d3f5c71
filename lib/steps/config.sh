# shellcheck shell=sh
# hrm_config.inc and hrm.conf are as described, and HRM's own check accepts them. What was there before the first change is kept beside them.
# The way in which images get to the nodes changes only while no node is in service.
# user, group: HRM's account. hrm_path: HRM's tree. hrm_config, hrm_conf: the text of the two files. directory_files: what HRM reads beside it to ask a
# directory for its users, one a line.
: "${directory_files?}" "${user:?}" "${group:?}" "${hrm_path:?}" "${hrm_config:?}" "${hrm_conf:?}" "${scratch?}" "${state:?}"

config=$hrm_path/config/hrm_config.inc

# HRM's checker reads the installed configuration before the one that it is given, so it gets a tree in which the new one is installed.
copy_of_tree() {
    # A small machine's /run may have no room for it.
    scratch_folder
    copy_parts || {
        rm -rf "$scratch"
        scratch_folder "$state"
        copy_parts || fail "HRM's tree cannot be copied to /run or $state, where its configuration is tried: $(said "$(printf '%s\n' "$answer" | tail -n 1)")" "look at the free space there; nothing was changed"
    }
    # As it is installed, but readable for the account.
    [ ! -e "$scratch/config/hrm_config.inc" ] || {
        mv "$scratch/config/hrm_config.inc" "$scratch/installed.inc"
        chgrp "$group" "$scratch/installed.inc"
        chmod 0640 "$scratch/installed.inc"
    }
    printf '%s' "$hrm_config" | write_file "$scratch/config/hrm_config.inc" root "$group" 640
    chgrp "$group" "$scratch"
    chmod 0750 "$scratch"
}

copy_parts() {
    mkdir "$scratch/config"
    for part in inc resources vendor config; do
        [ -d "$hrm_path/$part" ] || continue
        # One of them may be a link.
        answer=$(cp -aH "$hrm_path/$part" "$scratch/" 2>&1) || return 1
    done
}

accepted() {
    copy_of_tree
    answer=$(as "$user" php -l "$scratch/config/hrm_config.inc" 2>&1) || fail "PHP refuses hrm_config.inc: $(said "$answer")"
    answer=$(cd "$scratch/resources" && as "$user" php checkConfig.php "$scratch/config/hrm_config.inc" 2>&1 </dev/null) || :
    # It exits with 0 whatever it finds.
    case $answer in
    *"Check completed successfully!"*) ;;
    *) fail "HRM refuses the configuration: $(said "$(echo "$answer" | grep '^\*' || echo "$answer")")" "change it with the argument settings" ;;
    esac
    printf '%s' "$hrm_conf" | bash -n || fail "bash refuses hrm.conf"
}

# shellcheck disable=SC2016
way() {
    php_says 'include $argv[1]; fwrite($out, (int) $imageProcessingIsOnQueueManager . (int) $copy_images_to_huygens_server);' "$1" || :
}

# A node has proven itself for one way only. HRM destroys images where it copies them to a node that shares their folder. So the queue manager starts
# with the other way when the first node has proven itself for that. A database that cannot be asked has no rows for this configuration.
change_way() {
    rows=$(echo "SELECT COUNT(*) FROM server WHERE name <> 'localhost'" | db 2>/dev/null) || rows=0
    [ "$rows" = 0 ] ||
        fail "storage.shared, or a localhost that is the only node, changes while nodes are in service" \
            "set maintenance on every node and run 'pulumi up'; then change it, and take maintenance away"
    ! queue_manager_runs || systemctl stop hrmd.service
}

# Without them nobody gets in. They hold a site's own structure and a password, so a person writes them.
missing_files() {
    for file in $directory_files; do
        [ -f "$hrm_path/config/$file" ] || echo "$hrm_path/config/$file"
    done
}

check() {
    for file in $(missing_files); do differs "$file: not there, want it, since settings.authenticateAgainst needs it"; done
    file_differs "$config" root "$group" 640 "$hrm_config"
    file_differs /etc/hrm.conf root root 644 "$hrm_conf"
}

ensure() {
    missing=$(missing_files)
    [ -z "$missing" ] ||
        fail "there is no $(said "$missing"), which settings.authenticateAgainst needs" \
            "write it after HRM's sample in config/samples, for $group alone to read; or leave that way to authenticate out; nothing was changed"
    accepted
    [ ! -e "$config" ] || [ "$(way "$scratch/installed.inc")" = "$(way "$scratch/config/hrm_config.inc")" ] || change_way
    keep "$config"
    keep /etc/hrm.conf
    printf '%s' "$hrm_config" | write_file "$config" root "$group" 640
    printf '%s' "$hrm_conf" | write_file /etc/hrm.conf root root 644
}
