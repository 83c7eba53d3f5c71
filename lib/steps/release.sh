# shellcheck shell=sh
# HRM's tree is a release that this step has unpacked: the path of the tree is a link to it, so that one rename puts another one in its place. What is the site's and
# not the release's lies in a folder of its own, and is linked into each. A tree that somebody has put there stays that person's.
# user, group: HRM's account. hrm_path: HRM's tree. version: the release's own. sha256: of its zip file. address: where this host fetches that; empty where it is
# brought into the home of the login, under the name `brought`.
: "${user:?}" "${group:?}" "${hrm_path:?}" "${version:?}" "${sha256:?}" "${address?}" "${brought:?}" "${scratch?}"

# shellcheck disable=SC2154 # of releases.sh
site=$releases/site
# HRM's development branch calls itself by the version of the last release.
release=$version-$(printf '%.8s' "$sha256")
tree=$releases/$release

# What HRM reads in its tree of a site's own, beside the folder `config` and edited .htaccess files (login.php, header.inc.php, omero_UI.php of HRM 3.10).
of_sites='user/login_user.inc
css/custom.css
images/logo_custom.png
images/hrm_custom.ico
bin/ome_hrm.py'

# version_of TREE: nothing where it is no HRM.
version_of() {
    sed -n 's/^.*const HRM_VERSION_\(MAJOR\|MINOR\|MAINTENANCE\) *= *\([0-9]*\) *;.*/\2/p' "$1/inc/System.php" 2>/dev/null | paste -sd .
}

is_empty_folder() {
    [ ! -L "$1" ] && [ -d "$1" ] && [ -z "$(ls -A "$1")" ]
}

# What stands where HRM's tree is to be, and is not of our making.
is_of_others() {
    { [ -e "$hrm_path" ] || [ -L "$hrm_path" ]; } && [ -z "$(in_use)" ] && ! is_empty_folder "$hrm_path"
}

# Who else could put another HRM in this one's place.
whose_place() {
    who_may_replace root "$(dirname "$releases")"
}

# Something that is there by the name of our releases.
is_of_another_kind() {
    [ -e "$releases" ] && [ ! -d "$site" ] && [ -n "$(find "$releases/" -mindepth 1 -maxdepth 1 ! -name 'scratch-*' 2>/dev/null | head -n 1)" ]
}

is_installed() {
    [ "$(in_use)" = "$release" ] && [ -n "$(version_of "$tree")" ]
}

# In a tree: what may be the site's, and what the release may have brought as well.
candidates() {
    find . -name .htaccess -type f
    printf '%s\n' "$of_sites" | while read -r file; do [ -L "$file" ] || [ ! -f "$file" ] || echo "./$file"; done
}

# A line for each file of the site that lies in the release, where the next one would not have it: what is not as it came.
strays() {
    [ -f "$tree/.release" ] || return 0
    (cd "$tree" && candidates | xargs -rd '\n' sha256sum | grep -vxFf .release | sed 's|^[^ ]*  \./||')
}

# A line for each link to a file of the site that is not there any more: what the release had in its place may have closed a folder.
dangling() {
    [ ! -d "$tree" ] || (cd "$tree" && find . -xtype l ! -path ./config -lname '*site/*' -printf '%P\n')
}

# A line for each file of the site that the release does not show; `config` is its folder.
unlinked() {
    [ -d "$site" ] || return 0
    {
        echo config
        find "$site" -path "$site/config" -prune -o -type f ! -name '*.hrm-new' ! -name '*.before-pulumi*' -printf '%P\n'
    } | while IFS= read -r file; do
        # shellcheck disable=SC3013 # dash and bash have it
        [ "$site/$file" -ef "$tree/$file" ] || echo "$file"
    done
}

# The first whose owner or mode is another: the web server writes nothing here, and only the group reads.
misowned() {
    {
        echo "$releases -maxdepth 0"
        echo "$tree -maxdepth 20"
        echo "$site -maxdepth 20"
    } | while read -r folder depth; do
        # shellcheck disable=SC2086
        find "$folder" $depth ! -type l \( ! -user root -o ! -group "$group" -o -perm /027 -o ! -perm -040 \) -print -quit 2>/dev/null
    done | head -n 1
}

