# shellcheck shell=sh
# The web server shows HRM's pages and nothing of HRM's inner folders, which hold the password of the database. Its user is in the account's group, and so are
# its running processes, which look at groups only when they start; it joins when the folders are seen to be closed. Apache as Debian ships it does not read
# HRM's .htaccess files (AllowOverride None), nginx never does.
# shellcheck disable=SC2154 # of stranger.sh
# user, group: HRM's account. web_user: the web server's user. hrm_path: HRM's tree. image_folder, log_folder: HRM's folders. guard: `yes` where a file of our
# own closes the folders in Apache. has_site: `yes` where the step `site` has a site of ours there. names: of the web host, for people, one a line. url_path: of HRM's pages. ports: by which people come to them, one a line.
: "${ports?}" "${user:?}" "${group:?}" "${web_user:?}" "${hrm_path:?}" "${image_folder:?}" "${log_folder:?}" "${guard:?}" "${has_site:?}" "${names:?}" "${url_path?}"

# Apache's folder for pieces of configuration; none where there is no Apache, or we are to keep out of it.
find_apache_folder() {
    [ "$guard" = yes ] || return 0
    for folder in /etc/apache2/conf-available /etc/httpd/conf.d; do
        # Packages of other things leave pieces for an Apache that is not there.
        [ ! -d "$folder" ] || { [ "$folder" = /etc/apache2/conf-available ] && [ ! -d /etc/apache2/conf-enabled ]; } || {
            echo "$folder"
            return 0
        }
    done
}

apache_folder=$(find_apache_folder)
site_files='/etc/apache2/sites-enabled/pulumi-hrm.conf /etc/apache2/sites-available/pulumi-hrm.conf /etc/apache2/pulumi-hrm'
guard_file=$apache_folder/pulumi-hrm.conf
# A site may have its root behind a link, or where the link leads.
make_trees() {
    paths=$(spellings "$hrm_path" | alternatives)
    case $paths in *'|'*) echo "($paths)" ;; *) echo "$paths" ;; esac
}

trees=$(make_trees)
# For every site, and after what sites say of folders.
guard_text="# Written by pulumi-hrm: change the description of the cluster (webServer.guard), not this file.
# HRM's inner folders hold the password of the database, and programs that only the host itself may run.
<DirectoryMatch \"^$trees/$pattern\">
    Require all denied
</DirectoryMatch>
# Wherever it is copied to.
<FilesMatch \"^hrm_(server_|client_)?config[.]inc\">
    Require all denied
</FilesMatch>
"
# Of the step `release`.
[ ! -d "$hrm_path.d" ] || guard_text="$guard_text# HRM's releases and the site's own files are shown through the link to the release that is in use.
<DirectoryMatch \"^$(echo "$hrm_path.d" | alternatives)(/|\$)\">
    Require all denied
</DirectoryMatch>
"

# Whether Apache reads the guard: Debian's has a folder of links for that.
is_enabled() {
    case $apache_folder in */conf-available) [ -e /etc/apache2/conf-enabled/pulumi-hrm.conf ] ;; esac
}

# The services among apache2, httpd and php-fpm with a process of the web server's user that is not in the group yet.
stale() {
    know_group
    ps -o pid=,comm= -u "$web_user" | while read -r pid program; do
        case $program in apache2* | httpd* | php-fpm*) ;; *) continue ;; esac
        ! lacks_group "$pid" "$gid" || ps -o unit= -p "$pid"
    done | sort -u | grep '\.service$'
}

# lacks_group PID NUMBER: a process that has ended lacks nothing.
lacks_group() {
    while read -r key of; do
        [ "$key" = Groups: ] || continue
        case " $of " in *[[:space:]]"$2"[[:space:]]*) return 1 ;; *) return 0 ;; esac
    done 2>/dev/null <"/proc/$1/status"
    return 1
}

# Web servers that somebody wants to run, and that do not.
failed() {
    systemctl show -p Id,ActiveState,UnitFileState apache2.service httpd.service nginx.service 2>/dev/null | awk -F = '
        { has[$1] = $2 }
        /^$/ { tell() }
        END { tell() }
        function tell() { if (has["ActiveState"] == "failed" && has["UnitFileState"] ~ /^(enabled|enabled-runtime|static|alias|indirect|generated)$/) print has["Id"]; split("", has) }' | sort -u
}

# Of HRM's, where the web server's user cannot write.
# shellcheck disable=SC2016
closed_folders() {
    as "$web_user" sh -c 'for folder in "$@"; do [ -w "$folder" ] || echo "$folder"; done' sh "$image_folder" "$log_folder" ||
        printf '%s\n' "$image_folder" "$log_folder"
}

check() {
    for unit in $(failed); do
        differs "$unit: has failed, want it to run"
    done
    if [ -n "$apache_folder" ]; then
        file_differs "$guard_file" root root 644 "$guard_text"
        is_enabled || differs "$guard_file: not enabled in Apache, want it" "enables $guard_file in Apache"
    fi
    ! has_old_site || differs "Apache's site pulumi-hrm: there, want none, since it is not described any more"
    is_served || return 0
    look_at_web
    obstacles | while IFS= read -r line; do follows "$line"; done
    [ -z "$unasked" ] || follows "what else the web server shows stays unseen: it could not be asked all in $budget s ($(said "$unasked"))"
    if [ "$open" = no-answer ]; then
        differs "$(said "$(running)") does not answer by any name, want it to: what it shows to everybody could not be seen"
    elif [ -n "$open" ]; then
        printf '%s\n' "$open" | while IFS= read -r line; do differs "$line: open to everybody, want it closed"; done
    fi
    [ -n "$(running)" ] || return 0
    in_group "$web_user" || differs "groups of $web_user: without $group, want it" "adds $web_user to group $group"
    for unit in $(stale); do
        differs "$unit: runs without group $group, wants a restart"
    done
    ! in_group "$web_user" || closed_folders | while IFS= read -r folder; do
        differs "$folder: $web_user cannot write there, want it to"
    done
}

