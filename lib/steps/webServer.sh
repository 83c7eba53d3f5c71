# shellcheck shell=sh
# The web server shows HRM's pages and nothing of HRM's inner folders, which hold the password of the database. Its user is in the account's group, and so are
# its running processes, which look at groups only when they start; it joins when the folders are seen to be closed. Apache as Debian ships it does not read
# HRM's .htaccess files (AllowOverride None), nginx never does.
# user, group: HRM's account. web_user: the web server's user. hrm_path: HRM's tree. image_folder, log_folder: HRM's folders. guard: `yes` where a file of our
# own closes the folders in Apache. names: of the web host, for people, one a line. url_path: of HRM's pages.
: "${user:?}" "${group:?}" "${web_user:?}" "${hrm_path:?}" "${image_folder:?}" "${log_folder:?}" "${guard:?}" "${names:?}" "${url_path?}"

servers='apache2|httpd|nginx|lighttpd|caddy'

# Which of them run.
# shellcheck disable=SC2009 # pgrep knows no whole names of several
running() {
    ps -eo comm= | grep -xE "$servers" | sort -u
}

# with_htaccess WORDS: the folders whose .htaccess says so, below HRM's tree.
with_htaccess() {
    find "$hrm_path" -maxdepth 5 -name .htaccess -exec grep -liE "^[[:space:]]*($1)" {} + 2>/dev/null | sed "s|^$hrm_path/||; s|/*\.htaccess\$||" | sort
}

# What HRM's .htaccess files close, and .git, which they hide by other means. Without what lies in another one of them.
find_inner() {
    {
        printf '%s\n' config inc setup bin run resources .git
        with_htaccess 'deny from all|require all denied'
    } | sort -u | while IFS= read -r folder; do
        [ -z "$folder" ] || [ ! -d "$hrm_path/$folder" ] || echo "$folder"
    done | awk '{ for (each in seen) if (index($0 "/", each "/") == 1) next; seen[$0] = 1; print }'
}