check() {
    if is_of_others; then
        there=$(version_of "$hrm_path")
        [ "$there" = "$version" ] || differs "$hrm_path: ${there:+HRM $there, }not of this library's making, want HRM $version"
        return 0
    fi
    is_installed || {
        there=$(in_use)
        differs "$hrm_path: ${there:-nothing} there, want HRM's release $release" "installs HRM $version"
        return 0
    }
    whose=$(whose_place)
    [ -z "$whose" ] || differs "$hrm_path: $whose, want it root's alone"
    dangling | while IFS= read -r file; do differs "$hrm_path/$file: leads to nothing, since $site has it no more; want the release's own" "puts back the release's $file"; done
    strays | while IFS= read -r file; do differs "$hrm_path/$file: the site's own, want it in $site, for the next release to have it"; done
    unlinked | while IFS= read -r file; do differs "$hrm_path/$file: not the site's own of $site, want that"; done
    file=$(misowned)
    [ -z "$file" ] || differs "$file: $(stat -c 'owner %U, group %G, mode %a' "$file"), want root, $group, and no more than reading for that"
}

# What was brought for nothing, where the host has it, and what a run that was cut off has left.
remark() {
    forget_brought
    rm -rf "$releases/scratch-release"
}

precondition() {
    if is_of_others; then
        there=$(version_of "$hrm_path")
        [ -n "$there" ] || fail "there is something at $hrm_path, and it is no HRM" "move it away, or describe another path with hrmPath; nothing was changed"
        fail "HRM $there is at $hrm_path, not of this library's making, and HRM $version is described" \
            "describe version $there, or leave the argument application out: it stays as it is then. To have it replaced, move it away when no job is queued ('mv $hrm_path $hrm_path.old'), run this again, and take config/ along into $site; nothing was changed"
    fi
    whose=$(whose_place)
    [ -z "$whose" ] ||
        fail "HRM cannot be at $hrm_path: $whose, and could put another one in its place" \
            "give it to root alone ('chown root', 'chmod go-w'), or describe another path with hrmPath; nothing was changed"
    ! mountpoint -q "$hrm_path" || fail "$hrm_path is a mount, and is to become a link to HRM's release" "mount it at $releases, or describe another path with hrmPath; nothing was changed"
    there=$(in_use)
    [ -z "$there" ] || [ "$there" = "$release" ] || [ ! -e "$hrm_path" ] ||
        fail "HRM's release $there is in use, and $release is described: this version of the library does not go from one to another by itself" \
            "describe the one that is in use; or, when no job is queued, take the link away ('rm $hrm_path') and run this again: $release gets what is in $site, and the database its schema; nothing was changed"
    ! is_of_another_kind || fail "there is something at $releases, where HRM's releases are to be" "move it away, or describe another path with hrmPath; nothing was changed"
    lacks=$(php_lacks)
    [ -z "$lacks" ] || fail "PHP is too old or incomplete; it lacks: $(said "${lacks# }")" "HRM needs PHP 8.1, which Debian has from 12 on; nothing was installed"
}

ensure() {
    is_installed || install_release
    settle
}

# What is the site's is in its folder and shown from there, and the rights are as narrow as HRM works with.
settle() {
    # First: what others may write is not copied.
    [ -z "$(misowned)" ] || own
    dangling | while IFS= read -r file; do put_back "$file"; done
    strays | while IFS= read -r file; do take "$file"; done
    unlinked | while IFS= read -r file; do show "$file"; done
    [ -z "$(misowned)" ] || own
}

own() {
    chown -h "root:$group" "$releases"
    chmod 0750 "$releases"
    own_all "$tree" "$site"
}

own_all() {
    for folder in "$@"; do [ ! -d "$folder" ] || chown -hR "root:$group" "$folder"; done
    for folder in "$@"; do [ ! -d "$folder" ] || chmod -R u=rwX,g=rX,o= "$folder"; done
}

install_release() {
    mkdir -p "$(dirname "$hrm_path")" "$releases" || fail "$releases cannot be made" "look at the mounts there"
    chgrp "$group" "$releases"
    chmod 0750 "$releases"
    # Where it is to be, so that a rename puts it there.
    scratch_folder "$releases"
    get_file "the release" "$scratch/release.zip" "a zip file"
    progress "unpacking HRM $version"
    answer=$(unzip -qo "$scratch/release.zip" -d "$scratch/all" 2>&1 </dev/null) ||
        fail "the release cannot be unpacked: $(said "$answer")" "look at the free space there ($(room "$releases")), or whether it is a zip file; nothing was installed"
    new=
    for folder in "$scratch/all/hrm" "$scratch/all"; do
        [ -n "$new" ] || [ ! -f "$folder/inc/System.php" ] || [ ! -f "$folder/bin/hrm_queuemanager" ] || new=$folder
    done
    [ -n "$new" ] || fail "the release is no HRM: neither it nor hrm/ in it has inc/System.php and bin/hrm_queuemanager" "get HRM's release, not its source code; nothing was installed"
    [ -d "$new/vendor" ] || fail "the release lacks vendor/, HRM's PHP libraries" "get HRM's release zip, not its source code, or run composer there; nothing was installed"
    there=$(version_of "$new")
    [ "$there" = "$version" ] || fail "the release is HRM ${there:-without a version}, and the description says $version" "describe version ${there:-of its inc/System.php}, or another release; nothing was installed"
    prepare
    refuse_folder config
    # What is left of it here is not in use.
    strays | while IFS= read -r file; do take "$file"; done
    rm -rf "$tree"
    mv -T "$new" "$tree"
    settle
    sync -f "$tree"
    ! is_empty_folder "$hrm_path" || rmdir "$hrm_path"
    ln -sfnr "$tree" "$hrm_path.hrm-new"
    mv -fT "$hrm_path.hrm-new" "$hrm_path"
}

# The new tree as it is kept; the site's folder gets what it has not yet.
prepare() {
    own_all "$new"
    chmod ug+x "$new/bin/hrm_queuemanager"
    # For when the site has its own no more.
    mkdir -p "$scratch/originals"
    (cd "$new" && candidates | xargs -rd '\n' cp -p --parents -t "$scratch/originals")
    mv -T "$scratch/originals" "$new/.originals"
    (cd "$new" && candidates | xargs -rd '\n' sha256sum >.release)
    mkdir -p "$site/config"
    chgrp "$group" "$site"
    chmod 0750 "$site"
    # These are the release's.
    rm -rf "$site/config/samples"
    (cd "$new/config" && find . -type f) | while IFS= read -r file; do
        mkdir -p "$(dirname "$site/config/$file")"
        [ -e "$site/config/$file" ] || put_whole "$new/config/$file" "$site/config/$file"
    done
    rm -rf "$new/config"
}

# take FILE: into the site's folder. What is there by that name is the one before, such as an editor leaves it that replaces a link.
take() {
    mkdir -p "$(dirname "$site/$1")"
    [ ! -e "$site/$1" ] || cmp -s "$site/$1" "$tree/$1" || mv -T --backup=numbered "$site/$1" "$site/$1.before-pulumi"
    put_whole "$tree/$1" "$site/$1"
    progress "$1 is the site's own: it is in $site now"
    show "$1"
}

# put_whole FROM TO: never half-copied, and into no link that is there.
put_whole() {
    rm -f "$2.hrm-new"
    cp -pP "$1" "$2.hrm-new"
    mv -fT "$2.hrm-new" "$2"
}

# put_back FILE: the release's own.
put_back() {
    if [ -f "$tree/.originals/$1" ]; then put_whole "$tree/.originals/$1" "$tree/$1"; else rm -f "$tree/$1"; fi
}

refuse_folder() {
    [ -L "$tree/$1" ] || [ ! -d "$tree/$1" ] ||
        fail "$hrm_path/$1 is a folder, where a link to $site/$1 was" "take over what is the site's into $site/$1, move the folder away, and run this again"
}

# show FILE: by a link to the site's own.
show() {
    refuse_folder "$1"
    mkdir -p "$(dirname "$tree/$1")"
    ln -sfn "../$(printf '%s' "$1" | tr -cd / | sed 's|/|../|g')site/$1" "$tree/$1.hrm-new"
    mv -fT "$tree/$1.hrm-new" "$tree/$1"
}
