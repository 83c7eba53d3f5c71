# shellcheck shell=sh
# Apache has a site of our own for HRM's pages, by the described names, with the described certificate. Other sites stay as they are.
# user: HRM's account. server_name: the site's. site: its configuration. certificate, private_key: PEM; both empty where it is not asked over TLS.
: "${user:?}" "${server_name:?}" "${site:?}" "${certificate?}" "${private_key?}" "${state:?}"

apache=/etc/apache2
site_file=$apache/sites-available/pulumi-hrm.conf
# Key and certificate in one file, since one without the other would end Apache at its next start.
pair_file=$apache/pulumi-hrm/pair.pem

# Written, but perhaps not read yet: a run may end in between, or at somebody's mistake in the configuration.
due=$state/site-not-loaded

# each_file COMMAND: calls it with each file's path, mode and text. What a site names is there before it.
each_file() {
    [ -z "$certificate" ] || "$1" "$pair_file" 600 "$private_key
$certificate
"
    "$1" "$site_file" 644 "$site"
}

# The described one is followed by those of who has signed it.
is_shown() {
    [ -n "$certificate" ] && systemctl is-active --quiet apache2.service || return 0
    its=$(shown)
    [ -n "$its" ] || return 1
    case $certificate in "$its"*) ;; *) return 1 ;; esac
}

