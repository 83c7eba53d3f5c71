# shellcheck shell=sh
# For the steps that ask PHP or the database: as the account, since what works for it works for HRM.
# user: HRM's account.
: "${user:?}" "${tab:?}" "${newline:?}"

# php_says SCRIPT ARGUMENT…: the script writes its answer to $out and what went wrong to $err. What PHP says by itself, such as that an extension cannot be
# loaded, goes to neither: with display_startup_errors it would stand in front of each answer.
# shellcheck disable=SC2016
php_says() {
    script=$1
    shift
    as "$user" php -d display_errors=0 -r '$out = fopen("php://fd/3", "w"); $err = fopen("php://fd/4", "w"); '"$script" "$@" 3>&1 4>&2 >/dev/null 2>&1
}

# php_lacks: what HRM needs of PHP and this one has not; `8.1` where it is older.
# shellcheck disable=SC2016
php_lacks() {
    php_says 'if (PHP_VERSION_ID < 80100) fwrite($out, "8.1");
        foreach (["posix", "mysqli", "json", "xml", "mbstring", "ldap"] as $e) if (!extension_loaded($e)) fwrite($out, " $e");' || echo "that works: 'php -r 1;' ends with $?"
}

# look_at_database DATABASE: leaves `found`, the revision of HRM's schema, 0 where there is none yet; in `tables`, how many there are; and `why` it is something
# else's, else empty. HRM's mark is its revision: the names of its tables may be anybody's. Needs `ask SQL`, which prints rows; it stands on a line of its own,
# since a failure inside a condition would go unseen, and a database that does not answer must not count as a new one. By one question, since each starts a
# client: what may not be there is asked by a statement that is made where it is.
# shellcheck disable=SC2034 # for the step
look_at_database() {
    why=''
    seen=$(ask "SET @columns = (SELECT COUNT(*) FROM information_schema.COLUMNS
            WHERE TABLE_SCHEMA = $(sql "$1") AND TABLE_NAME = 'global_variables' AND COLUMN_NAME IN ('name', 'value'));
        SET @question = IF(@columns = 2, $(sql "SELECT COUNT(*), COALESCE(MAX(IF(name = 'dbrevision', value, NULL)), 'none') FROM \`$1\`.global_variables"), 'SELECT 0, ''none''');
        SELECT @columns, COUNT(*), COALESCE(MIN(TABLE_NAME), '') FROM information_schema.TABLES WHERE TABLE_SCHEMA = $(sql "$1");
        PREPARE question FROM @question;
        EXECUTE question")
    IFS=$tab read -r columns tables one_of_them <<SEEN
$seen
SEEN
    IFS=$tab read -r variables found <<SEEN
${seen#*"$newline"}
SEEN
    case $found in '' | *[!0-9]*) found=0 ;; *) return 0 ;; esac
    # HRM's dbupdate.php makes that table first, and may have been cut off then.
    case "$tables $columns $variables" in
    '0 0 0' | '1 2 0') ;;
    *) why="holds $tables tables, $(said "$one_of_them") among them, and no revision of HRM's (global_variables.dbrevision)" ;;
    esac
}

# refuse_database_of_others DATABASE: ends the step; else leaves `found`.
refuse_database_of_others() {
    look_at_database "$1"
    [ -z "$why" ] || fail "the database $1 $why" "describe another one with database.name; or, where it is HRM's, restore that revision; nothing was changed"
}

# The server's own message may quote the statement, in its own language, and with it a password: it is never shown. These are our words for its numbers.
sql_words='1021 the disk of the database is full
1040 too many connections
1044 the user may not use this database
1045 the login is refused: another password, or not from this host
1049 there is no such database
1114 the disk of the database is full
1130 the server lets nobody in from this host
1142 a right is missing
1143 a right is missing
1146 a table is missing
1203 too many connections of this user
1205 another session holds a lock
1213 another session holds a lock
1226 too many connections of this user
1227 a right is missing
1251 the server asks for a way to log in that PHP does not know
1290 the server is read-only
1396 the user is not as expected
1524 the server has no such way to log in
1698 the login is refused: only the user of that name on the host itself may
1819 the password does not fit the policy of the server
1820 the password has expired, and has to be changed first
1836 the server is read-only
1862 the password has expired, and has to be changed first
2002 it does not answer; is it running?
2003 it does not answer; is it running?
2005 its name does not resolve
2006 the connection ended
2013 the connection ended
2026 TLS fails
2054 the server asks for a way to log in that PHP does not know
3159 the server insists on TLS'

# A PHP function for a connection as HRM's is: over TLS, and to no server but that one, where a file of authorities is named.
# shellcheck disable=SC2016,SC2034
php_connect='mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
$connect = function ($host, $user, $password, $name, $ca) {
    $db = mysqli_init();
    if ($ca) $db->ssl_set(null, null, $ca, null, null);
    $db->real_connect($host, $user, $password, $name, flags: $ca ? MYSQLI_CLIENT_SSL | MYSQLI_CLIENT_SSL_VERIFY_SERVER_CERT : 0);
    return $db;
};'

# sql_error NUMBER SQLSTATE: as a message has it.
sql_error() {
    words=$(printf '%s\n' "$sql_words" | sed -n "s/^$1 //p")
    echo "error $1, SQLSTATE $2${words:+: $words}"
}

# A PHP function for `sql_error` of an exception.
# shellcheck disable=SC2016,SC2034
php_sql_error='$sql_error = function ($e) use ($argv) {
    $state = method_exists($e, "getSqlState") ? $e->getSqlState() : "HY000";
    $words = preg_match("/^{$e->getCode()} (.+)$/m", end($argv), $found) ? ": $found[1]" : "";
    return "error {$e->getCode()}, SQLSTATE $state$words";
};'
