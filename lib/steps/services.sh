# shellcheck shell=sh
# For the steps that give the web server another configuration.

has_apache_module() {
    [ -n "$(ls /etc/apache2/mods-enabled/php*.load 2>/dev/null)" ]
}

# restart_php STATES: PHP of the web server reads its files anew, where its units are in one of these states.
restart_php() {
    for unit in $(systemctl list-units --plain --no-legend --state="$1" 'php*-fpm.service' | cut -d ' ' -f 1); do
        with_good_configuration "$unit" restart
    done
    ! has_apache_module || ! systemctl is-active --quiet apache2.service || with_good_configuration apache2.service restart
}

# with_good_configuration UNIT VERB: a mistake in the configuration, by whomever, would end a web server that still runs with the one before.
with_good_configuration() {
    case $1 in
    apache2*) tester="apache2ctl configtest" ;;
    httpd*) tester="httpd -t" ;;
    nginx*) tester="nginx -t" ;;
    php*-fpm*) tester="php-fpm$(echo "$1" | sed 's/^php\(.*\)-fpm.*/\1/') --test" ;;
    *) tester=true ;;
    esac
    # shellcheck disable=SC2086
    ! command -v ${tester%% *} >/dev/null || answer=$($tester 2>&1) ||
        fail "$1 needs a $2, but its configuration has a mistake: $(said "$(echo "$answer" | grep -v AH00558 | tail -n 3)")" \
            "mend the configuration, then run this again; until then the web server goes on as it is"
    systemctl "$2" "$1" 2>/dev/null ||
        fail "$1: the $2 fails: $(said "$(journalctl -qu "$1" -n 3 -o cat)")" "look at 'journalctl -u $1' on this host"
}
