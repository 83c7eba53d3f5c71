# shellcheck shell=sh
# HRM's files for the directories that know its users are as described; the directory has answered over TLS as the described manager, and knows the user who was named for that.
# What HRM itself would find is asked, by the written files, in the order of its LDAPProxy.php and ActiveDirectoryProxy.php (HRM 3.10).
# user, group: HRM's account. hrm_path: HRM's tree. ldap_config, active_directory_config: text of the files, with a password; empty where the method is none. ca: PEM of the
# directory's authority; empty where the host knows it. test_user: whom the directory has to know; empty for nobody.
: "${user:?}" "${group:?}" "${hrm_path:?}" "${ldap_config?}" "${active_directory_config?}" "${ca?}" "${test_user?}" "${state:?}"

ca_file=/usr/local/share/ca-certificates/pulumi-hrm-directory.crt
bundle=/etc/ssl/certs/ca-certificates.crt
client=/etc/ldap/ldap.conf
proven=$state/sign-in-proven

# Written, but perhaps not read yet: PHP reads the client's files when it starts.
due=$state/sign-in-not-loaded

each_config() {
    [ -z "$ldap_config" ] || "$1" "$hrm_path/config/ldap_config.inc" "$group" 640 "$ldap_config"
    [ -z "$active_directory_config" ] || "$1" "$hrm_path/config/active_directory_config.inc" "$group" 640 "$active_directory_config"
}

each_trust() {
    [ -z "$ca" ] || "$1" "$ca_file" root 644 "$ca"
    # Without Debian's libldap-common nothing tells the client whom to trust.
    ! is_our_client || "$1" "$client" root 644 "# Written by pulumi-hrm, since there was none: OpenLDAP's client trusts whom this host trusts.
TLS_CACERT $bundle
"
}

is_our_client() {
    [ ! -e "$client" ] || grep -qsF "Written by pulumi-hrm" "$client"
}

compare() {
    file_differs "$1" root "$2" "$3" "$4"
}

# Whether the host trusts it: the bundle has the first line of each certificate.
is_trusted() {
    [ -z "$ca" ] || { [ -f "$bundle" ] && ! printf '%s\n' "$ca" | sed -n '/BEGIN CERTIFICATE/{n;p}' | grep -qvxFf "$bundle"; }
}

# The line by which the client trusts others than this host does.
other_trust() {
    is_our_client || sed -n 's/^[[:space:]]*\(TLS_CACERT\(DIR\)\{0,1\}[[:space:]].*\)/\1/Ip' "$client" | grep -vE "[[:space:]](${bundle%.*}\.crt|/etc/ssl/certs/?)[[:space:]]*$" | head -n 1
}

has_old_authority() {
    [ -z "$ca" ] && [ -e "$ca_file" ]
}

# The line by which any server would be believed.
careless() {
    grep -isE '^[[:space:]]*TLS_REQCERT[[:space:]]+(never|allow|try)' "$client" /etc/openldap/ldap.conf | head -n 1
}

proof() {
    printf '%s\n' "$ldap_config" "$active_directory_config" "$ca" "$test_user" | sha256sum
}

is_proven() {
    proof | cmp -s - "$proven"
}

check() {
    each_config compare
    each_trust compare
    is_trusted || differs "$bundle: without the authority of the directory, want it" "has this host trust the authority of the directory"
    ! has_old_authority || differs "$ca_file: of an earlier description, want it gone"
    line=$(careless)
    [ -z "$line" ] || differs "$(said "$line"): any server is believed to be the directory, want none but that"
    [ ! -e "$due" ] || differs "PHP: has not read whom OpenLDAP's client trusts yet, want it to"
    is_proven || differs "sign-in: not proven since the last change" "asks the directories of HRM's users"
}

precondition() {
    line=$(careless)
    [ -z "$line" ] || fail "$(said "$line") on this host makes any server the directory, and gives it the users' passwords" "take that line away, and give the directory's authority with signIn.ca; nothing was changed"
}