remark() {
    if is_served; then
        obstacles | while IFS= read -r line; do progress "$line"; done
    else
        progress "no web server runs on this host: HRM's pages are served to nobody"
    fi
}

apache_unit() {
    case $apache_folder in /etc/httpd/*) echo httpd.service ;; *) echo apache2.service ;; esac
}

# Written, but perhaps not read yet: a run may end in between, or at somebody's mistake in the configuration.
guard_due=$state/guard-not-loaded

put_guard() {
    [ ! -e "$guard_due" ] && [ -z "$(file_differs "$guard_file" root root 644 "$guard_text")" ] && is_enabled && return 0
    : >"$guard_due"
    printf '%s' "$guard_text" | write_file "$guard_file" root root 644
    is_enabled || ln -sfn ../conf-available/pulumi-hrm.conf /etc/apache2/conf-enabled/pulumi-hrm.conf
    ! systemctl is-active --quiet "$(apache_unit)" || with_good_configuration "$(apache_unit)" reload
    rm -f "$guard_due"
}

# The same of a site, as the step `site` marks it.
site_due=$state/site-not-loaded

# Of an earlier description.
has_old_site() {
    # shellcheck disable=SC2086
    [ "$has_site" = no ] && { [ -e "$site_due" ] || [ -n "$(ls -d $site_files 2>/dev/null)" ]; }
}

remove_old_site() {
    : >"$site_due"
    # shellcheck disable=SC2086
    rm -rf $site_files
    ! systemctl is-active --quiet apache2.service || with_good_configuration apache2.service reload
    rm -f "$site_due"
}

# The lines for each web server that runs.
way_out() {
    for server in $(running) $(others_that_listen); do
        case $server in
        nginx)
            progress "nginx, in each server block, before other locations: location ~ ^$url_path/$pattern { deny all; }"
            [ ! -d "$hrm_path.d" ] || progress "and: location ^~ $url_path.d/ { deny all; }"
            ;;
        apache2 | httpd)
            if [ -n "$apache_folder" ]; then
                progress "Apache reads $guard_file, but a link or a copy leads past it, or another section opens it again (<Location>, <If>): take the link or copy away, or that section's 'Require all granted'"
            else
                progress "Apache, outside of sites: <DirectoryMatch \"^$trees/$pattern\"> Require all denied </DirectoryMatch>"
            fi
            ;;
        *) progress "$server: deny what matches ^$url_path/$pattern" ;;
        esac
    done
}

refuse_open() {
    look_at_web
    [ -z "$unasked" ] || progress "in $budget s the web server could not be asked all: $(said "$unasked")"
    [ -n "$open" ] || return 0
    [ "$open" != no-answer ] ||
        fail "the web server ($(said "$(running)")) does not answer by any name, so nobody knows what it shows to everybody" \
            "look at it, and run this again; or, where HRM's pages are not to be served, stop it"
    printf '%s\n' "$open" | while IFS= read -r line; do progress "open to everybody: $line"; done
    case $open in *"($image_folder is served)"* | *"($log_folder is served)"*)
        progress "take away what leads to $image_folder and $log_folder there (an alias, a root): HRM itself shows people their own images, and nobody its log"
        ;;
    esac
    printf '%s\n' "$open" | grep -qvE "\(($image_folder|$log_folder) is served\)\$" ||
        fail "the images or the log of HRM are on the web" "do that, then run this again"
    way_out
    fail "HRM's inner folders are on the web, the password of the database with them" "add the lines above, then run this again"
}

# As whom they and PHP run, but for root, which starts them.
web_users() {
    ps -eo user:32=,comm= | awk -v programs="^($servers|php-fpm[0-9.]*|php-cgi[0-9.]*)\$" '$2 ~ programs && $1 != "root" { print $1 }' | sort -u
}

# Another account would get into HRM's group for nothing. PHP may start its processes on demand only.
is_of_web_server() {
    web_users | grep -qxF -e "$web_user" ||
        grep -rqsE "^[[:space:]]*user[[:space:]]*=[[:space:]]*${web_user}[[:space:]]*\$" /etc/php/*/fpm/pool.d /etc/php-fpm.d
}

refuse_user() {
    getent passwd "$web_user" >/dev/null || fail "there is no user $web_user" "name the user of the web server with webServerUser"
    may_join "$web_user"
    [ -z "$(running)" ] || is_of_web_server ||
        fail "no web server runs as $web_user, but as $(said "$(web_users)")" "name that user with webServerUser; nothing was changed"
}

ensure() {
    budget=60
    [ -z "$(running)$(failed)" ] || refuse_user
    for unit in $(failed); do
        systemctl reset-failed "$unit"
        with_good_configuration "$unit" start
    done
    ! has_old_site || remove_old_site
    [ -z "$apache_folder" ] || put_guard
    ! is_served || refuse_open
    [ -n "$(running)" ] || return 0
    join "$web_user"
    for unit in $(stale); do
        progress "restarting $unit, so that it joins group $group"
        with_good_configuration "$unit" restart
    done
    # Now it could read them.
    refuse_open
    closed_folders | while IFS= read -r folder; do
        fail "$web_user cannot write into $folder, though it is in group $group" "look at its owner, its mode, its mount, and those of the folders above it"
    done
}
