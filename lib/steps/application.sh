# shellcheck shell=sh
# HRM's tree is there, and its account can call the programs that it calls. Installing HRM is up to the person who runs the host.
# user: HRM's account. hrm_path: HRM's tree. ping_command: HRM's variable of that name.
: "${user:?}" "${hrm_path:?}" "${ping_command:?}"

missing_files() {
    for file in bin/hrm_queuemanager run/runHuygensRemoteManager.php scripts/hucore.tcl setup/dbupdate.php resources/checkConfig.php; do
        as "$user" test -r "$hrm_path/$file" || echo "$file"
    done
}

# shellcheck disable=SC2154,SC2086 # of programs.sh
missing_programs() {
    commands_missing $hrm_programs "${ping_command%% *}"
}

check() {
    for file in $(missing_files); do
        if [ -e "$hrm_path/$file" ]; then differs "$hrm_path/$file: $user cannot read it, want that"; else differs "$hrm_path/$file: not there, want HRM's"; fi
    done
    for program in $(missing_programs); do
        differs "$program: not there, HRM calls it"
    done
    part=$(php_lacks)
    [ -z "$part" ] || differs "PHP: lacks $(said "${part# }"), HRM needs it"
}

ensure() {
    for file in $(missing_files); do
        [ ! -e "$hrm_path/$file" ] ||
            fail "$user cannot read $hrm_path/$file" "let others read HRM's tree and its parents: they need r and x ('namei -l $hrm_path/$file' shows what is in the way)"
    done
    [ -z "$(missing_files)" ] ||
        fail "there is no HRM at $hrm_path: without $(said "$(missing_files)")" \
            "unpack a release of HRM there, or describe where it is with hrmPath"
    [ -z "$(missing_programs)" ] ||
        fail "programs that HRM calls are missing: $(said "$(missing_programs)")" \
            "on Debian: apt-get install php-cli openssh-client procps gawk grep findutils zip unzip tar iputils-ping"
    fail "PHP is too old or incomplete; it lacks: $(said "$(php_lacks)")" \
        "HRM needs PHP 8.1; on Debian: apt-get install php-cli php-mysql php-xml php-mbstring php-ldap"
}
