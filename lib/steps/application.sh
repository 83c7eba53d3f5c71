# shellcheck shell=sh
# HRM's tree and the programs that it calls are there. Installing them is up to the person who runs the host.
# user: HRM's account. hrm_path: HRM's tree. ping_command: HRM's variable of that name.
: "${user:?}" "${hrm_path:?}" "${ping_command:?}"

missing_files() {
    for file in bin/hrm_queuemanager run/runHuygensRemoteManager.php scripts/hucore.tcl setup/dbupdate.php resources/checkConfig.php; do
        [ -r "$hrm_path/$file" ] || echo "$file"
    done
}

missing_programs() {
    commands_missing php ssh scp sftp ssh-keygen ps awk grep find zip unzip tar "${ping_command%% *}"
}

# shellcheck disable=SC2016
missing_php() {
    php_says 'if (PHP_VERSION_ID < 80100) fwrite($out, "8.1");
        foreach (["posix", "mysqli", "json", "xml", "mbstring", "ldap"] as $e) if (!extension_loaded($e)) fwrite($out, " $e");' || :
}

check() {
    for file in $(missing_files); do
        differs "$hrm_path/$file: not there, want HRM's"
    done
    for program in $(missing_programs); do
        differs "$program: not there, HRM calls it"
    done
    for part in $(missing_php); do
        differs "PHP $part: not there, HRM needs it"
    done
}

ensure() {
    [ -z "$(missing_files)" ] ||
        fail "there is no HRM at $hrm_path: without $(said "$(missing_files)")" \
            "unpack a release of HRM there, or describe where it is with hrmPath"
    [ -z "$(missing_programs)" ] ||
        fail "programs that HRM calls are missing: $(said "$(missing_programs)")" \
            "on Debian: apt-get install php-cli openssh-client procps gawk grep findutils zip unzip tar iputils-ping"
    fail "PHP is too old or incomplete; it lacks: $(said "$(missing_php)")" \
        "HRM needs PHP 8.1; on Debian: apt-get install php-cli php-mysql php-xml php-mbstring php-ldap"
}
