# shellcheck shell=sh
# The account that the queue manager and its jobs run as exists, is in its group and can run commands; it has no power over the host.
# user, group: names. powerful_groups: names, one a line.
: "${user:?}" "${group:?}" "${powerful_groups:?}" "${state:?}" "${newline:?}"

# Of an account that somebody else made, only the groups are changed: its shell and home are that person's.
made=$state/account-made

# shellcheck disable=SC2154 # of prelude.sh
is_ours() {
    know "$user"
    has_line "user $user $as_number" "$made"
}

# Once it has been taken as HRM's, what other services it serves and who joins the group is the site's own business.
is_taken() {
    is_ours || has_line "taken $user $as_number" "$made"
}

# shellcheck disable=SC2154 # of accounts.sh
is_taken_group() {
    has_line "group $group $gid" "$made" || has_line "taken-group $group $gid" "$made"
}

# unnote KIND NAME: what else is noted.
unnote() {
    [ ! -e "$made" ] || grep -v "^$1 $2 " "$made" || :
}

# note KIND NAME NUMBER
note() {
    keep_note "$made" "$(unnote "$1" "$2"; echo "$1 $2 $3")"
}

# Told by trying: there are many shells that run nothing, or not what HRM calls by its path. None at all means /bin/sh.
can_run_commands() {
    know "$user"
    ran=$(as "$user" timeout 20 "${as_shell:-/bin/sh}" -c '/bin/echo hrm-cluster' 2>/dev/null </dev/null) || :
    [ "${ran##*"$newline"}" = hrm-cluster ]
}

# As the account, since root of another host may be nobody where the home is (NFS).
# shellcheck disable=SC2016,SC2154
has_home() {
    as "$user" sh -c '[ -d "$1" ] && [ -O "$1" ]' sh "$as_home"
}

