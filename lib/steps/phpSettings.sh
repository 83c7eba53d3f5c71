# shellcheck shell=sh
# PHP takes what HRM is told to take, and shows no errors to visitors, in Apache, PHP-FPM and on the command line alike; and the web server's user has a home, where the
# hucore of HRM's previews keeps what it has compiled for the GPU. All of it in files of our own. What PHP makes of them is read back over HTTP.
# user: HRM's account. web_user: the web server's user. hrm_path: HRM's tree. url: of HRM's pages. settings: of PHP, `NAME = VALUE`, one a line. time_zone: empty where
# it is the host's.
: "${user:?}" "${web_user:?}" "${hrm_path:?}" "${url:?}" "${settings:?}" "${time_zone?}" "${state:?}"

home=/var/cache/pulumi-hrm
mark='Written by pulumi-hrm: change the description of the cluster (webServer, settings), not this file.'
# As a file of the site's it is in each release.
page=$hrm_path.d/site/pulumi-hrm.php

newline='
'

# Written, but perhaps not read yet: a run may end in between, or at somebody's mistake in the configuration.
due=$state/php-settings-not-loaded

host_zone() {
    zone=$(readlink /etc/localtime | sed -n 's|.*/zoneinfo/||p')
    echo "${zone:-UTC}"
}

# As PHP reads and tells them.
wanted="$settings
date.timezone = ${time_zone:-$(host_zone)}"

# each_file COMMAND: calls it with each file's path, group, mode and text.
each_file() {
    for folder in /etc/php/*/apache2/conf.d /etc/php/*/fpm/conf.d /etc/php/*/cli/conf.d /etc/php.d; do
        # On the command line Debian sets no limit to memory, which programs of others count on.
        case $folder in */cli/*) its=$(printf '%s\n' "$wanted" | grep -v ^memory_limit) ;; *) its=$wanted ;; esac
        [ ! -d "$folder" ] || "$1" "$folder/99-pulumi-hrm.ini" root 644 "; $mark
$its
"
    done
    for folder in /etc/php/*/fpm/pool.d /etc/php-fpm.d; do
        [ ! -d "$folder" ] || "$1" "$folder/zz-pulumi-hrm.conf" root 644 "; $mark
$(homes_of_pools "$folder")
"
    done
    # Apache's start empties the environment, but for what this file says.
    ! has_apache_module || {
        "$1" /etc/apache2/envvars-pulumi-hrm root 644 "# $mark
. /etc/apache2/envvars
export HOME=$home
"
        "$1" /etc/systemd/system/apache2.service.d/pulumi-hrm.conf root 644 "# $mark
[Service]
Environment=APACHE_ENVVARS=/etc/apache2/envvars-pulumi-hrm
"
    }
    # For the host itself alone.
    "$1" "$page" "$(stat -c %G "$hrm_path.d/site")" 640 "<?php // $mark
if (!in_array(\$_SERVER['REMOTE_ADDR'] ?? '', ['127.0.0.1', '::1'], true)) { http_response_code(404); exit; }
header('Content-Type: text/plain');
foreach (['$(printf '%s\n' "$wanted" | sed 's/ = .*//' | paste -sd , | sed "s/,/', '/g")'] as \$name) echo \"\$name = \", ini_get(\$name), \"\\n\";
echo 'HOME = ', getenv('HOME'), \"\\n\";
"
}

# Of those of PHP-FPM that run as the web server's user. A pool that another file names again goes on there.
homes_of_pools() {
    cat "$1"/*.conf 2>/dev/null | sed 's/[[:space:]"]//g' | awk -v user="$web_user" -v home="$home" '
        /^\[/ { name = $0 }
        $0 == "user=" user && !(name in seen) { seen[name]; print name; print "env[HOME] = " home }'
}

# What the web server's PHP itself says, or `answer STATUS`; nothing where the web server does not answer.
# shellcheck disable=SC2016
effective() {
    php_says '$url = parse_url($argv[1]);
        $port = $url["port"] ?? ($url["scheme"] === "https" ? 443 : 80);
        $context = stream_context_create(["http" => ["header" => "Host: $url[host]", "timeout" => 4, "follow_location" => 0, "ignore_errors" => true],
            "ssl" => ["peer_name" => $url["host"], "verify_peer" => false, "verify_peer_name" => false]]);
        $path = rtrim($url["path"] ?? "", "/") . "/pulumi-hrm.php";
        // Where TLS ends at a proxy elsewhere, this host answers without.
        foreach (array_unique(["$url[scheme]://127.0.0.1:$port", "http://127.0.0.1"]) as $place)
            if (($page = @file_get_contents($place . $path, false, $context)) !== false) break;
        $page = (string) $page;
        $status = explode(" ", $http_response_header[0] ?? " 200")[1];
        fwrite($out, $status === "200" ? $page : "answer $status");' "$url"
}

compare() {
    file_differs "$1" root "$2" "$3" "$4"
}

check() {
    # An HRM that somebody has installed goes on with that person's PHP.
    [ -n "$(in_use)" ] || return 0
    each_file compare
    [ ! -e "$due" ] || differs "PHP: has not read its new settings yet, want it to" "has PHP read its settings"
    [ "$(stat -c '%U %a' "$home" 2>/dev/null)" = "$web_user 700" ] || differs "$home: not there for $web_user alone, want it" "makes $home, where hucore of $web_user keeps what it compiles"
    [ -e "$page" ] || return 0
    told=$(effective)
    # The web server's own trouble is that of the step `webServer`.
    case $told in
    '')
        ! systemctl is-active --quiet apache2.service nginx.service httpd.service || differs "PHP of the web server: no answer on this host by the name of $url, want PHP's values"
        return 0
        ;;
    answer*)
        differs "PHP of the web server: pulumi-hrm.php gets an ${told}, want PHP's values"
        return 0
        ;;
    esac
    printf '%s\nHOME = %s\n' "$wanted" "$home" | while IFS= read -r line; do
        case "$newline$told$newline" in *"$newline$line$newline"*) continue ;; esac
        differs "PHP of the web server: $(printf '%s\n' "$told" | grep "^${line%% *} = " || echo "no ${line%% *}"), want $line" "gives PHP $line"
    done
}

put() {
    [ -n "$(compare "$@")" ] || return 0
    : >"$due"
    mkdir -p "$(dirname "$1")"
    printf '%s' "$4" | write_file "$1" root "$2" "$3"
}

ensure() {
    [ ! -e "$home" ] || [ -d "$home" ] || fail "$home is there, and is no folder" "move it away"
    mkdir -p "$home"
    chown "$web_user" "$home"
    chmod 0700 "$home"
    each_file put
    # As other files of the site's.
    ln -sfn ../site/pulumi-hrm.php "$hrm_path/pulumi-hrm.php"
    systemctl daemon-reload
    # Also where somebody else's file was read, or ours was not.
    restart_php active,failed
    rm -f "$due"
    told=$(effective)
    case $told in
    answer*)
        fail "$url/pulumi-hrm.php gets an $told from the web server of this host, so that nobody knows what its PHP takes" \
            "look at the sites that this host shows by that name, and at the web server's log (/var/log/apache2/error.log)"
        ;;
    esac
    told=$(check)
    case $told in *"PHP of the web server: "*) fail "$(said "$(printf '%s\n' "$told" | sed -n 's/^hrm: differs \(PHP of\)/\1/p' | head -n 1)"), though $home and its files say so" "look for the place that sets it again: php_admin_value in PHP-FPM's pools or Apache's sites, .user.ini and .htaccess files" ;; esac
}
