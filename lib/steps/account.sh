# shellcheck shell=sh
# The account that the queue manager and its jobs run as exists, is in its group and can run commands. On the web host the web
# server's user is in the group too, and so are its running processes, which look at groups only when they start.
# user, group: names. web_user: the web server's user; empty on a node.
: "${user:?}" "${group:?}" "${web_user?}"

in_group() {
    id -nG "$1" 2>/dev/null | tr ' ' '\n' | grep -qxF "$group"
}

can_run_commands() {
    case $(getent passwd "$user" | cut -d : -f 7) in */nologin | */false | '') return 1 ;; esac
}

# The services among apache2, httpd and php-fpm with a process of the web server's user that is not in the group yet.
stale_web_servers() {
    gid=$(getent group "$group" | cut -d : -f 3)
    for pid in $(ps -o pid=,comm= -u "$web_user" | awk '$2 ~ /^(apache2|httpd|php-fpm)/ { print $1 }'); do
        grep -q "^Groups:.*[[:space:]]$gid\([[:space:]]\|\$\)" "/proc/$pid/status" 2>/dev/null ||
            ps -o unit= -p "$pid"
    done | sort -u | grep '\.service$'
}

check() {
    getent group "$group" >/dev/null || differs "group $group: not there, want it"
    if ! getent passwd "$user" >/dev/null; then
        differs "user $user: not there, want it"
        return 0
    fi
    in_group "$user" || differs "groups of $user: without $group, want it"
    can_run_commands || differs "shell of $user: $(getent passwd "$user" | cut -d : -f 7), want one that runs commands"
    home=$(home_of "$user")
    if [ "$(stat -Lc '%F %U' "$home" 2>/dev/null)" != "directory $user" ]; then
        differs "home of $user: $home is not a folder of that user"
    elif ! writable "$home"; then
        differs "home of $user: $home is mounted read-only, want it writable"
    fi
    [ -n "$web_user" ] || return 0
    in_group "$web_user" || differs "groups of $web_user: without $group, want it"
    for unit in $(stale_web_servers); do
        differs "$unit: runs without group $group, wants a restart"
    done
}

ensure() {
    getent group "$group" >/dev/null || groupadd --system "$group"
    shell=/bin/bash
    [ -x "$shell" ] || shell=/bin/sh
    if ! getent passwd "$user" >/dev/null; then
        useradd --system --gid "$group" --create-home --shell "$shell" "$user"
    fi
    # An account that was there before keeps its number, its home and all that is in it.
    in_group "$user" || usermod --append --groups "$group" "$user"
    can_run_commands || usermod --shell "$shell" "$user"
    home=$(home_of "$user")
    if [ ! -e "$home" ]; then
        install -d -o "$user" -g "$group" -m 0750 "$home"
    fi
    writable "$home" || fail "$home, the home of $user, is mounted read-only" "mount it writable: ssh keys are kept there, and what hucore remembers of GPUs"
    [ -n "$web_user" ] || return 0
    getent passwd "$web_user" >/dev/null ||
        fail "there is no user $web_user" "install the web server on this host, or name its user with webServerUser"
    in_group "$web_user" || usermod --append --groups "$group" "$web_user"
    for unit in $(stale_web_servers); do
        progress "restarting $unit, so that it joins group $group"
        systemctl restart "$unit"
    done
}