# Below them, what HRM's pages need and its .htaccess files open again: inc/extern/calendar.
find_opened() {
    with_htaccess 'allow from all|require all granted' | while IFS= read -r reopened; do
        printf '%s\n' "$inner" | while IFS= read -r folder; do
            case $reopened in "$folder"/*) echo "$reopened" ;; esac
        done
    done
}

# Lines as a part of a regular expression.
alternatives() {
    sed 's/[.+]/\\&/g' | tr '\n' '|' | sed 's/|$//'
}

# Of their paths below HRM's tree, for Apache and nginx.
make_pattern() {
    except=$(printf '%s' "$opened" | sed 's/$/(\/|$)/' | alternatives)
    printf '%s\n' "${except:+(?!$except)}($(printf '%s\n' "$inner" | alternatives))(/|\$)"
}

# Looked at once: the tree stays as it is meanwhile.
inner=$(find_inner)
opened=$(find_opened)
pattern=$(make_pattern)

# Where the web servers listen, else where one would.
ports() {
    found=$(ss -Hltnp 2>/dev/null | grep -E "\"($servers)\"" | awk '{ sub(/.*:/, "", $4); print $4 }' | sort -u)
    echo "${found:-80 443}"
}

all_names() {
    printf '%s\n' "$names" localhost "$(hostname)" nobodys.invalid
}

all_addresses() {
    echo 127.0.0.1
    hostname -I 2>/dev/null | tr ' ' '\n' | grep -v '^$' | head -n 4
}

# Under which paths HRM's tree may be: it is the site's root, or below it at any depth.
prefixes() {
    path=$hrm_path found=
    printf '%s\n' "$url_path"
    while [ "$path" != / ]; do
        printf '%s\n' "$found"
        found=/$(basename "$path")$found
        path=$(dirname "$path")
    done
}

# `FOLDER<tab>FILE`: with a file in it that is no program, where there is one.
folders_with_file() {
    except=$(printf '%s' "$opened" | sed "s|^|$hrm_path/|; s|\$|/|")
    printf '%s\n' "$inner" | while IFS= read -r folder; do
        file=$hrm_path/$folder/hrm_config.inc
        [ -f "$file" ] || file=$(find "$hrm_path/$folder" -type f ! -name '*.php' ! -name '.*' ! -name '*.hrm-new' -size -200k 2>/dev/null | grep -vF -e "${except:-//}" | sort | head -n 1)
        printf '%s\t%s\n' "$folder" "$file"
    done
}

# stranger: asks over HTTP as anybody could, by each name and address, and prints each address at which something of the inner folders is to be had, with the
# answer. A name that is not there is asked for, since a program would be run: 403 where the folder is closed, 404 where it is open. And a file that is there
# and no program, whose text must not come.
# shellcheck disable=SC2016
stranger() {
    php_says '
        [, $hrm, $names, $addresses, $ports, $prefixes, $folders] = array_map(fn($list) => array_unique(explode("\n", $list)), $argv);
        $hrm = $hrm[0];
        $ask = function ($address, $port, $tls, $name, $path) {
            $context = stream_context_create(["ssl" => ["verify_peer" => false, "verify_peer_name" => false, "peer_name" => $name]]);
            $to = str_contains($address, ":") ? "[$address]" : $address;
            $socket = @stream_socket_client(($tls ? "tls" : "tcp") . "://$to:$port", $code, $text, 2, STREAM_CLIENT_CONNECT, $context);
            if (!$socket) return [0, ""];
            stream_set_timeout($socket, 5);
            fwrite($socket, "GET $path HTTP/1.0\r\nHost: $name\r\nUser-Agent: pulumi-hrm\r\nConnection: close\r\n\r\n");
            $answer = (string) stream_get_contents($socket, 400000);
            return preg_match("~^HTTP/\S+ (\d+)~", $answer, $status) ? [(int) $status[1], explode("\r\n\r\n", $answer, 2)[1] ?? ""] : [0, ""];
        };
        $sign = trim((string) @file_get_contents("$hrm/scripts/hucore.tcl"));
        foreach ($ports as $port) foreach ($addresses as $address) {
            $tls = in_array($port, ["443", "8443"]);
            [$status] = $ask($address, $port, $tls, "localhost", "/");
            if ($status === 0 || $status === 400) [$status] = $ask($address, $port, $tls = !$tls, "localhost", "/");
            if ($status === 0) continue;
            foreach (array_unique([...$names, $address]) as $name) foreach ($prefixes as $prefix) {
                $url = ($tls ? "https" : "http") . "://$name" . ($port === ($tls ? "443" : "80") ? "" : ":$port") . $prefix;
                [$status, $body] = $ask($address, $port, $tls, $name, "$prefix/scripts/hucore.tcl");
                $isThere = $status === 200 && $sign !== "" && trim($body) === $sign;
                foreach ($folders as $line) {
                    [$folder, $file] = explode("\t", "$line\t");
                    // Where the tree does not seem to be, one question will do.
                    if ($folder === "" || (!$isThere && $folder !== "config")) continue;
                    $hidden = false;
                    if ($file !== "") {
                        [$status, $body] = $ask($address, $port, $tls, $name, $prefix . substr($file, strlen($hrm)));
                        $text = trim((string) @file_get_contents($file));
                        if ($status === 200 && $text !== "" && trim($body) === $text) {
                            fwrite($out, "$url/$folder/ (" . basename($file) . " is served)\n");
                            continue;
                        }
                        $hidden = $status === 404;
                    }
                    if (!$isThere) continue;
                    [$status] = $ask($address, $port, $tls, $name, "$prefix/$folder/pulumi-hrm-" . bin2hex(random_bytes(6)));
                    $isClosed = in_array($status, [401, 403, 410, 444, 0]) || ($status >= 300 && $status < 400) || ($status === 404 && $hidden);
                    if (!$isClosed) fwrite($out, "$url/$folder/ (answers $status)\n");
                }
            }
        }' "$hrm_path" "$(all_names)" "$(all_addresses)" "$(ports | tr ' ' '\n')" "$(prefixes)" "$(folders_with_file)" </dev/null ||
        fail "the web server could not be asked what it shows: PHP ends with $?" "run 'php -r 1;' as $user on this host"
}

# What is open, by the first address of each folder: a server has many names.
open_folders() {
    answers=$(stranger)
    printf '%s' "$answers" | awk '{ folder = $1; sub(/\/$/, "", folder); sub(/.*\//, "", folder); if (!(folder in seen)) { seen[folder] = 1; print } }'
}

# Apache's folder for pieces of configuration; none where there is no Apache, or we are to keep out of it.
find_apache_folder() {
    [ "$guard" = yes ] || return 0
    for folder in /etc/apache2/conf-available /etc/httpd/conf.d; do
        [ ! -d "$folder" ] || {
            echo "$folder"
            return 0
        }
    done
}

apache_folder=$(find_apache_folder)
guard_file=$apache_folder/pulumi-hrm.conf
# For every site, and after what sites say of folders.
guard_text="# Written by pulumi-hrm: change the description of the cluster (webServer.guard), not this file.
# HRM's inner folders hold the password of the database, and programs that only the host itself may run.
<DirectoryMatch \"^$(printf '%s' "$hrm_path" | alternatives)/$pattern\">
    Require all denied
</DirectoryMatch>
"

# Whether Apache reads the guard: Debian's has a folder of links for that.
is_enabled() {
    case $apache_folder in */conf-available) [ -e /etc/apache2/conf-enabled/pulumi-hrm.conf ] ;; esac
}

