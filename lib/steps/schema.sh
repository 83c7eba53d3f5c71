# shellcheck shell=sh
# The database has the schema of the installed HRM, and the row that HRM's installer puts there (hucore on localhost) is gone.
# user: HRM's account. hrm_path: HRM's tree. db_host, db_name: HRM's variables of these names.
: "${user:?}" "${hrm_path:?}" "${db_host:?}" "${db_name:?}" "${state:?}"

default_row="name = 'localhost' AND huscript_path = '/usr/local/bin/hucore' AND status = 'free' AND gpuId IS NULL"

wanted_revision() {
    sed -n 's/.*DB_LAST_REVISION = \([0-9]*\);.*/\1/p' "$hrm_path/inc/System.php"
}

# 0 where there is no schema yet.
revision() {
    tables=$(echo "SHOW TABLES LIKE 'global_variables'" | db)
    [ -n "$tables" ] || tables=none
    if [ "$tables" = none ]; then
        echo 0
    else
        echo "SELECT COALESCE(MAX(value), 0) FROM global_variables WHERE name = 'dbrevision'" | db
    fi
}

count() {
    tables=$(echo "SHOW TABLES LIKE '$1'" | db)
    if [ -n "$tables" ]; then echo "SELECT COUNT(*) FROM $1" | db; else echo 0; fi
}

# HRM takes a database without a revision for a new one and drops its tables; its upgrades convert saved settings but not those of queued jobs.
refuse_to_lose_something() {
    if [ "$(revision)" = 0 ]; then
        # HRM's installer makes one user, the administrator.
        { [ "$(count statistics) $(count job_queue)" = "0 0" ] && [ "$(count username)" -le 1 ]; } ||
            fail "the database has tables with content but no revision; HRM's dbupdate.php would drop them" \
                "restore global_variables.dbrevision, or describe another database with database.name"
    else
        [ "$(count job_queue)" = 0 ] ||
            fail "the schema is older than this HRM, and an upgrade does not convert the jobs in the queue" "let the queue run empty first"
    fi
}

# dbupdate.php makes no backup, and each of its steps commits by itself.
back_up() {
    [ "$(revision)" != 0 ] && [ "$db_host" = localhost ] || return 0
    dump=$(command -v mariadb-dump || command -v mysqldump)
    install -d -m 0700 "$state/backup"
    file=$state/backup/$db_name-revision-$(revision).sql
    [ -e "$file" ] || { "$dump" --single-transaction "$db_name" >"$file.new" && mv "$file.new" "$file"; }
    progress "the database as it was is in $file"
}

check() {
    found=$(revision)
    wanted=$(wanted_revision)
    [ "$found" = "$wanted" ] || differs "the database: revision $found, want $wanted"
    [ "$found" != 0 ] || return 0
    row=$(echo "SELECT name FROM server WHERE $default_row" | db)
    [ -z "$row" ] || differs "server row localhost: the installer's default is there, want none"
}

ensure() {
    if [ "$(revision)" != "$(wanted_revision)" ]; then
        [ "$(revision)" -lt "$(wanted_revision)" ] ||
            fail "the schema is of a newer HRM (revision $(revision)) than the one at $hrm_path" "install that HRM"
        refuse_to_lose_something
        back_up
        # It exits with 0 whatever happens; the revision is the proof.
        answer=$(cd "$hrm_path/setup" && as "$user" php dbupdate.php 2>&1 </dev/null) || :
        [ "$(revision)" = "$(wanted_revision)" ] ||
            fail "HRM's dbupdate.php stopped at revision $(revision): $(said "$answer")" "look at dbupdate_error.log in HRM's log folder on this host"
    fi
    echo "DELETE FROM server WHERE $default_row" | db
}
