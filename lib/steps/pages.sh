# shellcheck shell=sh
# HRM's pages do what people come for: the login form is there, the administrator gets in with the right password and with no other, and the hucore of HRM's previews answers the
# web server's user. What a look would do each time for nothing (a login, a start of hucore) is done once, until something of it changes.
# user: HRM's account. web_user: the web server's user. hrm_path: HRM's tree. url: of HRM's pages. hucore: on this host. admin_password: the described one.
: "${user:?}" "${web_user:?}" "${hrm_path:?}" "${url:?}" "${hucore:?}" "${admin_password:?}" "${state:?}"

proven=$state/pages-proven

# For what a proof is good.
proof() {
    {
        printf '%s\n' "$url" "$web_user" "$admin_password"
        stat -Lc '%n %s %Y' "$hrm_path/inc/System.php" "$hrm_path/config/hrm_config.inc" "$hucore" 2>/dev/null || :
    } | sha256sum
}

# ask: what the login page answers the administrator with the password on standard input, or a visitor where that is empty: its status on the first line, then the page.
# Where TLS ends at a proxy elsewhere, this host answers without.
# shellcheck disable=SC2016
ask() {
    php_says '$url = parse_url($argv[1]);
        $http = ["header" => "Host: $url[host]\r\nUser-Agent: pulumi-hrm", "timeout" => 20, "follow_location" => 0, "ignore_errors" => true];
        $password = rtrim((string) fgets(STDIN), "\n");
        if ($password !== "") {
            $http["method"] = "POST";
            $http["header"] .= "\r\nContent-Type: application/x-www-form-urlencoded";
            $http["content"] = http_build_query(["username" => "admin", "password" => $password]);
        }
        $context = stream_context_create(["http" => $http, "ssl" => ["peer_name" => $url["host"], "verify_peer" => false, "verify_peer_name" => false]]);
        $own = "$url[scheme]://127.0.0.1" . (isset($url["port"]) ? ":$url[port]" : "");
        foreach (array_unique([$own, "http://127.0.0.1"]) as $place) {
            $page = @file_get_contents($place . rtrim($url["path"] ?? "", "/") . "/login.php", false, $context);
            if ($page !== false) break;
        }
        fwrite($out, $page === false ? "no answer" : explode(" ", $http_response_header[0])[1] . "\n$page");' "$url"
}

# why_no_form: what a visitor gets instead of the login form; nothing where it is there. With a warning of this class HRM's people cannot work, whatever it shows beside it
# (login.php of HRM 3.10: the database, its schema, hucore's version or licence).
why_no_form() {
    page=$(echo | ask)
    case $page in
    200*'class="dbOutDated"'*) echo "a warning: $(said "$(printf '%s\n' "$page" | sed -n '/dbOutDated/,/<\/div>/p' | sed 's/<[^>]*>//g')")" ;;
    200*'name="password"'*) ;;
    *) said "$(printf '%s\n' "$page" | head -n 1)" ;;
    esac
}

check() {
    why=$(why_no_form)
    if [ -n "$why" ]; then
        differs "$url/login.php: $why, want HRM's login form"
    elif ! proof | cmp -s - "$proven"; then
        differs "HRM's pages: no proof for what is described now, want one" "logs in to HRM's pages as admin, and asks hucore as $web_user"
    fi
}

# Whoever changes it on HRM's pages keeps the other one.
# shellcheck disable=SC2016
has_described_password() {
    stored=$(echo "SELECT password FROM username WHERE name = 'admin'" | db)
    printf '%s\n%s\n' "$stored" "$admin_password" | php_says '$stored = rtrim(fgets(STDIN), "\n"); if (password_verify(rtrim(fgets(STDIN), "\n"), $stored)) fwrite($out, "yes");'
}

ensure() {
    why=$(why_no_form)
    [ -z "$why" ] || fail "$url/login.php has no login form for who asks on this host: $why" \
        "look at it in a browser, at the web server's log (/var/log/apache2/error.log) and at the sites that this host shows by that name"
    # The page tells a right password from a wrong one; what it says to the wrong one is its own.
    answer=$(echo "no-$(od -An -N12 -tx1 /dev/urandom | tr -d ' ')" | ask | head -n 1)
    [ "$answer" = 200 ] || fail "HRM's login page answers $(said "$answer") to a wrong password, want 200" "look at the web server's log and at HRM's on this host"
    if [ -n "$(has_described_password)" ]; then
        answer=$(printf '%s\n' "$admin_password" | ask | head -n 1)
        [ "$answer" = 302 ] || fail "the administrator does not get in: HRM's login page answers $(said "$answer") to the right password, want 302" "look at the web server's log and at HRM's on this host"
    else
        progress "the administrator has another password by now, so nobody has tried to log in"
    fi
    if [ -x "$hucore" ]; then
        answer=$(as_visitor "$hucore -noExecLog -checkUpdates disable -task '$hrm_path/scripts/hucore.tcl' -huCoreTcl '$hrm_path/scripts/hucore.tcl' -tool reportVersionNumberAsInteger 2>&1")
        case $answer in
        *"BEGIN PROC"*version*VALUE*) ;;
        *) fail "hucore does not answer $web_user, so that HRM shows no previews: $(said "$answer")" "run '$hucore' as $web_user on this host: its licence has to be valid here, and readable" ;;
        esac
    else
        progress "there is no $hucore: HRM shows no previews until Huygens Core is here (its free reader licence will do)"
    fi
    # By it, the password could be guessed.
    proof | write_file "$proven" root root 600
}

# As PHP of the web server calls it.
as_visitor() {
    # shellcheck disable=SC2154 # of hrm.sh
    as "$web_user" env HOME=/var/cache/pulumi-hrm timeout "$hucore_seconds" sh -c "$1" </dev/null 2>&1 || echo "(exit code $?)"
}
