# shellcheck shell=sh
# shellcheck disable=SC2034 # for stranger.sh, which has what is called here as well
# For the step that looks after the web server: what listens, and what the configuration of Apache and nginx tells of names, folders and aliases.
# hrm_path: HRM's tree. image_folder, log_folder: HRM's folders.
: "${hrm_path:?}" "${image_folder:?}" "${log_folder:?}"

servers='apache2|httpd|nginx|lighttpd|caddy'

# Which of them run.
# shellcheck disable=SC2009 # pgrep knows no whole names of several
running() {
    ps -eo comm= | grep -xE "$servers" | sort -u
}

# What else may be one: it is only asked.
others_that_listen() {
    listeners | awk '$4 == "perhaps" { print $3 }' | sort -u
}

# `ADDRESS PORT NAME KIND` of what listens, and may speak HTTP: web servers and interpreters wherever they do, others where a web server would. Not everything: a
# database counts strangers who speak another language, and shuts them all out. KIND is `web` for a server that is one for sure, else `perhaps`.
listeners() {
    ss -Hltnp 2>/dev/null | awk -v servers="^($servers)\$" '
        { port = address = $4; sub(/.*:/, "", port); sub(/:[0-9]*$/, "", address); gsub(/^\[|\]$|%.*/, "", address) }
        { while (match($0, /\("[^"]*",pid=/)) { name = substr($0, RSTART + 2, RLENGTH - 8); $0 = substr($0, RSTART + RLENGTH); tell() } }
        function tell() {
            if (name ~ /^(php-fpm|sshd|mariadbd|mysqld|postgres|redis|memcache|mongod|zabbix)/) return
            if (name ~ servers) print address, port, name, "web"
            else if (port ~ /^(80|81|443|591|80[089][0-9]|8443|8888)$/ ||
                name ~ /php|http|web|serve|python|ruby|node|perl|java|busybox|unitd|wsgi|unicorn|uvicorn|puma|tomcat|jetty|traefik|varnishd|squid/)
                print address, port, name, "perhaps"
        }' | sort -u
}

# `ADDRESS PORT KIND` of what is asked.
places() {
    found=$(listeners | cut -d ' ' -f 1,2,4)
    printf '%s\n' "${found:-* 80 perhaps
* 443 perhaps}" | while read -r address port kind; do
        case $address in
        '*' | 0.0.0.0 | ::) all_addresses | sed "s/\$/ $port $kind/" ;;
        *) echo "$address $port $kind" ;;
        esac
    done | sort -u
}

# What Apache and nginx read, with all that it includes; else what Debian and its relatives have.
apache_text() {
    files=$({ apache2ctl -t -D DUMP_INCLUDES || httpd -t -D DUMP_INCLUDES; } 2>/dev/null | sed -n 's/^ *([0-9*]*) //p') || :
    for file in ${files:-/etc/apache2/*.conf /etc/apache2/*-enabled/* /etc/httpd/conf/*.conf /etc/httpd/conf.d/*.conf}; do
        # shellcheck disable=SC2015
        [ -f "$file" ] && cat "$file" || :
    done
}

nginx_text() {
    # Where it does not run, this would make its logs.
    { running | grep -qx nginx && nginx -T 2>/dev/null; } || find -L /etc/nginx -type f -exec cat {} + 2>/dev/null || :
}

# Leaves `apache`, `nginx`, with a line for each of its statements, and `aliases`. Once, and only where something listens: else nobody asks.
learned=no
learn() {
    [ "$learned" = no ] || return 0
    apache=$(apache_text | sed ':a; /\\$/ { N; s/\\\n/ /; ta; }' | sed '/^[[:space:]]*#/d; s/"//g')
    nginx=$(nginx_text | sed 's/^[[:space:]]*#.*//; s/[[:space:]]#.*//; s/"//g' | tr '\n' ' ' | sed 's/[;{}]/\n/g')
    aliases=$(find_aliases)
    learned=yes
}

# The names that they know.
configured_names() {
    {
        printf '%s\n' "$apache" | awk 'tolower($1) ~ /^server(name|alias)$/ { for (i = 2; i <= NF; i++) print $i }'
        printf '%s\n' "$nginx" | awk '$1 == "server_name" { for (i = 2; i <= NF; i++) print $i }'
    } | sed 's/^[*]*[.]/pulumi-hrm./; s|^https\{0,1\}://||; s/:[0-9]*$//' | grep -xE '[A-Za-z0-9-]+([.][A-Za-z0-9-]+)*' | sort -u | head -n 200
}

# The folders that they show, and what is usual.
roots() {
    {
        printf '%s\n' /var/www /srv/www /usr/share/nginx/html
        printf '%s\n' "$apache" | awk 'tolower($1) == "documentroot" { print $2 }'
        printf '%s\n' "$nginx" | awk '$1 == "root" { print $2 }'
    } | while IFS= read -r root; do
        [ ! -d "$root" ] || realpath -- "$root"
    done | sort -u | awk '{ for (each in seen) if (index($0 "/", each "/") == 1) next; seen[$0] = 1; print }'
}

# in_roots TEST…: what find finds there, but among the images.
in_roots() {
    roots | while IFS= read -r root; do
        find "$root" -maxdepth 5 -path "$image_folder" -prune -o "$@" -print 2>/dev/null || :
    done
}

# Of the links in them, those that lead to what is HRM's, or to what holds it. One call for all, since a site may have thousands.
links_to_hrm() {
    links=$(in_roots -type l ! -path '*[[:cntrl:]]*')
    [ -n "$links" ] || return 0
    {
        for each in "$hrm_path" "$image_folder" "$log_folder"; do realpath -m -- "$each"; done
        echo ---
        printf '%s\n' "$links"
        echo ---
        printf '%s\n' "$links" | xargs -d '\n' realpath -m --
    } | awk '
        $0 == "---" { part++; next }
        part == 0 { ours[$0]; next }
        part == 1 { link[++count] = $0; next }
        { seen++; for (each in ours) if (index(each "/", $0 "/") == 1 || index($0 "/", each "/") == 1) { print link[seen]; break } }'
}

# `URL PATH`: what is elsewhere than below the root of a site, by an alias or by a link in it. Of a regular expression, what comes before its first special character.
find_aliases() {
    {
        printf '%s\n' "$apache" | awk 'tolower($1) ~ /^(script)?alias(match)?$/ { print $2, $3 }'
        printf '%s\n' "$nginx" | awk '$1 == "location" { url = $NF } $1 == "alias" { print url, $2 }'
        links_to_hrm | head -n 100 | while IFS= read -r link; do
            below_root "$link" | sed "s|\$| $(realpath -m -- "$link")|"
        done
    } | awk '{ if (sub(/^\^/, "", $1)) sub(/[][().*+?$\\|].*/, "", $1); sub(/[$].*/, "", $2); sub(/\/$/, "", $1); sub(/\/$/, "", $2); print $1, $2 }' |
        grep -E '^/[^ ]* /[^ ]+$' | sort -u
}

# Trees of HRM beside this one, such as the one before an upgrade: the password is in them as well.
other_trees() {
    own=$(spellings "$hrm_path")
    in_roots -path '*/config/hrm_config.inc' | head -n 50 | sed 's|/config/hrm_config.inc$||' | while IFS= read -r tree; do
        printf '%s\n' "$own" | grep -qxF -e "$tree" || echo "$tree"
    done
}
