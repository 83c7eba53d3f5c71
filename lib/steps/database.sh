# shellcheck shell=sh
# HRM's database exists, and HRM's database user can log in with the password and do there what HRM needs, but no more.
# A database on another host is only checked: its administrator makes it. On this host, a user or database of something else is left alone.
# db_host, db_name, db_user, db_password: HRM's variables of these names. user, group: HRM's account. ca_file: for TLS, whom the server's certificate has to come from; empty
# without TLS. ca: what is in it, PEM; empty where the file is the host's own.
: "${user:?}" "${group:?}" "${db_host:?}" "${db_name:?}" "${db_user:?}" "${db_password:?}" "${ca_file?}" "${ca?}"

privileges='SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX'

# What the database user cannot do, or why it cannot log in; nothing where all is well. On a second line, on what else it has rights here. By PHP, since that is how HRM connects.
# shellcheck disable=SC2016,SC2154 # $php_sql_error and $sql_words are of php.sh
lacks() {
    printf '%s\n%s' "$db_password" "$ca" | php_says "$php_connect$php_sql_error"'
        [, $host, $user, $name, $wanted, $ca] = $argv;
        if (!extension_loaded("mysqli")) {
            fwrite($out, "PHP has no mysqli for it");
            exit;
        }
        $password = rtrim(fgets(STDIN), "\n");
        // The described ones, before they take the place of those by which HRM connects.
        $described = stream_get_contents(STDIN);
        if ($described !== "") {
            $file = tmpfile();
            fwrite($file, $described);
            $ca = stream_get_meta_data($file)["uri"];
        }
        $told = "";
        set_error_handler(function ($level, $text) use (&$told) { $told .= $text; return true; });
        try {
            $db = $connect($host, $user, $password, $name, $ca);
            $granted = $others = "";
            foreach ($db->query("SHOW GRANTS") as $row) {
                if (!preg_match("/^GRANT (.+) ON (\S+) TO /", current($row), $grant)) continue;
                $place = stripslashes(trim($grant[2]));
                if (in_array($place, ["*.*", "`$name`.*"])) $granted .= ", $grant[1]";
                if (!str_starts_with($place, "`$name`.") && $grant[1] !== "USAGE") $others .= " " . ($place === "*.*" ? "the whole server" : $place);
            }
            if (!str_contains($granted, "ALL PRIVILEGES"))
                fwrite($out, implode(" ", array_diff(explode(", ", $wanted), explode(", ", $granted))));
            if ($others !== "" && $host === "localhost") fwrite($out, "\n" . str_replace("`", "", ltrim($others)));
        } catch (mysqli_sql_exception $e) {
            fwrite($out, match (true) {
                stripos($told, "peer certificate") !== false => "TLS: its certificate is not for $host",
                str_contains($told, "certificate verify failed") => "TLS: its certificate has expired, or comes from somebody else",
                str_contains($told, "SSL") => "TLS: it fails",
                $ca && $e->getCode() === 2006 => "TLS: it offers none, or ends the connection",
                default => $sql_error($e),
            });
        }' "$db_host" "$db_user" "$db_name" "$privileges" "$ca_file" "$sql_words" || echo "PHP ends with $?"
}

# In a grant, _ is a wildcard in the name of a database.
sql_grant_name() {
    printf '%s' "$db_name" | sed 's/_/\\_/g'
}

# Debian's packages of MariaDB and MySQL call the service by these names.
database_unit() {
    for unit in mariadb.service mysql.service mysqld.service; do
        ! systemctl cat "$unit" >/dev/null 2>&1 || {
            echo "$unit"
            return 0
        }
    done
    fail "there is no database server on this host" "on Debian: apt-get install mariadb-server; or name the host of the database with database.host"
}

start_database() {
    unit=$(database_unit)
    systemctl is-active --quiet "$unit" || answer=$(systemctl start "$unit" 2>&1) ||
        fail "the database server does not start: $(said "$answer")" "look at 'journalctl -u ${unit%.service}' on this host"
}

# administrator: SQL on standard input; rows on standard output, or the error by its number.
administrator() {
    client=$(command -v mariadb || command -v mysql) ||
        fail "there is no client of the database server on this host" "on Debian: apt-get install mariadb-client"
    "$client" --batch --skip-column-names 2>&1
}

# What went wrong, from the client's `ERROR 1045 (28000)…: TEXT`; the rest of the line may quote the statement, which holds the password.
error_of() {
    number=$(printf '%s\n' "$1" | sed -n 's/^ERROR \([0-9][0-9]*\) (\([0-9A-Z]*\)).*/\1 \2/p' | head -n 1)
    # shellcheck disable=SC2086
    if [ -n "$number" ]; then sql_error $number; else echo "the client ends without a number of its error"; fi
}

# ask SQL: rows, or the end of the step.
ask() {
    # A client that ends early leaves the statements unread.
    answer=$(printf '%s\n' "$1" 2>/dev/null | administrator) || refused "$answer"
    printf '%s\n' "$answer"
}

refused() {
    error=$(error_of "$1")
    case $error in
    # With 1396 where MariaDB's ALTER USER meets it.
    'error 1819,'* | 'error 1396,'*)
        policy=$(policy)
        [ -z "$policy" ] || fail "the server refuses the password of $db_user: $error" "describe another one with database.password, which fits its policy: $policy"
        ;;
    esac
    fail "root cannot administer the database server: $error" \
        "let root log in by its socket (Debian's default), or put the password into /root/.my.cnf"
}

