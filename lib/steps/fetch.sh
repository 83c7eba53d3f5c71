# shellcheck shell=sh
# For the steps that take a file: one that was brought, or that this host fetches.
# sha256: its checksum. address: from where this host fetches it; empty where it is brought into the home of the login, under the name `brought`.
: "${sha256:?}" "${address?}" "${brought:?}" "${scratch?}"

# In the home of the login, where nobody else writes. It may be an account of a directory.
brought_file() {
    echo "$(getent passwd "${SUDO_USER:-root}" | cut -d : -f 6)/$brought"
}

# as_login COMMAND…: root of another host may be nobody in that home.
as_login() {
    as "${SUDO_USER:-root}" "$@"
}

# What was brought for nothing, where the host has it.
forget_brought() {
    [ -n "$address" ] || as_login rm -f "$(brought_file)" 2>/dev/null || :
}

# room FOLDER: what a person needs to know of it.
room() {
    df -Ph -- "$1" | awk 'NR == 2 { print $4 " are free on " $6 }'
}

# get_file WHAT FILE KIND: a copy that is root's is what is looked at and used.
get_file() {
    free=$(room "$(dirname "$2")")
    if [ -n "$address" ]; then
        progress "fetching $address"
        answer=$(/usr/lib/apt/apt-helper -q download-file "$address" "$2" 2>&1 </dev/null) ||
            fail "$1 cannot be fetched: $(said "$(printf '%s\n' "$answer" | grep -v '^W:' | tail -n 2)")" \
                "$([ -s /etc/ssl/certs/ca-certificates.crt ] || echo "install ca-certificates there, without which no https is trusted; or ")look at $address, at this host's way there (a proxy in apt's configuration, a certificate in /usr/local/share/ca-certificates), at its free space ($free); or describe $3 on the machine that runs Pulumi"
    else
        file=$(brought_file)
        as_login test -f "$file" || fail "$1 is not where it was copied to: $file" "run this again: what is missing is copied again, unless drift.check is false; then 'pulumi up --replace' with the URN of the copy"
        answer=$({ as_login cat "$file" >"$2"; } 2>&1) || fail "$1 cannot be copied: $(said "${answer##*: }")" "look at the free space there: $free"
    fi
    sum=$(sha256sum <"$2" | cut -d ' ' -f 1)
    [ "$sum" = "$sha256" ] || fail "$1 has another checksum: $sum, want $sha256" "get it again, or describe the right one; nothing was installed"
}
