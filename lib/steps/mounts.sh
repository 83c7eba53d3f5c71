# shellcheck shell=sh
# For the step that makes folders: where this host mounts something.
# shellcheck disable=SC2154 # `real`, of paths.sh
: "${tab:?}" "${newline:?}"

# Leaves in `mounts` where /etc/fstab and systemd mount something, a line each. Enabled units are what folders of links name: to list them, systemd would read
# all units, half a second of its time.
find_mounts() {
    mounts=
    while read -r source place type options _ || [ -n "$source" ]; do
        case $source in '' | '#'*) continue ;; esac
        # Of a line without it mount(8) makes nothing.
        [ -n "$type" ] || continue
        case ,$options, in *x-systemd.automount*) ;; *,noauto,*) continue ;; esac
        # A space is \040 there.
        case $place in *\\*) place=$(printf '%s\n' "$place" | sed "s/\\\\040/ /g; s/\\\\011/$tab/g; s/\\\\134/\\\\/g") ;; esac
        mounts=$mounts$place$newline
    done
    for unit in /etc/systemd/system/*.wants/*.mount /etc/systemd/system/*.requires/*.mount; do
        [ ! -e "$unit" ] || mounts=$mounts$(sed -n 's/^Where=//p' "$unit")$newline
    done
}

# Once for all folders.
fstab=/etc/fstab
[ -r "$fstab" ] || fstab=/dev/null
find_mounts <"$fstab"

# unmounted FOLDER: leaves in `place` where one of these should be on the way to it, and is not, else nothing. What is under it would fill the wrong disk, and be
# gone when it is mounted.
unmounted() {
    real_path "$1"
    inside=$real/
    while IFS= read -r place; do
        case $place in '' | /) continue ;; esac
        real_path "$place"
        place=$real
        case $inside in "$place"/*) mountpoint -q "$place" || return 0 ;; esac
    done <<MOUNTS
$mounts
MOUNTS
    place=
}

mounted_read_only() {
    findmnt -no OPTIONS -T "$1" 2>/dev/null | tr , '\n' | grep -x ro
}