# service_of NAME FILE: the package that makes an account (FILE passwd) or group (FILE group) of this name, or runs a service as it.
service_of() {
    if grep -qs "^$1:" "/usr/share/base-passwd/$2.master"; then
        echo "the distribution"
        return 0
    fi
    # A word of a package's script that makes accounts may be its name.
    found=$(
        grep -lsE "^[ugm]!?[[:space:]]+\"?$1\"?([[:space:]]|\$)" /usr/lib/sysusers.d/*.conf ||
            grep -rlsE --include='*.service' --include='*.conf' "^(User|Group)=[\"']?$1[\"']?[[:space:]]*\$" \
                /lib/systemd/system /usr/local/lib/systemd/system /etc/systemd/system | grep -vE '/(hrm|huygens|hucore|svi)[^/]*(/[^/]*)?$' | services ||
            made_by_package "$1"
    ) || :
    for file in $found; do
        case $file in *.service.d/*) file=$(dirname "$file") ;; esac
        basename "$file" | sed 's/[.].*//'
        return 0
    done
}

# The scripts of packages that make an account or group of this name: a word of a command that does so.
made_by_package() {
    grep -lsE '(adduser|useradd|addgroup|groupadd)' /var/lib/dpkg/info/*.preinst /var/lib/dpkg/info/*.postinst | while IFS= read -r file; do
        ! sed ':a; /\\$/ { N; s/\\\n/ /; ta; }; /^[[:space:]]*#/d' "$file" | grep -E '(adduser|useradd|addgroup|groupadd)' | grep -qE "(^|[[:space:]\"'=])$1([[:space:]\"';]|\$)" || echo "$file"
    done
}

# Of files of units, those of services that go on. A unit that does one thing and ends (Type=oneshot) is a task that a site gives to the account.
services() {
    xargs -r grep -LisE '^Type=oneshot[[:space:]]*$' | grep .
}

is_powerful() {
    among "$1" "$powerful_groups"
}

# Why the account that is there cannot be HRM's: a line for each reason. With it, everybody who may change a job could become it.
unfit_user() {
    [ "$as_number" != 0 ] || echo "has the number of root"
    for each in $(id -nG "$user"); do
        ! is_powerful "$each" || echo "is in group $each, which gives power over the host"
    done
    rises_by | while IFS= read -r way; do printf 'may use %s\n' "$way"; done
    is_ours && return 0
    if ! is_taken; then
        service=$(service_of "$user" passwd)
        [ -z "$service" ] || echo "belongs to $service"
    fi
    can_run_commands || echo "has the shell '$as_shell', which runs no commands$(grep -qs "^$user:" /etc/passwd || echo ', from a directory (LDAP, SSSD, extrausers)')"
}

# The same for the group, which the web server's user joins.
unfit_group() {
    rule=$(in_sudoers "$group" "$gid" %)
    if [ "$gid" = 0 ] || is_powerful "$group"; then
        echo "gives power over the host"
    elif [ -n "$rule" ]; then
        echo "may use sudo: $rule"
    elif ! is_taken_group; then
        service=$(service_of "$group" group)
        if [ -n "$service" ]; then echo "belongs to $service"; else members_of_others; fi
    fi
}

# Whose group it is. Where the account is in it already, somebody has put it together for HRM.
members_of_others() {
    owner=$({ cat /etc/passwd; getent passwd "$group"; } | awk -F : -v number="$gid" -v user="$user" '$4 == number && $1 != user { print $1; exit }')
    other=$(getent group "$group" | cut -d : -f 4 | tr , '\n' | grep -vxF -e "$user" | grep -vxE '(www-data|www|wwwrun|apache|httpd|http|nginx)' | head -n 1) || :
    # Of a person's own group, or of one that others have as theirs.
    if [ -n "$owner" ] && { [ "$owner" = "$group" ] || ! in_group "$user"; }; then
        echo "is the own group of $owner, whose files the web server could read"
    elif [ -n "$other" ] && ! in_group "$user"; then
        echo "has other members, such as $other, who could read HRM's password and images"
    fi
}

# Files are of a number, not of a name.
others_of_number() {
    getent passwd "$as_number" | awk -F : -v number="$as_number" -v user="$user" '$3 == number && $1 != user && !seen[$1]++ { print $1 }' /etc/passwd -
}

check() {
    if ! know_group; then
        differs "group $group: not there, want it" "makes group $group"
    else
        unfit_group | while IFS= read -r why; do differs "group $group: $why, want one that is HRM's own"; done
    fi
    if ! know "$user"; then
        differs "user $user: not there, want it" "makes user $user"
        return 0
    fi
    unfit_user | while IFS= read -r why; do differs "user $user: $why, want one that is HRM's own"; done
    for other in $(others_of_number); do differs "number of $user: $as_number, which $other has too, want one of its own"; done
    in_group "$user" || differs "groups of $user: without $group, want it" "adds $user to group $group"
    ! is_ours || can_run_commands || differs "shell of $user: $as_shell, want one that runs commands"
    home=$as_home
    if ! has_home; then
        differs "home of $user: $home is not a folder of that user"
    elif ! writable "$home"; then
        differs "home of $user: $home is mounted read-only, want it writable"
    fi
}

remark() {
    is_taken || note taken "$user" "$as_number"
    know_group
    is_taken_group || note taken-group "$group" "$gid"
}

precondition() {
    if know_group; then
        why=$(unfit_group)
        [ -z "$why" ] || fail "group $group cannot be HRM's: it $why" "describe a group of HRM's own with the argument group; nothing was changed"
    else
        rule=$(in_sudoers "$group" '' %)
        [ -z "$rule" ] || fail "group $group cannot be made as HRM's: sudo names it already, in $rule" "take that rule away, or describe another group with the argument group; nothing was changed"
    fi
    if know "$user"; then
        home=$as_home
        why=$(unfit_user; unfit_home)
        [ -z "$why" ] ||
            fail "user $user cannot be HRM's: it $(printf '%s' "$why" | sed ':a; N; $!ba; s/\n/, and it /g')" \
                "$(mend_user "$why"), or describe an account of HRM's own with the argument user; nothing was changed"
        other=$(others_of_number | head -n 1)
        [ -z "$other" ] ||
            fail "user $user cannot be HRM's: $other has its number $as_number, too, so that each is the other's" \
                "give $other another number ('usermod -u NUMBER $other', then chown what is $other's), or describe another account with the argument user; nothing was changed"
        may_join "$user"
        [ ! -d "$home" ] || writable "$home" ||
            fail "$home, the home of $user, is mounted read-only" "mount it writable: ssh keys are kept there, and what hucore remembers of GPUs"
    else
        rule=$(in_sudoers "$user" '' '')
        [ -z "$rule" ] || fail "user $user cannot be made as HRM's: sudo names it already, in $rule" "take that rule away, or describe another account with the argument user; nothing was changed"
        # Else useradd would make the account, and no home.
        base=$(useradd -D | sed -n 's/^HOME=//p')
        [ ! -d "$base" ] || [ -w "$base" ] ||
            fail "user $user cannot be made: $base, where its home would be, is mounted read-only" "mount it writable; or make the account by hand, with a home elsewhere ('useradd --system --create-home --home-dir FOLDER $user'); nothing was changed"
    fi
}

# The account's keys are kept there.
unfit_home() {
    case $home in
    / | /nonexistent | /nonexistent/* | /dev/* | /proc/* | /run/* | /var/run/* | /tmp/*) echo "has the home $home, which is no place for files that stay" ;;
    *) [ ! -e "$home" ] && [ ! -L "$home" ] || has_home || echo "has the home $home, which is not a folder of its own" ;;
    esac
}

# mend_user REASONS: a shell and a home, as useradd and adduser give them to a system account, are mended by one command.
mend_user() {
    options=
    case $1 in *'has the shell'*) options=' --shell /bin/bash' ;; esac
    case $1 in *'has the home'*) options="$options --home /home/$user" ;; esac
    case $options in '') echo "take that away from it" ;; *) echo "give it what it lacks ('usermod$options $user', for a home that is not there yet)" ;; esac
}

# What only sudo itself knows (its rules may come from a directory), it tells of an account that is there and in the group.
take_back_what_rises() {
    rises=$(rises_by)
    [ -n "$rises" ] || return 0
    [ "$joined" = no ] || edits gpasswd --delete "$user" "$group"
    [ "$new" = no ] || {
        edits userdel --remove "$user"
        keep_note "$made" "$(unnote user "$user")"
    }
    [ "$new_group" = no ] || ! getent group "$group" >/dev/null || {
        edits groupdel "$group"
        keep_note "$made" "$(unnote group "$group")"
    }
    fail "user $user cannot be HRM's: in group $group it may use $rises" "take that rule away, or describe another user and group; nothing stays changed"
}

ensure() {
    new=no joined=no new_group=no
    if ! getent group "$group" >/dev/null; then
        edits groupadd --system "$group"
        know_group
        note group "$group" "$gid"
        new_group=yes
    fi
    shell=/bin/bash
    [ -x "$shell" ] || shell=/bin/sh
    know "$user" || {
        edits useradd --system --gid "$group" --create-home --shell "$shell" "$user"
        know "$user"
        note user "$user" "$as_number"
        new=yes
    }
    # An account that was there before keeps its number, its home and all that is in it.
    in_group "$user" || joined=yes
    join "$user"
    take_back_what_rises
    ! is_ours || can_run_commands || edits usermod --shell "$shell" "$user"
    know "$user"
    home=$as_home
    if [ ! -e "$home" ]; then
        answer=$(install -d -o "$user" -g "$group" -m 0750 "$home" 2>&1) ||
            fail "$home, the home of $user, cannot be made: $(said "${answer##*: }")" "make it there by hand, as a folder of $user"
    fi
}
