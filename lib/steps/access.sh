# shellcheck shell=sh
# The queue manager's key opens the account on this node, for commands and file transfer only. Other lines of authorized_keys stay.
# user: the account. public_key: `ssh-ed25519 AAAA… comment`. from: `yes` where the step `link` binds the key to the web host's addresses.
: "${user:?}" "${public_key:?}" "${from:?}" "${state:?}" "${newline:?}"

line="restrict $public_key"

# Asked once, since sshd takes a moment to read its configuration. Without an answer of its, its defaults.
sshd=$(sshd -T -C "user=$user,host=$(hostname),addr=127.0.0.1" 2>/dev/null) || :

# of_sshd KEYWORD: leaves in `of_sshd` the first word of what its configuration says, with all that depends on the account (Match).
of_sshd() {
    of_sshd=$newline$sshd
    case $of_sshd in
    *"$newline$1 "*)
        of_sshd=${of_sshd#*"$newline$1 "}
        of_sshd=${of_sshd%%[[:space:]]*}
        ;;
    *) of_sshd= ;;
    esac
}

home=$(home_of "$user")
# The first file in which sshd looks for the account's keys.
of_sshd authorizedkeysfile
keys_file=${of_sshd:-.ssh/authorized_keys}
case $keys_file in *%*) keys_file=$(printf '%s' "$keys_file" | sed "s|%u|$user|g; s|%U|$(id -u "$user")|g; s|%h|$home|g; s|%%|%|g") ;; esac
case $keys_file in /*) ;; *) keys_file=$home/$keys_file ;; esac
folder=${keys_file%/*}

# HRM copies images by sftp.
without_sftp() {
    [ -n "$sshd" ] || return 1
    of_sshd "subsystem sftp"
    [ "$of_sshd" != internal-sftp ] && [ ! -x "$of_sshd" ]
}

# The account asks for it in `link`, where only root can ask sshd.
note=$state/keys-of-$user

is_authorised() {
    as "$user" grep -qxF -e "$line" "$keys_file" 2>/dev/null ||
        { [ "$from" = yes ] && as "$user" grep -F -e "\",$line" "$keys_file" 2>/dev/null | grep -q '^from="[0-9A-Fa-f:.,]*",restrict '; }
}

# Whose the file is: the account's in its home, root's elsewhere, where sshd still reads it as the account.
owner_of_keys() {
    case $1 in "$home"/*) echo "$user $(id -gn "$user") 600" ;; *) echo "root root 644" ;; esac
}

# Where the folder is in the account's home and somebody else's, sshd refuses its keys (StrictModes).
is_of_somebody_else() {
    case $folder in "$home"/*) ;; *) return 1 ;; esac
    # As the account, since root of another host may be nobody where the home is (NFS).
    [ -d "$folder" ] || as "$user" test -d "$folder" || return 1
    ! as "$user" test -O "$folder"
}

# sshd ignores the keys of an account whose files others can write (StrictModes).
loose() {
    # Root may not look where root of another host is nobody.
    as "$user" find -H "$keys_file" "$folder" "$(dirname "$folder")" -prune -perm /022 2>/dev/null || :
}

check() {
    case $keys_file in */none) differs "sshd reads no file with keys (AuthorizedKeysFile none), want it to" ;; esac
    ! without_sftp || differs "sftp: sshd has no such subsystem, want it, since HRM copies images by it"
    ! is_of_somebody_else || differs "$folder: owner $(stat -Lc %U "$folder"), want $user"
    is_authorised || differs "$keys_file: without the cluster's key, want it" "adds the cluster's key to $keys_file"
    [ "$from" = no ] || [ "$(cat "$note" 2>/dev/null)" = "$keys_file" ] || differs "$note: does not name $keys_file, want it"
    loose | while IFS= read -r path; do
        differs "$path: writable by others, sshd refuses keys then"
    done
}

# Other keys in it stay. sshd has read it before where it is root's, but not where it is somebody else's.
own_keys_file() {
    [ -e "$keys_file" ] && ! as "$user" test -r "$keys_file" || return 0
    owner=$(stat -Lc %U "$keys_file")
    [ "$owner" = root ] || fail "$keys_file is $owner's, and $user cannot read it" "look at the keys in it; if they may open the account, give the file to $user"
    refuse_link "$keys_file"
    chown -h "$user:$(id -gn "$user")" "$keys_file"
}

# The account may put a link in the place of what is in its home: root gives nothing away behind one.
refuse_link() {
    [ ! -L "$1" ] || fail "$1 is a link to $(readlink "$1"), which is not $user's" "put a file or folder of $user in its place, or give $user what it leads to"
}

authorise() {
    blob=$(echo "$public_key" | cut -d ' ' -f 2)
    # shellcheck disable=SC2046
    set -- "$keys_file" $(owner_of_keys "$keys_file")
    if [ "$2" = root ]; then mkdir -p "$folder"; else as "$user" mkdir -p -m 0700 "$folder"; fi
    {
        as "$user" grep -vF -e " $blob" "$keys_file" 2>/dev/null || :
        printf '%s\n' "$line"
    } | write_file "$@"
}

ensure() {
    case $keys_file in
    */none) fail "sshd reads no file with keys for $user (AuthorizedKeysFile none)" "allow one there, such as .ssh/authorized_keys, for the user $user alone with Match" ;;
    esac
    ! without_sftp ||
        fail "sshd has no subsystem sftp, by which HRM copies images" "put 'Subsystem sftp internal-sftp' into /etc/ssh/sshd_config on this host, and reload sshd; what a Subsystem there names may be gone"
    if is_of_somebody_else; then
        refuse_link "$folder"
        answer=$(chown -h "$user:$(id -gn "$user")" "$folder" 2>&1) || fail "$folder stays somebody else's: $(said "${answer##*: }")" "give it to $user"
    fi
    is_authorised || own_keys_file
    is_authorised || locked "$keys_file" authorise
    [ "$from" = no ] || keep_note "$note" "$keys_file"
    loose | while IFS= read -r path; do
        # Outside of its home it is root's. Taking rights away does no harm behind a link.
        answer=$(as "$user" chmod go-w "$path" 2>&1 || chmod go-w "$path" 2>&1) || fail "$path stays writable by others: $(said "${answer##*: }")" "take the write permission of group and others away there"
    done
}