put() {
    [ -n "$(compare "$@")" ] || return 0
    case $1 in
    "$ca_file" | "$client") : >"$due" ;;
    *) grep -qsF "Written by pulumi-hrm" "$1" || keep "$1" ;;
    esac
    mkdir -p "$(dirname "$1")"
    printf '%s' "$4" | write_file "$1" root "$2" "$3"
}

ensure() {
    ! has_old_authority || {
        : >"$due"
        rm -f "$ca_file"
    }
    each_trust put
    if [ -e "$due" ] || ! is_trusted; then
        : >"$due"
        answer=$(update-ca-certificates 2>&1) || fail "this host does not take the directory's authority: $(said "$answer")" "look at 'update-ca-certificates' there"
        restart_php active
        rm -f "$due"
    fi
    # With the described files, before they take the place of those by which people log in.
    is_proven || prove
    each_config put
}

# ask: what the directory of the file on standard input says, a line each: `WHAT SERVER WORDS`. It is asked by the calls of HRM's LDAPProxy and of Adldap2. A check of
# certificates that fails is in the words of the TLS library.
# shellcheck disable=SC2016
ask() {
    php_says '
        eval("?>" . stream_get_contents(STDIN));
        $user = $argv[1];
        $isDomain = isset($DOMAIN_CONTROLLERS);
        $servers = $isDomain ? $DOMAIN_CONTROLLERS : [$ldap_host];
        [$port, $ssl, $tls] = $isDomain ? [$AD_PORT, $USE_SSL, $USE_TLS] : [$ldap_port, $ldap_use_ssl, $ldap_use_tls];
        $base = $isDomain ? $BASE_DN : "$ldap_user_search_DN,$ldap_root";
        $login = $isDomain ? (str_contains($AD_USERNAME, $ACCOUNT_SUFFIX) ? $AD_USERNAME : $AD_USERNAME . $ACCOUNT_SUFFIX)
            : str_replace(",,", ",", "$ldap_manager_base_DN=$ldap_manager,$ldap_manager_ou,$base");
        $password = $isDomain ? $AD_PASSWORD : $ldap_password;
        $authorized = $isDomain ? $AUTHORIZED_GROUPS : $ldap_authorized_groups;
        foreach ($servers as $server) {
            // PHP takes no port beside an address, so HRM finds a port of its own in the name.
            $at = str_contains($server, ":") ? $server : "$server:$port";
            $tell = fn($what, $words = "") => fwrite($out, "$what $at $words\n");
            $why = function ($link) {
                ldap_get_option($link, LDAP_OPT_DIAGNOSTIC_MESSAGE, $more);
                return ldap_error($link) . ($more ? " ($more)" : "");
            };
            $link = ldap_connect($ssl && !$isDomain ? "ldaps://$server" : ($ssl ? "ldaps" : "ldap") . "://$at");
            ldap_set_option($link, LDAP_OPT_PROTOCOL_VERSION, 3);
            if ($isDomain) ldap_set_option($link, LDAP_OPT_REFERRALS, 0);
            ldap_set_option($link, LDAP_OPT_NETWORK_TIMEOUT, 10);
            ldap_set_option($link, LDAP_OPT_TIMELIMIT, 20);
            if ($tls && !@ldap_start_tls($link)) { $tell("tls", $why($link)); continue; }
            if (!@ldap_bind($link, $login, $password)) {
                // -1: no answer at all, which over LDAPS may be a certificate that is refused.
                $tell(ldap_errno($link) === -1 ? ($ssl ? "tls" : "silent") : "bind", "$login: " . $why($link));
                continue;
            }
            if ($user === "") { $tell("proven"); continue; }
            if ($isDomain) {
                $principal = $user . ($ACCOUNT_SUFFIX ?: $AD_USERNAME_SUFFIX);
                if (!$ACCOUNT_SUFFIX && $AD_USERNAME_SUFFIX && $AD_USERNAME_SUFFIX_PATTERN !== "")
                    $principal = preg_replace("/$AD_USERNAME_SUFFIX_PATTERN/", $AD_USERNAME_SUFFIX_REPLACE, $principal);
                if ($principal === null) { $tell("pattern", $AD_USERNAME_SUFFIX_PATTERN); continue; }
            }
            $names = $isDomain ? [["samaccountname", $user], ["userprincipalname", $principal]] : [["uid", strtolower($user)]];
            foreach ($names as [$name, $value]) {
                $found = @ldap_search($link, $base, "($name=" . ldap_escape($value, "", LDAP_ESCAPE_FILTER) . ")", [$name, "memberof"]);
                if (!$found) { $tell("search", "$base: " . $why($link)); continue 2; }
                if (($count = ldap_count_entries($link, $found)) === 1) break;
            }
            if ($count !== 1) { $tell($count ? "many" : "unknown", $base); continue; }
            $entry = ldap_get_entries($link, $found)[0];
            $groups = array_filter($entry["memberof"] ?? [], "is_int", ARRAY_FILTER_USE_KEY);
            unset($groups["count"]);
            $groups = array_filter($groups, "is_string");
            // Of a domain, HRM asks for the primary group or for groups in groups.
            $in = array_filter($groups, fn($group) => array_filter($authorized, fn($name) => strpos($group, $name)));
            if ($authorized && !$in && !$isDomain) { $tell("barred", implode(", ", $authorized)); continue; }
            $tell("proven");
        }' "$test_user"
}

