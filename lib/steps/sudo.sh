# shellcheck shell=sh
# For the step that makes an account HRM's: whether it may become root.
# user: HRM's account.
: "${user:?}" "${newline:?}"

untold="which does not tell what"

# rules_of USER: what sudo lets it do, a line for each rule; or that it does not tell.
rules_of() {
    rights=$(sudo -n -l -U "$1" 2>/dev/null) || :
    case $rights in
    *'may run the following'*) printf '%s\n' "$rights" | sed -n '/may run the following/,$ { /may run the following/d; s/^ *//; p; }' ;;
    *'is not allowed'*) ;;
    *) echo "$untold" ;;
    esac
}

# What sudo lets it do beyond what everybody may, as long as that is not everything. Where sudo tells root nothing of anybody (!root_sudo), what its files say.
sudo_rules() {
    rules=$(rules_of "$user")
    # As is usual. What everybody may would be a second question to sudo, and each starts its plugins anew.
    [ -n "$rules" ] || return 0
    everybody=$(rules_of nobody)
    case "$everybody$rules" in
    "$untold$untold")
        in_sudoers "$user" "$(id -u "$user")" ''
        for number in $(id -G "$user"); do in_sudoers "$(getent group "$number" | cut -d : -f 1)" "$number" %; done
        ;;
    *) printf '%s\n' "$rules" | grep -vxF -e "$(printf '%s\n' "$everybody" | grep -vE '(^| )ALL$' | grep -vxF -e "$untold" || echo none)" ;;
    esac
}

# Which of the programs that give root's power the account may use: sudo, doas, su.
rises_by() {
    if command -v sudo >/dev/null; then
        rules=$(sudo_rules) || :
        case $rules in *[![:space:]]*) printf '%s\n' "sudo: $(said "$rules") ('sudo -l -U $user' on this host)" ;; esac
    fi
    # Most hosts have neither of these, and need not be asked for groups.
    trusted=$(grep -hsE '^[^#]*pam_wheel[.]so.*[[:space:]]trust' /etc/pam.d/su) || :
    ways=$(cat /etc/doas.conf /etc/doas.d/*.conf 2>/dev/null) || :
    [ -n "$trusted$ways" ] || return 0
    groups=$(id -nG "$user" | tr ' ' '|')
    ! printf '%s\n' "$ways" | sed -n 's/setenv *{[^}]*}//; s/^ *permit\( *\(nopass\|nolog\|persist\|keepenv\)\)* *\([^ ]*\).*/\3/p' |
        grep -qxE "$user|:($groups)" || echo doas
    [ -z "$trusted" ] || ! printf '%s\n' "$trusted" | sed 's/.*group=\([^ ]*\).*/\1/; t; s/.*/root/' | grep -qxE "$groups" || echo "su without a password (pam_wheel in /etc/pam.d/su)"
}

# know_sudoers: leaves in `sudoers` sudo's file and those that it includes, a line each.
know_sudoers() {
    sudoers='' unread=/etc/sudoers
    while [ -n "$unread" ]; do
        file=${unread%%"$newline"*}
        unread=${unread#"$file"}
        unread=${unread#"$newline"}
        ! among "$file" "$sudoers" || continue
        [ -f "$file" ] || continue
        sudoers=$sudoers${sudoers:+$newline}$file
        included=
        while read -r kind path || [ -n "$kind" ]; do
            case $kind in [@#]include | [@#]includedir) ;; *) continue ;; esac
            path=${path#\"}
            path=${path%%\"*}
            case $path in /*) ;; *) path=/etc/$path ;; esac
            case $kind in ?include) set -- "$path" ;; *) set -- "$path"/* ;; esac
            for each in "$@"; do
                case $kind/${each##*/} in ?includedir/*.* | ?includedir/*~) continue ;; esac
                included=$included$each$newline
            done
        done <"$file"
        unread=$included$unread
    done
}

# in_sudoers NAME NUMBER MARK: the first place that names the account (MARK empty) or the group (MARK %) as one that may do something, in a rule or an alias,
# alone or in a list. Asked before the account is there or joins, when sudo could not tell.
in_sudoers() {
    name=$3$1 number=$3#$2
    know_sudoers
    [ -n "$sudoers" ] || return 0
    # shellcheck disable=SC2016
    with_lines "$sudoers" awk -v name="$name" -v number="$number" '
        FNR == 1 { line = "" }
        { line = line $0 }
        sub(/\\$/, "", line) { next }
        {
            text = line; line = ""
            sub(/^[ \t]+/, "", text)
            if (text == "" || text ~ /^(#[^0-9]|#$|@|Defaults|Cmnd_Alias|Host_Alias|Runas_Alias)/) next
            gsub(/[ \t]*,[ \t]*/, ",", text); gsub(/"/, "", text)
            if (sub(/^User_Alias[ \t]+/, "", text)) gsub(/[A-Z0-9_]+[ \t]*=[ \t]*|[ \t]*:[ \t]*/, ",", text)
            else sub(/[ \t].*/, "", text)
            count = split(text, each, ",")
            for (i = 1; i <= count; i++) if (each[i] == name || (number !~ /#$/ && each[i] == number)) { print FILENAME ", line " FNR; exit }
        }' || :
}
