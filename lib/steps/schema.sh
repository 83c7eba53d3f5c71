# shellcheck shell=sh
# The database has the schema of the installed HRM; what HRM's installer puts there is gone: the row of hucore on localhost, the password that everybody
# knows, logs that everybody may write.
# user: HRM's account. hrm_path: HRM's tree. db_host, db_name: HRM's variables of these names. log_folder: HRM's logdir. admin_password: that takes the
# place of the initial one.
# shellcheck disable=SC2154 # `found` and `tables`, of php.sh
: "${user:?}" "${hrm_path:?}" "${db_host:?}" "${db_name:?}" "${log_folder:?}" "${admin_password:?}" "${state:?}"

default_row="name = 'localhost' AND huscript_path = '/usr/local/bin/hucore' AND status = 'free' AND gpuId IS NULL"

ask() {
    echo "$1" | db
}

wanted_revision() {
    sed -n 's/.*DB_LAST_REVISION = \([0-9]*\);.*/\1/p' "$hrm_path/inc/System.php"
}

count() {
    there=$(echo "SHOW TABLES LIKE '$1'" | db)
    if [ -z "$there" ]; then echo 0; else echo "SELECT COUNT(*) FROM $1" | db; fi
}

# HRM takes a database without a revision for a new one and drops its tables; its upgrades convert saved settings but not those of queued jobs.
refuse_to_lose_something() {
    [ "$tables" != 0 ] || return 0
    jobs=$(count job_queue)
    done_jobs=$(count statistics)
    users=$(count username)
    if [ "$found" != 0 ]; then
        [ "$jobs" = 0 ] ||
            fail "the schema is older than this HRM, and an upgrade does not convert the jobs in the queue" "let the queue run empty first"
    elif [ "$jobs $done_jobs" != "0 0" ] || [ "$users" -gt 1 ]; then
        # HRM's installer makes one user, the administrator.
        fail "the database has tables with content, but revision 0; HRM's dbupdate.php would drop them" \
            "restore global_variables.dbrevision, or describe another database with database.name"
    fi
}

# dbupdate.php makes no backup, and each of its steps commits by itself.
back_up() {
    [ "$found" != 0 ] && [ "$db_host" = localhost ] || return 0
    dump=$(command -v mariadb-dump || command -v mysqldump)
    install -d -m 0700 "$state/backup"
    file=$state/backup/$db_name-revision-$found-$(date +%Y%m%dT%H%M%S).sql
    # A client of MariaDB 10.5.25 and later begins with a comment that older servers' clients refuse.
    { "$dump" --single-transaction "$db_name" >"$file.new" 2>/dev/null && sed -i '1{/999999/d}' "$file.new" && mv "$file.new" "$file"; } || {
        rm -f "$file.new"
        fail "the database could not be backed up to $file" "look at the free space there; nothing was changed"
    }
    progress "the database as it was is in $file"
}

password_of_admin="SELECT password FROM username WHERE name = 'admin'"

# The sum of what was stored for HRM's user admin when that was seen to be another password than the initial one: bcrypt takes a quarter of a second to be asked.
known_password=$state/password-known

sum() {
    printf '%s' "$1" | sha256sum
}

is_known() {
    sum "$1" | cmp -s - "$known_password"
}

keep_known_password() {
    sum "$1" | write_file "$known_password" root root 600
}

# initial STORED: whether that is the password with which each HRM begins, an MD5 sum or, after a login, bcrypt: `yes` or `no`, and nothing where PHP cannot tell.
# shellcheck disable=SC2016
initial() {
    printf '%s\n' "$1" | php_says '$stored = rtrim(fgets(STDIN), "\n");
        fwrite($out, $stored === md5("pwd4hrm") || password_verify("pwd4hrm", $stored) ? "yes" : "no");'
}

# initial_password STORED: that, where it is the initial one.
initial_password() {
    is_known "$1" || [ "$(initial "$1")" != yes ] || echo "$1"
}