# The settings of simple_password_check, cracklib and validate_password; numbers and words, no secret.
policy() {
    said "$(echo "SHOW GLOBAL VARIABLES WHERE Variable_name LIKE 'simple\_password\_check%' OR Variable_name LIKE 'validate\_password%'
        OR Variable_name LIKE 'cracklib%' OR Variable_name LIKE 'password\_reuse%'" | administrator | tr '\t' '=')"
}

# The grants of the user, from whatever host it comes: an entry for localhost goes before one for any host.
grants() {
    hosts=$(ask "SELECT Host FROM mysql.user WHERE User = $(sql "$db_user")")
    printf '%s\n' "$hosts" | while IFS= read -r from; do
        [ -z "$from" ] || ask "SHOW GRANTS FOR $(sql "$db_user")@$(sql "$from")"
    done
}

# On what else than HRM's database. The lines of grants may hold the sum of a password.
places_of_others() {
    printf '%s\n' "$1" | sed -n 's/\\//g; ta; :a; /^GRANT USAGE ON \*\.\* /d; s/^GRANT .* ON \([^ ]*\) TO .*/\1/p; t; s/^GRANT .* TO .*/a role/p' |
        sed 's/`//g; s/^\*\.\*$/the whole server/; s/^\([^.]*\)\.\*$/the database \1/' | sort -u | grep -vE "^(the database $db_name|$db_name\..*)\$" || :
}

# Its password would be changed, and something else locked out.
refuse_user_of_others() {
    grants=$(grants)
    others=$(places_of_others "$grants")
    [ -z "$others" ] ||
        fail "the database user $db_user has rights on $(said "$others" | sed 's/ the /, the /g'), so it is not HRM's alone" \
            "revoke them, or describe another one with database.user; nothing was changed"
    [ -n "$grants" ] || return 0
    # One that something else logs in with, and that has no rights yet or any more. It is HRM's where the described password lets it in, also if it may do nothing.
    lacks=$(lacks)
    case $lacks in
    *'error 1044,'* | *'error 1049,'*) ;;
    *'error '*)
        ! printf '%s\n' "$grants" | sed 's/\\//g' | grep -qF -e " ON \`$db_name\`." ||
            return 0
        fail "the database user $db_user is there, with another password than the described one and no rights on $db_name, so it is not HRM's" \
            "describe its password with database.password, or another user with database.user; nothing was changed"
        ;;
    esac
}

# shellcheck disable=SC2016
create_database() {
    printf 'SET SESSION sql_mode = "";\n'
    printf 'CREATE DATABASE IF NOT EXISTS `%s` CHARACTER SET utf8;\n' "$db_name"
    account="$(sql "$db_user")@'localhost'"
    printf 'CREATE USER IF NOT EXISTS %s IDENTIFIED BY %s;\n' "$account" "$(sql "$db_password")"
    printf 'ALTER USER %s IDENTIFIED BY %s;\n' "$account" "$(sql "$db_password")"
    printf 'GRANT %s ON `%s`.* TO %s;\n' "$privileges" "$(sql_grant_name)" "$account"
}

# On another host: its administrator has to make it.
refuse_what_is_not_there() {
    lacks=$(lacks)
    problem="$db_user cannot use the database $db_name on $db_host: $(said "$lacks")"
    insist=
    [ -n "$ca_file" ] || insist=' (where the server insists on TLS: database.tls)'
    case $lacks in
    '') ;;
    TLS:*)
        fail "$problem" "let database.host be a name that its certificate is made out to, and database.tls.ca who has signed that;" \
            "on $db_host: SHOW VARIABLES LIKE 'ssl_cert' has it, where the server offers TLS"
        ;;
    *)
        fail "$problem" \
            "on $db_host: CREATE DATABASE $db_name CHARACTER SET utf8; CREATE USER $db_user IDENTIFIED BY (the password)${ca_file:+ REQUIRE SSL};" \
            "GRANT $privileges ON $db_name.* TO $db_user;$insist"
        ;;
    esac
}

# Where nobody can say, it is taken to be there.
is_there() {
    [ "$db_host" = localhost ] || return 0
    schemas=$(echo "SELECT CONCAT('schema ', schema_name) FROM information_schema.schemata" | administrator 7>/dev/null) || return 0
    printf '%s\n' "$schemas" | grep -qixF -e "schema $db_name"
}

check() {
    [ -z "$ca" ] || file_differs "$ca_file" root "$group" 640 "$ca"
    found=$(lacks)
    cannot=$(printf '%s\n' "$found" | head -n 1)
    if [ -n "$cannot" ] && ! is_there; then
        differs "database $db_name: not there, want it" "makes database $db_name and its user $db_user"
        return 0
    fi
    [ -z "$cannot" ] || differs "database $db_name: $db_user cannot use it ($(said "$cannot"))"
    others=$(printf '%s\n' "$found" | sed 1d)
    [ -z "$others" ] || differs "database user $db_user: has rights on $(said "$others"), want none there"
}

ensure() {
    if [ "$db_host" != localhost ]; then
        refuse_what_is_not_there
        # One of an earlier description has another name, and stays: what runs has been told of it.
        [ -z "$ca" ] || printf '%s' "$ca" | write_file "$ca_file" root "$group" 640
        return 0
    fi
    start_database
    refuse_user_of_others
    refuse_database_of_others "$db_name"
    answer=$(create_database 2>/dev/null | administrator) || refused "$answer"
}