prove() {
    for file in ldap_config.inc active_directory_config.inc; do
        case $file in ldap*) argument=signIn.ldap its=$ldap_config ;; *) argument=signIn.activeDirectory its=$active_directory_config ;; esac
        [ -n "$its" ] || continue
        progress "asks the directory of $file"
        answer=$(printf '%s' "$its" | ask)
        [ -n "$answer" ] || fail "PHP does not get as far as the directory" "look at 'php -m' on this host: HRM needs PHP's extension ldap"
        # Each domain controller has to do, since HRM takes any.
        wrong=$(printf '%s\n' "$answer" | grep -v '^proven ' | head -n 1)
        [ -z "$wrong" ] || tell_wrong "$wrong"
    done
    proof | write_file "$proven" root root 600
}

tell_wrong() {
    later='to go on without it for now, leave signIn out'
    what=${1%% *} rest=${1#* }
    server=${rest%% *} words=${rest#* }
    case $what in
    tls) fail "the directory $server does not answer over TLS: $(said "$words")" "look whether it is up, at $argument (host, port, useSsl, useTls), at the name in its certificate, and give its authority with signIn.ca$(others=$(other_trust); [ -z "$others" ] || echo "; by the line '$(said "$others")' of $client OpenLDAP's client trusts others than this host does")" "$later" ;;
    silent) fail "the directory $server does not answer: $(said "$words")" "look whether it is up, and at $argument (host, port)" "$later" ;;
    bind) fail "the directory $server does not let HRM in as $(said "$words")" "look at the manager of $argument and its password" ;;
    pattern) fail "$argument.usernameSuffixPattern is no regular expression of PCRE: $words" "mend it; HRM puts it between slashes" ;;
    search) fail "the directory $server cannot be searched below $(said "$words")" "look at where users are in $argument, and at the rights of its manager" ;;
    unknown) fail "the directory $server knows no user $test_user below $words" "look at where users are in $argument, or at signIn.testUser" ;;
    many) fail "the directory $server knows several users $test_user below $words" "HRM lets in none of them; look at where users are in $argument" ;;
    barred) fail "$test_user is known to the directory $server, but in none of its groups $(said "$words")" "look at $argument.authorizedGroups, at memberOf in the directory, or at signIn.testUser" ;;
    esac
}
