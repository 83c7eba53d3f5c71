# shellcheck shell=sh
# HRM's database exists, and HRM's database user can log in with the password and do there what HRM needs, but no more.
# A database on another host is only checked: its administrator makes it.
# db_host, db_name, db_user, db_password: HRM's variables of these names. user: HRM's account.
: "${user:?}" "${db_host:?}" "${db_name:?}" "${db_user:?}" "${db_password:?}"

privileges='SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX'

# What the database user cannot do, or why it cannot log in; nothing where all is well. By PHP, since that is how HRM connects.
# shellcheck disable=SC2016
lacks() {
    printf '%s\n' "$db_password" | as "$user" php -r '
        [, $host, $user, $name, $wanted] = $argv;
        mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
        try {
            $db = new mysqli($host, $user, rtrim(fgets(STDIN), "\n"), $name);
            $granted = "";
            foreach ($db->query("SHOW GRANTS") as $row)
                if (preg_match("/^GRANT (.+) ON (\S+) TO /", current($row), $grant)
                    && in_array(stripslashes(trim($grant[2])), ["*.*", "`$name`.*"])) $granted .= ", $grant[1]";
            if (!str_contains($granted, "ALL PRIVILEGES"))
                echo implode(" ", array_diff(explode(", ", $wanted), explode(", ", $granted)));
        } catch (mysqli_sql_exception $e) {
            echo $e->getMessage();
        }' "$db_host" "$db_user" "$db_name" "$privileges" 2>&1
}

# In a grant, _ is a wildcard in the name of a database.
sql_grant_name() {
    printf '%s' "$db_name" | sed 's/_/\\_/g'
}

administrator() {
    client=$(command -v mariadb || command -v mysql) ||
        fail "there is no MariaDB on this host" "on Debian: apt-get install mariadb-server; or name the host of the database with database.host"
    "$client" --batch --skip-column-names 2>&1
}

# What went wrong, but without the statement, which holds the password: the client shows it, and the server quotes from it.
without_statement() {
    printf '%s\n' "$1" | sed -n "s/ near '.*//; s/^ERROR //p"
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

check() {
    found=$(lacks)
    [ -z "$found" ] || differs "database $db_name: $db_user cannot use it ($(said "$found"))"
}

ensure() {
    [ "$db_host" = localhost ] ||
        fail "$db_user cannot use the database $db_name on $db_host: $(said "$(lacks)")" \
            "on $db_host: CREATE DATABASE $db_name CHARACTER SET utf8; CREATE USER $db_user IDENTIFIED BY (the password);" \
            "GRANT $privileges ON $db_name.* TO $db_user;"
    systemctl is-active --quiet mariadb.service mysql.service || answer=$(systemctl start mariadb.service 2>&1) ||
        fail "MariaDB does not start: $(said "$answer")" "look at 'journalctl -u mariadb' on this host"
    # A client that ends early leaves the statements unread.
    answer=$(create_database 2>/dev/null | administrator) ||
        fail "root cannot administer MariaDB: $(said "$(without_statement "$answer")")" \
            "let root log in by its socket (Debian's default), or put the password into /root/.my.cnf"
}
