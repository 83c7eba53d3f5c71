# shellcheck shell=sh
# shellcheck disable=SC2154 # of the step
# For the steps that install packages: apt-get without questions, which upgrades and removes nothing that nobody has named.
# list: what is to be installed, names or files.
answer='' fix=''

# want_debian WAY-OUT
want_debian() {
    { command -v apt-get >/dev/null && sed -n 's/^\(ID\|ID_LIKE\)=//p' /etc/os-release 2>/dev/null | tr -d '"' | tr ' ' '\n' | grep -qxE 'debian|ubuntu'; } ||
        fail "this host is $(system_name); packages are installed on Debian and Ubuntu alone" "$1"
}

system_name() {
    name=$(sed -n 's/^PRETTY_NAME=//p' /etc/os-release 2>/dev/null | tr -d '"')
    echo "${name:-a system without /etc/os-release}"
}

# apt COMMAND…: without questions, and waiting while somebody else installs something; what it prints is left in `answer`.
apt() {
    until answer=$(DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l APT_LISTCHANGES_FRONTEND=none apt-get -q -y --no-install-recommends --no-remove \
        -o DPkg::Lock::Timeout=10 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@" </dev/null 2>&1 9>&-); do
        holder=$(printf '%s\n' "$answer" | sed -n 's/^.*It is held by process \([0-9]* ([^)]*)\).*/\1/p' | head -n 1)
        printf '%s\n' "$answer" | grep -qE '^E: (Could not get lock|Unable to (acquire|lock))' || return 1
        progress "waiting for process ${holder:-of another}, which installs something"
        sleep 1
    done
}

# The first thing that went wrong, in apt's own words, without the marks in front.
complaint() {
    words=$(printf '%s\n' "$answer" | grep -E ' (Pre-?Depends|Depends|Conflicts|Breaks): ' | head -n 2; printf '%s\n' "$answer" | grep -A 1 -E '^(E|Err):' | sed 's/^\(E\|Err\):[0-9]* *//' | tr '\n' ' ')
    said "${words:-$(printf '%s\n' "$answer" | tail -n 1)}"
}

# One that was cut off leaves packages half-installed, and others without what they need.
finish_earlier() {
    fix=
    [ -n "$(dpkg --audit 2>/dev/null)" ] || return 0
    progress "finishing an installation that was cut off"
    fix=--fix-broken
    # What it cannot finish without packages that are still to come, apt-get does.
    DEBIAN_FRONTEND=noninteractive dpkg --configure -a --force-confdef --force-confold </dev/null 9>&- || :
}

# plan: leaves what apt-get would do in `answer`. Its lists may be old, or not there yet.
plan() {
    # shellcheck disable=SC2086
    apt install $fix --simulate $list && return 0
    apt update || return 1
    # shellcheck disable=SC2086
    apt install $fix --simulate $list
}

# install_list [COMMAND]: a mirror may have newer ones than the lists here; then once more, where the command says so.
install_list() {
    # shellcheck disable=SC2086
    apt install $fix $list || { "${1:-:}" && apt update && apt install $fix $list; }
}

# refuse_upgrades WAY-OUT [PACKAGE]: of others than that one.
refuse_upgrades() {
    # One that was only unpacked comes again, in the same version.
    upgraded=$(printf '%s\n' "$answer" | sed -n 's/^Inst \([^ ]*\) \[\([^]]*\)\] (\([^ )]*\).*/\1 \2 \3/p' | awk -v own="${2-}" '$2 != $3 && $1 != own { print $1 }')
    [ -z "$upgraded" ] ||
        fail "apt-get would have to upgrade $(said "$upgraded"), which nobody has asked for" "upgrade this host first ('apt-get upgrade'), or $1; nothing was changed"
}
