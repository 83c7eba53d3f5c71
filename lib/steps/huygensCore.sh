# shellcheck shell=sh
# Huygens Core is the described package of Debian's kind, and has the described licence. It replaces another version only while no job runs here.
# user, group: HRM's account. sha256: of the package; address: from where this host fetches it; empty where it is brought into the home of the login, under the name
# `brought`. licence: licence strings, one a line, secret; empty where somebody else looks after them. busy_seconds: how long short calls of it are waited for (lib/hosts/pace.ts).
: "${user:?}" "${group:?}" "${sha256:?}" "${address?}" "${brought:?}" "${licence?}" "${busy_seconds:?}" "${scratch?}" "${state:?}" "${step:?}"

# `SHA256 PACKAGE VERSION` of what this step has installed: a file's name and checksum tell nothing of what dpkg has.
record=$state/huygens-core

# Where Huygens Core reads it.
licence_file=/usr/local/svi/huygensLicense

# dpkg_version PACKAGE: nothing where it is not there, or only half.
dpkg_version() {
    dpkg-query -W -f '${db:Status-Abbrev}${Version}\n' "$1" 2>/dev/null | sed -n 's/^[a-z]i \{0,1\}//p'
}

# Leaves what the record says in `sum`, `package` and `version`, and in `there` the version that dpkg has of that package.
read_record() {
    sum='' package='' version='' there=''
    [ ! -f "$record" ] || read -r sum package version <"$record"
    [ -z "$package" ] || there=$(dpkg_version "$package")
}

is_installed() {
    read_record
    [ "$sum" = "$sha256" ] && [ "$there" = "$version" ] && has_hucore
}

# Whether the package's own hucore is where dpkg has put it.
has_hucore() {
    [ -e "$(dpkg -L "$package" 2>/dev/null | grep '/hucore$' | head -n 1)" ]
}

# The numbers of its processes: jobs, the queue manager's calls, and people's.
processes() {
    grep -lisE '^(hucore|huygens)' /proc/[0-9]*/comm | cut -d / -f 3
}

# The described lines that the file does not have.
licence_lacks() {
    [ -z "$licence" ] || printf '%s\n' "$licence" | { if [ -f "$licence_file" ]; then grep -vxFf "$licence_file" || :; else cat; fi; }
}

check() {
    if ! is_installed; then
        if [ "$sum" = "$sha256" ]; then
            has=${there:-not}
            [ "$there" != "$version" ] || has="$there without its hucore is"
            differs "package $package: $has there, want $version" "installs $package $version"
        else
            differs "Huygens Core: ${there:+$package $there, }not the described package, want it" "installs the described package of Huygens Core"
        fi
        running=$(processes | wc -l)
        [ "$running" = 0 ] || follows "hucore runs here ($running processes), and up replaces it only when no job runs: take the node into maintenance first"
    fi
    [ -z "$(licence_lacks)" ] || {
        differs "$licence_file: lacks a licence that is described" "adds it to $licence_file"
        follows "HRM's pages learn of a new licence when the queue manager starts next ('systemctl restart hrmd' on the web host, after its round)"
    }
    [ -z "$licence" ] || [ ! -f "$licence_file" ] || as "$user" test -r "$licence_file" || differs "$licence_file: $user cannot read it"
}

remark() {
    forget_brought
    rm -rf "$state/scratch-$step"
}

precondition() {
    is_installed || want_debian "install Huygens Core there by hand, and describe huygensCore for the other hosts one by one instead of for all"
}

ensure() {
    is_installed || install_core
    [ -z "$licence" ] || place_licence
}

install_core() {
    # A disk has more room than what is in memory.
    scratch_folder "$state"
    list=$scratch/huygens-core.deb
    get_file "the package of Huygens Core" "$list" "a package"
    { package=$(dpkg-deb -f "$list" Package 2>/dev/null) && version=$(dpkg-deb -f "$list" Version 2>/dev/null) && [ -n "$version" ]; } ||
        fail "what is described is no package of Debian's kind" "get Huygens Core for Debian or Ubuntu, a .deb file; nothing was installed"
    dpkg-deb --fsys-tarfile "$list" 2>/dev/null | tar -t 2>/dev/null | grep -qE '/hucore$' ||
        fail "the package $package $version has no hucore, so that it is not Huygens Core, or was cut off" "describe the package of Huygens Core; nothing was installed"
    finish_earlier
    { [ "$(dpkg_version "$package")" = "$version" ] && has_hucore; } || install_package
    keep_note "$record" "$sha256 $package $version"
    rm -rf "$scratch"
}

install_package() {
    # It may be older than what is there, or the same with a file that is gone.
    fix="$fix --allow-downgrades --reinstall"
    plan || cannot_install
    refuse_upgrades "install what it needs by hand" "$package"
    await_idle
    progress "apt-get installs $package $version"
    # What dpkg unpacks is not what runs, but a job that begins meanwhile might find one half of each.
    install_list is_idle || cannot_install
}

cannot_install() {
    fail "apt-get cannot install $package $version: $(complaint)" \
        "look at this host's way to its mirror, where the package needs others, at its free space ($(room /usr/local)), and at packages that are in the way"
}

is_idle() {
    [ -z "$(processes)" ]
}

up_seconds() {
    cut -d . -f 1 /proc/uptime
}

# The queue manager's own calls take seconds, jobs take hours.
await_idle() {
    end=$(($(up_seconds) + busy_seconds))
    is_idle || progress "waiting for hucore to end, $busy_seconds s at most"
    while ! is_idle && [ "$(up_seconds)" -lt "$end" ]; do
        # One after the other, and those that came meanwhile: tail of Debian 12 waits for the last of several alone.
        timeout 1 tail -s 0.2 "--pid=$(processes | head -n 1)" -f /dev/null || :
    done
    is_idle ||
        fail "hucore runs on this host (process $(processes | head -n 3 | tr '\n' ' ')), and $package $version would replace it" \
            "take the host out of service first: one up with maintenance: true for the node waits for its jobs, the next one without it installs the package; on the web host, where previews run it, run this again when they have ended"
}

# The lines that are there stay, and so do the rights of a file that is there.
place_licence() {
    lacks=$(licence_lacks)
    rights="root $group 640"
    [ ! -f "$licence_file" ] || {
        licence_file=$(realpath -- "$licence_file")
        rights=$(stat -c '%U %G %a' "$licence_file")
    }
    [ -z "$lacks" ] || {
        folder=${licence_file%/*}
        mkdir -p "$folder"
        # All of it, before anything is written: what cannot be read is not to be lost.
        # shellcheck disable=SC1003
        [ ! -f "$licence_file" ] || lacks=$(sed -e '$a\' "$licence_file" && printf '%s\n' "$lacks") ||
            fail "$licence_file cannot be read" "look at its disk; nothing was changed"
        # shellcheck disable=SC2086
        set -- $rights
        # Whoever owns the folder writes it; another owner of the file stays its owner.
        printf '%s\n' "$lacks" | write_file "$licence_file" "$(stat -c %U "$folder")" "$2" "$3"
        chown -h "$1" "$licence_file"
    }
    as "$user" test -r "$licence_file" ||
        fail "$user cannot read $licence_file ($rights)" "let the group $group read it: 'chgrp $group $licence_file', 'chmod g+r $licence_file'"
}
