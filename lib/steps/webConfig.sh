# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # for stranger.sh, which has what is called here as well
# For the step that looks after the web server: what listens, and what the configuration of Apache and nginx tells of names, folders and aliases.
# hrm_path: HRM's tree. image_folder, log_folder: HRM's folders.
: "${hrm_path:?}" "${image_folder:?}" "${log_folder:?}" "${tab:?}"

servers='apache2|httpd|nginx|lighttpd|caddy'

# each_process COMMAND: calls it with the number and the name of each.
each_process() {
    for folder in /proc/[0-9]*; do
        ! read -r name <"$folder/comm" || "$1" "${folder#/proc/}" "$name"
    done 2>/dev/null
}

# Which of them run.
running() {
    seen=
    each_process server_runs
}

# server_runs PID NAME
server_runs() {
    case "|$servers|" in *"|$2|"*) ;; *) return 0 ;; esac
    case $seen in *" $2 "*) return 0 ;; esac
    # What has ended and is not collected yet has no program any more.
    [ -e "/proc/$1/exe" ] || return 0
    seen="$seen $2 "
    echo "$2"
}

# What else may be one: it is only asked.
others_that_listen() {
    listeners | awk '$4 == "perhaps" { print $3 }' | sort -u
}

# Whether there is something to be asked. The second look takes longer.
is_served() {
    [ -n "$(running)" ] || [ -n "$(others_that_listen)" ]
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
    set --
    for file in ${files:-/etc/apache2/*.conf /etc/apache2/*-enabled/* /etc/httpd/conf/*.conf /etc/httpd/conf.d/*.conf}; do
        [ ! -f "$file" ] || set -- "$@" "$file"
    done
    # Not every file ends its last line; and one that cannot be read is the end of none but itself.
    [ $# = 0 ] || grep -ahs '' -- "$@" || :
}

nginx_text() {
    # Where it does not run, this would make its logs.
    case $(running) in *nginx*) ! nginx -T 2>/dev/null || return 0 ;; esac
    [ ! -d /etc/nginx ] || find -L /etc/nginx -type f -exec cat {} + 2>/dev/null || :
}

# `name NAME`, `root FOLDER` and `alias URL PATH`, as their statements have them.
statements() {
    {
        apache_text | sed ':a; /\\$/ { $!N; s/\\\n/ /; ta; }; /^[[:space:]]*#/d; s/"//g; s/^/apache /'
        nginx_text | sed 's/^[[:space:]]*#.*//; s/[[:space:]]#.*//; s/"//g' | tr '\n' ' ' | sed 's/[;{}]/\nnginx /g; s/^/nginx /'
    } | awk '
        { word = $1 " " tolower($2) }
        word ~ /^(apache server(name|alias)|nginx server_name)$/ { for (i = 3; i <= NF; i++) print "name", $i }
        word ~ /^(apache documentroot|nginx root)$/ { print "root", $3 }
        word ~ /^apache (script)?alias(match)?$/ { print "alias", $3, $4 }
        word == "nginx location" { url = $NF }
        word == "nginx alias" { print "alias", url, $3 }'
}

# Leaves `configured`, the statements, the roots of sites as `roots`, and `aliases`. Once, and only where something listens: else nobody asks.
learned=no
learn() {
    [ "$learned" = no ] || return 0
    configured=$(statements)
    roots=$(find_roots)
    aliases=''
    aliases=$(find_aliases)
    learned=yes
}

# The names that they know.
configured_names() {
    printf '%s\n' "$configured" | awk '
        $1 == "name" { name = $2; sub(/^[*]*[.]/, "pulumi-hrm.", name); sub(/^https?:\/\//, "", name); sub(/:[0-9]*$/, "", name); if (name ~ /^[A-Za-z0-9-]+([.][A-Za-z0-9-]+)*$/) print name }' | sort -u | head -n 200
}

# The folders that they show, and what is usual.
find_roots() {
    {
        printf '%s\n' /var/www /srv/www /usr/share/nginx/html
        printf '%s\n' "$configured" | sed -n 's/^root //p'
    } | sort -u | while IFS= read -r root; do
        [ ! -d "$root" ] || realpath -- "$root"
    done | sort -u | awk '{ for (each in seen) if (index($0 "/", each "/") == 1) next; seen[$0] = 1; print }'
}

# in_roots TEST…: what find finds there, but among the images.
in_roots() {
    printf '%s\n' "$roots" | while IFS= read -r root; do
        [ -z "$root" ] || find "$root" -maxdepth 5 -path "$image_folder" -prune -o "$@" -print 2>/dev/null || :
    done
}

# Of the links in them, those that lead to what is HRM's, or to what holds it: `LINK<tab>PATH`. One call for all, since a site may have thousands.
links_to_hrm() {
    links=$(in_roots -type l ! -path '*[[:cntrl:]]*')
    [ -n "$links" ] || return 0
    {
        realpath -m -- "$hrm_path" "$image_folder" "$log_folder"
        echo ---
        printf '%s\n' "$links"
        echo ---
        # A line for each, whatever a link leads to.
        printf '%s\n' "$links" | xargs -d '\n' realpath -mz -- | tr '\n\000' '?\n'
    } | awk -v tab="$tab" '
        $0 == "---" { part++; next }
        part == 0 { ours[$0]; next }
        part == 1 { link[++count] = $0; next }
        { seen++; for (each in ours) if (index(each "/", $0 "/") == 1 || index($0 "/", each "/") == 1) { print link[seen] tab $0; break } }'
}

# `URL PATH`: what is elsewhere than below the root of a site, by an alias or by a link in it. Of a regular expression, what comes before its first special character.
find_aliases() {
    {
        printf '%s\n' "$configured" | sed -n 's/^alias //p'
        links_to_hrm | head -n 100 | while IFS=$tab read -r link_to_it path_of_link; do
            echo "at $path_of_link"
            way_of "$link_to_it"
        done | urls | tr '\t' ' '
    } | awk '
        { if (sub(/^\^/, "", $1)) sub(/[][().*+?$\\|].*/, "", $1); sub(/[$].*/, "", $2); sub(/\/$/, "", $1); sub(/\/$/, "", $2); $0 = $1 " " $2 }
        /^\/[^ ]* \/[^ ]+$/' | sort -u
}

# Trees of HRM beside this one, such as the one before an upgrade: the password is in them as well.
other_trees() {
    own=$(spellings "$hrm_path")
    in_roots -path '*/config/hrm_config.inc' | head -n 50 | sed 's|/config/hrm_config.inc$||' | grep -vxF -e "$own" || :
}
