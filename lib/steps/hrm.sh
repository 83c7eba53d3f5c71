# shellcheck shell=sh
# For the steps on the web host that work with the installed HRM: its database, its ssh files, its queue manager.
# user: HRM's account. hrm_path: HRM's tree.
: "${user:?}" "${hrm_path:?}"

# db: SQL on standard input; rows on standard output, columns apart by tabs. As HRM's account, with what HRM's configuration says, so that
# what works here works for HRM. An error rolls the transaction back, since the connection ends with it.
# shellcheck disable=SC2016
db() {
    as "$user" php -r '
        include $argv[1];
        mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
        try {
            $db = new mysqli($db_host, $db_user, $db_password, $db_name);
            $db->set_charset("utf8");
            $db->multi_query(stream_get_contents(STDIN));
            do {
                $result = $db->store_result();
                if ($result) foreach ($result as $row) echo implode("\t", array_map(fn($v) => $v ?? "NULL", $row)), "\n";
            } while ($db->more_results() && $db->next_result());
        } catch (mysqli_sql_exception $e) {
            fwrite(STDERR, "database: " . $e->getMessage() . "\n");
            exit(1);
        }' "$hrm_path/config/hrm_config.inc"
}

# What the library knows about the nodes is in a folder of its own, which the account's ssh configuration includes.
ssh_folder() {
    echo "$(home_of "$user")/.ssh/hrm-cluster.d"
}

# revoke NODE PUBLIC-KEY-BLOB: takes the line with that key out of the account's authorized_keys on the node. Needs a key that still works there.
revoke() {
    as "$user" ssh -o ConnectTimeout=5 -o BatchMode=yes "$user@$1" "umask 077; cd ~/.ssh && { grep -vF ' $2' authorized_keys || test \$? = 1; } \
        >authorized_keys.hrm-new && mv -f authorized_keys.hrm-new authorized_keys" 2>&1 </dev/null
}

queue_manager_runs() {
    systemctl is-active --quiet hrmd.service
}

start_queue_manager() {
    queue_manager_runs || systemctl start hrmd.service ||
        fail "the queue manager does not start: $(said "$(journalctl -qu hrmd.service -n 3 -o cat)")" "look at 'journalctl -u hrmd' on this host"
}
