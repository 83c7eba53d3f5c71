# shellcheck shell=sh
# Each folder exists, belongs to the account and its group, and has at least the bits of its mode; where a mount does not have that (NFS with root squash,
# CIFS), it is enough that the account can write there. What is inside is never touched, and no folder of somebody else is taken.
# user, group: names. folders: a line each, `MODE PATH`; with MODE `-` the folder only has to exist.
# hrm_path: HRM's tree on the web host, else empty. system_folders: regular
# expressions of what is the system's, one a line, the last that fits counts, with a ! in front for what is not; program_folders: more of them for HRM's program. take_over: paths that become HRM's whosever they are, one a line.
: "${user:?}" "${group:?}" "${folders:?}" "${system_folders:?}" "${program_folders:?}" "${hrm_path?}" "${take_over?}" "${state:?}"

# What has been HRM's is noted with its file system: where somebody changes its owner by hand, up brings it back.
known=$state/folders

each_folder() {
    while read -r wanted folder; do
        "$1" "$wanted" "$folder" </dev/null
    done <<FOLDERS
$folders
FOLDERS
}

# see PATH: leaves its `owners` (user and group) and its `mode`. As the account: root of another host may be nobody, and root gets where the account does not.
see() {
    seen=$(as "$user" stat -Lc '%U %G %a' "$1" 2>/dev/null) || seen="unknown "
    owners=${seen% *} mode=${seen##* }
}

# has MODE: whether `mode` has all its bits.
has() {
    [ $((0$mode & 0$1)) -eq $((0$1)) ]
}

# own FOLDER: leaves `line`, under which it is noted as HRM's own.
own() {
    source=$(findmnt -no SOURCE -T "$1") || :
    # Of mounts that lie on one another.
    source=${source##*"$newline"}
    case $source in *' '*) source=$(printf '%s\n' "$source" | tr ' ' _) ;; esac
    line="own $source $1"
}

# Told by writing.
# shellcheck disable=SC2016
can_write() {
    as "$user" sh -c 'file=$(mktemp "$1/.hrm-cluster-XXXXXXXX") && rm -f "$file"' sh "$1" 2>/dev/null
}

# given FOLDER: leaves `line`, under which it is noted that its mount gives no other owner or mode than `see` has seen.
given() {
    line="given $owners $mode $1"
}

look() {
    overlap "$2"
    [ -z "$other" ] || differs "$2: is in one folder with $other ($(realpath -m -- "$other")), want folders of their own"
    unmounted "$2"
    if [ -n "$place" ]; then
        differs "$2: is on $place, which /etc/fstab or systemd mounts; found it not mounted, want it mounted"
    elif [ ! -d "$2" ] && ! as "$user" test -d "$2"; then
        differs "$2: not a folder, want one" "makes folder $2"
    elif [ "$1" != - ]; then
        see "$2"
        given "$2"
        has_line "$line" "$known" && can_write "$2" && return 0
        if [ "$owners" = unknown ]; then
            differs "$2: $user does not get there, want it to"
            return 0
        fi
        [ "$owners" = "$user $group" ] || differs "$2: owner and group $owners, want $user $group"
        has "$1" || differs "$2: mode $mode, want at least $1"
        writable "$2" || differs "$2: mounted read-only, want it writable"
    fi
}

is_empty() {
    [ -z "$(find "$1" -mindepth 1 -maxdepth 1 ! -name lost+found -print -quit 2>&1)" ]
}

# foreign MODE FOLDER: whose it is, where it must not become HRM's.
foreign() {
    real_path "$2"
    # shellcheck disable=SC2154 # of paths.sh
    set -- "$1" "$2" "$real"
    patterns=$system_folders
    [ "$1" != - ] || patterns=$system_folders$newline$program_folders
    if is_systems "$3" "$patterns"; then
        echo "it is $3, which is the system's"
    elif [ "$1" = - ]; then
        # A web server's root is often a link.
        foreign_parent "$3"
        foreign_program "${3%/*}"
    else
        foreign_link "$2"
        open_parent "$3"
        foreign_home "$2" "$3"
        if [ -d "$3" ]; then foreign_folder "$2" "$3"; else foreign_parent "$3"; fi
    fi
}

# A link that somebody else has made leads where that person wants.
foreign_link() {
    first_link "$1"
    [ -z "$first_link" ] || way_of "$1" | while read -r _ link; do
        [ -n "$link" ] || continue
        owner=$(stat -c %U "$link")
        [ "$owner" = root ] || [ "$owner" = "$user" ] || echo "it is behind the link $link, which belongs to $owner"
    done
}

# Where everybody may rename what others have, it could be another folder tomorrow.
open_parent() {
    with_lines "$(with_parents "${1%/*}")" stat -c '%a %n' -- 2>/dev/null | while read -r bits parent; do
        ! is_open "$bits" || echo "it is in $parent, where everybody may replace it (mode $bits)"
    done
}

# foreign_home FOLDER REAL: in a home are somebody's keys and files. What lies in one may be taken over, by its name.
foreign_home() {
    real_path "$(home_of "$user")"
    home=$real
    if [ "$2" = "$home" ] || [ "${home#"$2"/}" != "$home" ] || [ "${2#"$home"/.}" != "$2" ]; then
        echo "it is, or holds, what is $user's own: $home is the home of that account"
    fi
    ! is_hrms "$2" || return 0
    # Those of a directory's accounts are in no file here.
    [ ! -e "$2" ] || find "$2" -mindepth 1 -maxdepth 1 -type d -printf '%u %p\n' 2>/dev/null | head -n 50 | while read -r owner folder; do
        case $owner in *[!A-Za-z0-9._-]*) continue ;; esac
        [ "$(home_of "$owner")" != "$folder" ] || echo "it is, or holds, the home of $owner: $folder"
    done | head -n 1
    awk -F : -v user="$user" -v given="$1" -v real="$2" -v taken="$(! is_taken_over "$1" || echo yes)" '
        $1 == user || $6 == "" || $6 == "/" { next }
        index($6 "/", real "/") == 1 || index($6 "/", given "/") == 1 { print "it is, or holds, the home of " $1 ": " $6; exit }
        !taken && index(real "/", $6 "/") == 1 { print "it is in the home of " $1 ": " $6; exit }' /etc/passwd
}

# Whether it has been HRM's before.
is_hrms() {
    owners=$(stat -c '%U %G' "$1" 2>/dev/null) || owners=
    # A group of a directory's may have a space in its name.
    [ "${owners%% *}" = "$user" ] || [ "${owners#* }" = "$group" ] || {
        [ -e "$known" ] || return 1
        own "$1"
        has_line "$line" "$known"
    }
}

is_taken_over() {
    among "$1" "$take_over"
}

# Programs of others may run what lies beside them.
foreign_program() {
    [ -d "$1" ] || return 0
    package=$(package_of "$1")
    case $package in '' | hrm* | huygens*) ;; *) echo "$1 belongs to the package $package" ;; esac
}

package_of() {
    dpkg-query -S "$1" 2>/dev/null | cut -d : -f 1 | cut -d , -f 1 | head -n 1
}

# overlap FOLDER: leaves in `other` the first of the others, or HRM's tree, that is the same folder, lies in it or holds it: paths that differ may lead to one.
overlap() {
    real_path "$1"
    mine=$real
    while read -r _ other; do
        case $other in '' | "$1") continue ;; esac
        real_path "$other"
        case $real/ in "$mine"/*) return 0 ;; esac
        case $mine/ in "$real"/*) return 0 ;; esac
    done <<FOLDERS
$folders
- $hrm_path
FOLDERS
    other=
}

foreign_folder() {
    ! is_hrms "$2" || return 0
    owner=$(stat -c %U "$2") its_group=$(stat -c %G "$2")
    package=$(package_of "$2")
    if [ -n "$package" ]; then
        echo "it belongs to the package $package"
    elif is_taken_over "$1"; then
        return 0
    elif [ "$owner" != root ] || ! is_empty "$2"; then
        echo "it belongs to $owner, group $its_group$(is_empty "$2" || echo ', and is not empty')"
    fi
}

# is_systems PATH PATTERNS: the last that fits counts.
is_systems() {
    awk -v path="$1" '{ free = sub(/^!/, "") } path ~ "^(" $0 ")$" { systems = !free } END { exit !systems }' <<PATTERNS
$2
PATTERNS
}

# A folder that is made in somebody else's would be where nobody expects it.
foreign_parent() {
    [ ! -d "$1" ] || return 0
    above "$1"
    owner=$(stat -c %U "$above")
    [ "$owner" = root ] || [ "$owner" = "$user" ] || echo "it would be in $above, which belongs to $owner"
}

refuse() {
    unmounted "$2"
    [ -z "$place" ] || fail "$2 is on $place, which /etc/fstab or systemd mounts, and which is not mounted" "mount it ('mount $place'), or take it out there; nothing was changed"
    [ ! -e "$2" ] || [ -d "$2" ] || fail "$2 is there and is not a folder" "move it away, or describe another folder; nothing was changed"
    overlap "$2"
    [ -z "$other" ] || fail "$2 and $other are, or lie in, one folder: $(realpath -m -- "$other")" "each needs a folder of its own, also where links lead; nothing was changed"
    why=$(foreign "$1" "$2") || :
    why=${why%%"$newline"*}
    # Only what is somebody's can be taken over, not what is the system's or the account's own.
    take=
    case $why in "it belongs to "*", group "* | "it is in the home of "*) take="; or, where its owner is to be $user, name it in storage.takeOver" ;; esac
    [ -z "$why" ] || fail "$2 cannot be HRM's: $why" "describe another folder (imageFolder, logFolder, hrmPath)$take; nothing was changed"
    [ "$1" = - ] || gets_to "$2" ||
        fail "$2 cannot be HRM's: $user does not get there" "let everybody through the folders above it ('namei -l $2' shows them, 'chmod o+x' does it), or describe another folder; nothing was changed"
    [ "$1" = - ] || [ ! -d "$2" ] || writable "$2" || [ -z "$(mounted_read_only "$2")" ] ||
        fail "$2 is mounted read-only" "look at why ('dmesg', a full or damaged disk), and mount it writable; nothing was changed"
}

# gets_to FOLDER: whether the account gets to the place where it is, or will be.
gets_to() {
    real_path "$1"
    above "$real"
    as "$user" test -x "$above"
}

# above PATH: leaves in `above` the nearest folder above it that is there.
above() {
    above=$1
    while :; do
        above=${above%/*}
        [ ! -e "$above/" ] || break
    done
    above=${above:-/}
}

# attempt WHAT COMMAND…: with our own words where it fails.
attempt() {
    what=$1
    shift
    answer=$("$@" 2>&1) || fail "$what: $(said "${answer##*: }")" "look at the mount, the free space and the owner of its parent on this host"
}

make() {
    [ -d "$2" ] || as "$user" test -d "$2" || {
        parent=${2%/*}
        [ -d "$parent/" ] || attempt "$parent cannot be made" mkdir -p "$parent"
        # Root may be nobody there, but the account somebody.
        install -d -o "$user" -g "$group" -m 0755 "$2" 2>/dev/null || as "$user" mkdir "$2" 2>/dev/null ||
            attempt "$2 cannot be made" install -d -o "$user" -g "$group" -m 0755 "$2"
    }
    [ "$1" != - ] || return 0
    # Where it led when it was looked at.
    real_path "$2"
    set -- "$1" "$real"
    chown -h "$user:$group" "$2" 2>/dev/null || as "$user" chgrp "$group" "$2" 2>/dev/null || :
    # chown takes setgid away; bits that somebody added stay.
    mode=$(stat -Lc %a "$2" 2>/dev/null || as "$user" stat -Lc %a "$2")
    has "$1" || {
        mode=$(printf '%o' $((0$mode | 0$1)))
        chmod "$mode" "$2" 2>/dev/null || as "$user" chmod "$mode" "$2" 2>/dev/null || :
    }
    note "$2" "$1"
}

# What stays otherwise is what the mount gives, and enough if all can write there.
note() {
    see "$1"
    if [ "$owners" = "$user $group" ] && has "$2"; then
        own "$1"
    else
        given "$1"
        can_write "$1" ||
            fail "$1 stays $owners, mode $mode, and $user cannot write there" \
                "root may not change it on this mount (root squash, CIFS): give it to $user and $group on its server, mode $2, or by mount options"
    fi
    has_line "$line" "$known" || keep_note "$known" "$(
        [ ! -e "$known" ] || awk -v path="${line##* }" '$NF != path' "$known" || :
        echo "$line"
    )"
}

check() {
    each_folder look
}

precondition() {
    each_folder refuse
}

ensure() {
    each_folder make
}