# Asked again, since somebody may have changed it meanwhile.
remark() {
    stored=$(ask "$password_of_admin")
    is_known "$stored" || [ "$(initial "$stored")" != no ] || keep_known_password "$stored"
}

# replace_initial_password STORED: unless somebody is faster.
# shellcheck disable=SC2016
replace_initial_password() {
    initial=$(initial_password "$1")
    [ -n "$initial" ] || return 0
    new=$(printf '%s\n' "$admin_password" | php_says 'fwrite($out, password_hash(rtrim(fgets(STDIN), "\n"), PASSWORD_BCRYPT));')
    stored=$(ask "UPDATE username SET password = $(sql "$new"), status = 'a' WHERE name = 'admin' AND password = $(sql "$initial"); $password_of_admin")
    [ "$stored" != "$new" ] || keep_known_password "$new"
}

# HRM's dbupdate.php makes its logs with mode 0666.
loose_logs() {
    find "$log_folder" -maxdepth 1 -type f -name '*.log' -perm /002
}

check() {
    look_at_database "$db_name"
    if [ -n "$why" ]; then
        differs "the database $db_name: $why, want one of HRM's own"
        return 0
    fi
    wanted=$(wanted_revision)
    [ "$found" = "$wanted" ] || differs "the database: revision $found, want $wanted" "brings HRM's schema from revision $found to $wanted"
    [ "$found" != 0 ] || return 0
    [ -z "$wanted" ] || [ "$found" -ge "$wanted" ] || follows "HRM's schema is upgraded from revision $found to $wanted, while the queue manager is stopped$([ "$db_host" != localhost ] || echo "; the database as it was is kept in $state/backup")"
    # By one question: each starts PHP, and has it connect.
    told=$(echo "SELECT (SELECT COUNT(*) FROM server WHERE $default_row), COALESCE((SELECT password FROM username WHERE name = 'admin' LIMIT 1), '')" | db)
    [ "${told%%[!0-9]*}" = 0 ] || differs "server row localhost: the installer's default is there, want none"
    initial=$(initial_password "${told#*[!0-9]}")
    [ -z "$initial" ] || differs "HRM's user admin: has the password with which each HRM begins, want another" "gives HRM's user admin another password than the one with which each HRM begins"
    loose_logs | while IFS= read -r log; do differs "$log: everybody may write it, want account and group only"; done
}

update() {
    [ "$found" -lt "$wanted" ] || fail "the schema is of a newer HRM (revision $found) than the one at $hrm_path" "install that HRM"
    refuse_to_lose_something
    if queue_manager_runs; then
        # It would go on with its old code on a schema that this does not know. It is started again whatever comes of this.
        progress "the queue manager finishes its round before the upgrade from revision $found to $wanted"
        # shellcheck disable=SC2034 # for the end of the step
        stopped=hrmd.service
        systemctl stop hrmd.service
        refuse_to_lose_something
    fi
    back_up
    # It exits with 0 whatever happens; the revision is the proof. An error that it does not catch would show its arguments, the password.
    # What it prints may be the database server's words, which quote statements.
    (cd "$hrm_path/setup" && as "$user" php -d zend.exception_ignore_args=1 dbupdate.php >/dev/null 2>&1 </dev/null) || :
    look_at_database "$db_name"
    [ "$found" = "$wanted" ] ||
        fail "HRM's dbupdate.php stopped at revision $found" "look at dbupdate_error.log in HRM's log folder on this host"
}

ensure() {
    refuse_database_of_others "$db_name"
    wanted=$(wanted_revision)
    if [ "$found" != "$wanted" ]; then
        update
    fi
    stored=$(ask "DELETE FROM server WHERE $default_row; $password_of_admin")
    replace_initial_password "$stored"
    loose_logs | while IFS= read -r log; do
        # In a folder where the web server may write, it may be a link by now; to take a right away does no harm behind one.
        chgrp -h "$(id -gn "$user")" "$log"
        chmod o-w "$log"
    done
}
