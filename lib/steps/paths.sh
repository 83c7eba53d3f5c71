# shellcheck shell=sh
# For the steps that ask where a path leads, and who else has a say in it.
# shellcheck disable=SC2034 # for the steps

# way_of PATH: what it stands for, a line each, from the given path to the real one: with each line one more link is followed. Behind the path, that link.
way_of() {
    path=$1 link=
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
        printf '%s %s\n' "$path" "$link"
        first_link "$path"
        link=$first_link
        [ -n "$link" ] || return 0
        [ "$link" = "${link_before-}" ] || link_before=$link target_before=$(readlink -- "$link")
        target=$target_before
        case $target in /*) ;; *) target=${link%/*}/$target ;; esac
        path=$target${path#"$link"}
        case $path/ in *//* | */./* | */../*) path=$(realpath -ms -- "$path") ;; esac
    done
}

# first_link PATH: leaves `first_link`, the first place on the way to it that is a link.
first_link() {
    first_link=
    rest=${1#/}/
    while [ -n "$rest" ]; do
        first_link=$first_link/${rest%%/*}
        rest=${rest#*/}
        [ ! -L "$first_link" ] || return 0
    done
    first_link=
}

# real_path PATH: leaves in `real` where it leads, also where it is not there. Most have no link on the way, and need no process.
real_path() {
    real=$1
    first_link "$1"
    case $1/ in *//* | */./* | */../*) ;; *) [ -n "$first_link" ] || return 0 ;; esac
    real=$(realpath -m -- "$1")
}

# with_parents PATH: it and the folders above it, but for the root.
with_parents() {
    place=$1
    while [ "$place" != / ]; do
        echo "$place"
        place=${place%/*}
        place=${place:-/}
    done
}

# is_open MODE: whether in a folder of this mode everybody may put something in the place of what others have.
is_open() {
    [ $((0$1 & 0002)) != 0 ] && [ $((0$1 & 01000)) = 0 ]
}

# who_may_replace USER PROGRAM: the first of the files and folders on the way to the program that others than root and the account may change, and how that is.
who_may_replace() {
    # What other hosts share, their people look after; where a mount is read-only, nobody here may.
    # Mounts may lie one on the other (autofs), a line each.
    elsewhere=$(findmnt -nro FSTYPE,OPTIONS -T "$2" 2>/dev/null | grep -E '^(nfs|cifs|smb|lustre|beegfs|gpfs|ceph|fuse|9p|afs|virtiofs)|[ ,]ro(,|$)') || :
    places=$(way_of "$2" | while read -r path _; do with_parents "$path"; done | sort -u)
    with_lines "$places" stat -c '%U %G %a %n' -- 2>/dev/null | while read -r owner its_group mode place; do
        [ ! -L "$place" ] || continue
        if [ "$owner" != root ] && [ "$owner" != "$1" ] && [ -z "$elsewhere" ]; then
            echo "$place belongs to $owner"
        elif is_open "$mode"; then
            echo "$place may be written by everybody"
        elif [ $((0$mode & 0020)) != 0 ] && [ -z "$elsewhere" ]; then
            # Members of these are root in all but the name; Debian's older releases let staff write in /usr/local.
            case $its_group in root | staff | wheel | sudo | admin) ;; *) echo "$place may be written by group $its_group" ;; esac
        fi
    done | head -n 1
}