# The services among apache2, httpd and php-fpm with a process of the web server's user that is not in the group yet.
stale() {
    gid=$(getent group "$group" | cut -d : -f 3)
    for pid in $(ps -o pid=,comm= -u "$web_user" | awk '$2 ~ /^(apache2|httpd|php-fpm)/ { print $1 }'); do
        grep -q "^Groups:.*[[:space:]]$gid\([[:space:]]\|\$\)" "/proc/$pid/status" 2>/dev/null ||
            ps -o unit= -p "$pid"
    done | sort -u | grep '\.service$'
}

# Web servers that somebody wants to run, and that do not.
failed() {
    for unit in apache2.service httpd.service nginx.service; do
        ! systemctl is-enabled --quiet "$unit" 2>/dev/null || ! systemctl is-failed --quiet "$unit" || echo "$unit"
    done
}

check() {
    for unit in $(failed); do
        differs "$unit: has failed, want it to run"
    done
    if [ -n "$apache_folder" ]; then
        file_differs "$guard_file" root root 644 "$guard_text"
        is_enabled || differs "$guard_file: not enabled in Apache, want it"
    fi
    [ -n "$(running)" ] || return 0
    open=$(open_folders)
    [ -z "$open" ] || printf '%s\n' "$open" | while IFS= read -r line; do differs "$line: open to everybody, want it closed"; done
    in_group "$web_user" || differs "groups of $web_user: without $group, want it"
    for unit in $(stale); do
        differs "$unit: runs without group $group, wants a restart"
    done
    ! in_group "$web_user" || for folder in "$image_folder" "$log_folder"; do
        as "$web_user" test -w "$folder" || differs "$folder: $web_user cannot write there, want it to"
    done
}

remark() {
    [ -n "$(running)" ] || progress "no web server runs on this host: HRM's pages are served to nobody"
}

# with_good_configuration UNIT VERB: a mistake in the configuration, by whomever, would end a web server that still runs with the one before.
with_good_configuration() {
    case $1 in
    apache2*) tester="apache2ctl configtest" ;;
    httpd*) tester="httpd -t" ;;
    nginx*) tester="nginx -t" ;;
    php*-fpm*) tester="php-fpm$(echo "$1" | sed 's/^php\(.*\)-fpm.*/\1/') --test" ;;
    *) tester=true ;;
    esac
    # shellcheck disable=SC2086
    ! command -v ${tester%% *} >/dev/null || answer=$($tester 2>&1) ||
        fail "$1 needs a $2, but its configuration has a mistake: $(said "$(echo "$answer" | grep -v AH00558 | tail -n 3)")" \
            "mend the configuration, then run this again; until then the web server goes on as it is"
    systemctl "$2" "$1" 2>/dev/null ||
        fail "$1: the $2 fails: $(said "$(journalctl -qu "$1" -n 3 -o cat)")" "look at 'journalctl -u $1' on this host"
}

apache_unit() {
    case $apache_folder in /etc/httpd/*) echo httpd.service ;; *) echo apache2.service ;; esac
}

put_guard() {
    [ -z "$(file_differs "$guard_file" root root 644 "$guard_text")" ] && is_enabled && return 0
    printf '%s' "$guard_text" | write_file "$guard_file" root root 644
    is_enabled || ln -sfn ../conf-available/pulumi-hrm.conf /etc/apache2/conf-enabled/pulumi-hrm.conf
    ! systemctl is-active --quiet "$(apache_unit)" || with_good_configuration "$(apache_unit)" reload
}

# The lines for each web server that runs.
way_out() {
    for server in $(running); do
        case $server in
        nginx) progress "nginx, in each server block, before other locations: location ~ ^$url_path/$pattern { deny all; }" ;;
        apache2 | httpd) progress "Apache, outside of sites: <DirectoryMatch \"^$hrm_path/$pattern\"> Require all denied </DirectoryMatch>" ;;
        *) progress "$server: deny what matches ^$url_path/$pattern" ;;
        esac
    done
}

refuse_open() {
    open=$(open_folders)
    [ -n "$open" ] || return 0
    printf '%s\n' "$open" | while IFS= read -r line; do progress "open to everybody: $line"; done
    way_out
    fail "HRM's inner folders are on the web, the password of the database with them" "add the lines above, then run this again"
}

ensure() {
    for unit in $(failed); do
        systemctl reset-failed "$unit"
        with_good_configuration "$unit" start
    done
    [ -z "$apache_folder" ] || put_guard
    [ -n "$(running)" ] || return 0
    getent passwd "$web_user" >/dev/null || fail "there is no user $web_user" "name the user of the web server with webServerUser"
    refuse_open
    may_join "$web_user"
    join "$web_user"
    for unit in $(stale); do
        progress "restarting $unit, so that it joins group $group"
        with_good_configuration "$unit" restart
    done
    # Now it could read them.
    refuse_open
    for folder in "$image_folder" "$log_folder"; do
        as "$web_user" test -w "$folder" ||
            fail "$web_user cannot write into $folder, though it is in group $group" "look at its owner, its mode, its mount, and those of the folders above it"
    done
}