# Of an earlier description.
leftovers() {
    for file in "$apache/pulumi-hrm"/*; do
        [ ! -e "$file" ] || { [ -n "$certificate" ] && [ "$file" = "$pair_file" ]; } || echo "$file"
    done
}

compare() {
    file_differs "$1" root root "$2" "$3"
}

is_enabled() {
    # shellcheck disable=SC3013 # dash and bash have it
    [ "$apache/sites-enabled/pulumi-hrm.conf" -ef "$site_file" ]
}

lacks_tls() {
    [ -n "$certificate" ] && [ ! -e "$apache/mods-enabled/ssl.load" ]
}

# `PORT PROGRAM` of what listens where Apache is to.
holders() {
    ss -Hltnp 2>/dev/null | awk -v tls="${certificate:+yes}" '
        { port = $4; sub(/.*:/, "", port) }
        (port == 80 || (port == 443 && tls)) && match($0, /\("[^"]*"/) {
            name = substr($0, RSTART + 2, RLENGTH - 3)
            # Beside it, at another address.
            if (name == "apache2") own[port]
            else others[port " " name] = port
        }
        END { for (each in others) if (!(others[each] in own)) print each }' | sort -u
}

# The certificate that is shown by the site's name, as PEM; nothing where nobody answers.
# shellcheck disable=SC2016
shown() {
    php_says '$context = stream_context_create(["ssl" => ["peer_name" => $argv[1], "verify_peer" => false, "verify_peer_name" => false, "capture_peer_cert" => true]]);
        if (@stream_socket_client("tls://127.0.0.1:443", $code, $text, 4, STREAM_CLIENT_CONNECT, $context)) {
            openssl_x509_export(stream_context_get_params($context)["options"]["ssl"]["peer_certificate"], $pem);
            fwrite($out, trim($pem));
        }' "$server_name"
}

# Since when and until when it is valid, where this host's clock is not between: Pulumi's own has been.
# shellcheck disable=SC2016
wrong_clock() {
    [ -z "$certificate" ] || printf '%s\n' "$certificate" | php_says '$of = openssl_x509_parse(stream_get_contents(STDIN));
        [$from, $to] = [$of["validFrom_time_t"], $of["validTo_time_t"]];
        if (time() < $from || time() > $to) fwrite($out, gmdate("Y-m-d H:i", time()) . " UTC, and the certificate of " . $argv[1] . " is valid from " . gmdate("Y-m-d", $from) . " to " . gmdate("Y-m-d", $to));' "$server_name"
}

check() {
    wrong=$(wrong_clock)
    [ -z "$wrong" ] || differs "clock of this host: $wrong; want the right time"
    holders | while read -r port name; do differs "port $port: $name has it, want Apache"; done
    each_file compare
    [ ! -d "$apache" ] || is_enabled || differs "$site_file: not enabled in Apache, want it" "enables $site_file in Apache"
    ! lacks_tls || differs "Apache: without its module ssl, want it" "enables Apache's module ssl"
    [ ! -e "$due" ] || differs "Apache: has not read $site_file yet, want it to" "has Apache read $site_file"
    is_shown || differs "https://$server_name: $([ -n "$its" ] && echo another certificate than the described || echo nobody answers on port 443 of this host)" "shows the certificate of $server_name"
    leftovers | while IFS= read -r file; do differs "$file: of an earlier description, want it gone" "takes $file away"; done
}

precondition() {
    wrong=$(wrong_clock)
    [ -z "$wrong" ] || fail "the clock of this host says $wrong" "set the clock ('timedatectl set-ntp true', or the clock of the machine that it runs on); or describe another certificate; nothing was changed"
    [ -d "$apache/sites-available" ] ||
        fail "there is no Apache as Debian has it ($apache/sites-available), which webServer.serverName and https need" "install it, or leave these arguments out and give the web server its site by hand; nothing was changed"
    holders | while read -r port name; do
        fail "port $port is held by $name, where Apache is to listen for $server_name" "stop it ('systemctl disable --now $name'), or leave webServer.serverName and https out; nothing was changed"
    done
}

put() {
    [ -n "$(compare "$@")" ] || return 0
    : >"$due"
    mkdir -p "$(dirname "$1")"
    printf '%s' "$3" | write_file "$1" root root "$2"
}

ensure() {
    verb=reload its='' ended=''
    # By our site, perhaps, in a run that was cut off before it could take that out again.
    [ ! -e "$due" ] || ! systemctl is-failed --quiet apache2.service || ended=yes verb=restart
    each_file put
    ! lacks_tls || {
        : >"$due"
        verb=restart
        answer=$(a2enmod -q ssl 2>&1) || fail "Apache's module ssl cannot be enabled: $(said "$answer")" "look at 'a2enmod ssl' on this host"
    }
    is_enabled || {
        : >"$due"
        ln -sfn ../sites-available/pulumi-hrm.conf "$apache/sites-enabled/pulumi-hrm.conf"
    }
    # One that has failed, or was stopped by somebody, is the next step's.
    { [ -z "$ended" ] && ! systemctl is-active --quiet apache2.service; } || load
    # Nothing names them any more.
    leftovers | while IFS= read -r file; do rm -rf "$file"; done
    rm -f "$due"
}

load() {
    failed=
    (with_good_configuration apache2.service "$verb") || failed=yes
    # A reload ends before new processes have taken the place of the old ones, and tells nobody when they have.
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        ! is_shown || break
        sleep 0.5
    done
    systemctl is-active --quiet apache2.service || take_out
    [ -z "$failed" ] || exit 1
    [ -z "$certificate" ] || [ -n "$its" ] || fail "nobody answers on port 443 of this host, though Apache has read $site_file" "look at the lines 'Listen' of $apache/ports.conf; Debian's has 443 where the module ssl is"
}

# Its check of a configuration does not look at certificates. The other sites are not to stand still for ours.
take_out() {
    words=$(said "$(tail -n 20 /var/log/apache2/error.log 2>/dev/null | grep -E 'AH[0-9]+|SSL' | grep -v ':notice' | tail -n 2 | sed 's/^\(\[[^]]*\] *\)*//')")
    rm -f "$apache/sites-enabled/pulumi-hrm.conf"
    systemctl start apache2.service 2>/dev/null || :
    fail "Apache ended when it read $site_file, and goes on without it: $words" "give webServer.https a certificate and a key that Debian's OpenSSL takes"
}
