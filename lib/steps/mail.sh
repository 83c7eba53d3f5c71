# shellcheck shell=sh
# HRM's mails leave this host, and the relay has taken one for HRM's administrator. Where nothing sends mails here, that is done by nullmailer: of Debian's null clients the
# one that keeps a mail while the relay is away (msmtp loses it) and that looks at the relay's certificate (dma does not). A mailer that somebody has installed stays as it is.
# relay: options of nullmailer, `NAME=VALUE` or `NAME`, one a line, with the relay's password. relay_name: HOST:PORT, for messages. sender: of HRM's mails; administrator: gets the
# proof. mail_name: of this host, for the relay.
: "${relay:?}" "${relay_name:?}" "${sender:?}" "${administrator:?}" "${mail_name:?}" "${scratch?}" "${state:?}"

folder=/etc/nullmailer
program=/usr/lib/nullmailer/smtp
proven=$state/mail-proven

# What sends mails: a package's name, or the program where it is of none; nothing where there is none, or where nullmailer's installation was cut off.
find_mailer() {
    path=$(command -v sendmail) || return 0
    its=$(dpkg-query -S "$(realpath -- "$path")" 2>/dev/null | cut -d : -f 1 | head -n 1)
    [ "$its" != nullmailer ] || dpkg-query -W -f '${db:Status-Status}' nullmailer 2>/dev/null | grep -qx installed || return 0
    echo "${its:-$path}"
}

# Looked at once: to ask dpkg takes as long as all else here.
mailer=$(find_mailer)

is_of_others() {
    [ -n "$mailer" ] && [ "$mailer" != nullmailer ]
}

# The relay's line. nullmailer 2.2 knows a backslash only between double quotes, and there no dollar.
remotes() {
    printf '%s\n' "$relay" | sed -n 's/^host=//p' | tr '\n' ' '
    printf smtp
    printf '%s\n' "$relay" | grep -v ^host= | sed 's/["\\]/\\&/g; s/.*/ "&"/' | tr -d '\n'
}

# each_file COMMAND: calls it with each file's name, mode and text.
each_file() {
    "$1" remotes 640 "$(remotes)
"
    # Whoever sends by PHP is the web server's user, a name that no relay knows.
    "$1" allmailfrom 644 "$sender
"
    "$1" helohost 644 "$mail_name
"
    # Else it doubles its pause between attempts up to a day.
    "$1" maxpause 644 "900
"
}

compare() {
    file_differs "$folder/$1" root mail "$2" "$3"
}

# For what a proof is good.
proof() {
    printf '%s\n' "$relay" "$sender" "$administrator" "$mailer" | sha256sum
}

is_proven() {
    proof | cmp -s - "$proven"
}

check() {
    if is_of_others; then
        is_proven || follows "$mailer sends this host's mails and stays as it is: $relay_name is not used"
    elif [ -z "$mailer" ]; then
        differs "mail: nothing sends it on this host, want nullmailer" "installs nullmailer, which hands mails to $relay_name"
    else
        each_file compare
        systemctl is-active --quiet nullmailer.service || differs "nullmailer.service: not running, want it" "starts nullmailer.service"
    fi
    is_proven || differs "mail: nobody has seen one taken for $administrator since the last change" "sends a mail to $administrator"
}

precondition() {
    [ -n "$mailer" ] || want_debian "install there a program that sends mail, or set mail.managed to false"
}

put() {
    [ -z "$(compare "$@")" ] || printf '%s' "$3" | write_file "$folder/$1" root mail "$2"
}

ensure() {
    if ! is_of_others; then
        [ -n "$mailer" ] || install_mailer
        # Before the relay takes the place of one that may have mails waiting for it.
        is_proven || prove
        each_file put
        systemctl enable --quiet --now nullmailer.service 2>/dev/null ||
            fail "nullmailer does not start: $(said "$(journalctl -qu nullmailer -n 3 -o cat)")" "look at 'journalctl -u nullmailer' on this host"
    else
        is_proven || prove
    fi
}

install_mailer() {
    # shellcheck disable=SC2034 # for apt.sh
    list='nullmailer ca-certificates'
    finish_earlier
    plan || cannot_install
    refuse_upgrades "run there: apt-get install nullmailer"
    progress "apt-get installs nullmailer"
    install_list || cannot_install
    mailer=$(find_mailer)
}

cannot_install() {
    fail "apt-get cannot install nullmailer: $(complaint)" "look at this host's way to its mirror, and at its free space; or set mail.managed to false"
}

message() {
    printf 'From: %s\nTo: %s\nSubject: HRM on %s can send mail\nDate: %s\nMessage-ID: <%s.pulumi-hrm@%s>\n\n' \
        "$sender" "$administrator" "$mail_name" "$(LC_ALL=C date -R)" "$(od -An -N12 -tx1 /dev/urandom | tr -d ' ')" "$mail_name"
    echo "This is what pulumi-hrm sends once, and after each change of the mail relay. There is nothing to be done."
}

prove() {
    progress "sends a mail to $administrator"
    if is_of_others; then
        # What delivers it in the background is not to hold the lock and the connection.
        answer=$(message | timeout 60 sendmail -i -f "$sender" "$administrator" 2>&1 7>&- 9>&-) ||
            fail "$mailer does not take a mail for $administrator: $(said "$answer")" "look at its log on this host; or set mail.managed to false"
        progress "$mailer has taken it; where it went stands in its log"
    else
        # By what nullmailer calls for each mail, since of a mail in its queue nobody hears.
        scratch_folder
        { printf '%s\n%s\n\n' "$sender" "$administrator"; message; } >"$scratch/mail"
        answer=$(printf '%s\n' "$relay" | as mail "HELOHOST=$mail_name" timeout 60 "$program" 2>/dev/null 3<"$scratch/mail") ||
            fail "the relay $relay_name does not take a mail from $sender for $administrator: $(said "${answer:-no answer in 60 s}")" "$(way_out)"
        progress "$relay_name: $(said "$answer")"
    fi
    proof | write_file "$proven" root root 600
}

way_out() {
    case $answer in
    *"onnect failed"* | *"onnection failed"* | '') echo "look at mail.relay (host, port), whether this host knows that name and gets there, and whether the relay is up; all else is done: to go on without mails for now, leave mail out" ;;
    *ertificate*) echo "give mail.relay.host as the relay's certificate has it; an authority of your own goes into /usr/local/share/ca-certificates on this host ('update-ca-certificates')" ;;
    *TLS* | *tls* | *50[0-4]*) echo "the relay may not offer TLS on this port: look at mail.relay.port and mail.relay.tls" ;;
    *53[0-9]*) echo "look at mail.relay.user and mail.relay.password" ;;
    *55[0-9]*) echo "have the relay take mails from this host, or describe another mail.sender or mail.administrator" ;;
    *) echo "look at the relay's log" ;;
    esac
}
