# shellcheck shell=sh
# Huygens Core and the programs that HRM calls on a node are there for the account. That hucore answers is proven by the step `link`.
# user: the account. hucore: absolute path. node: HRM's name of the node.
: "${user:?}" "${hucore:?}" "${node:?}"

check() {
    as "$user" test -x "$hucore" || differs "$hucore: not there or not executable for $user, want Huygens Core"
    whose=$(who_may_replace "$user" "$hucore")
    [ -z "$whose" ] || differs "$hucore: $whose, want it root's, since $user runs it"
    missing=$(commands_missing ps ls find free awk)
    for program in $missing; do
        differs "$program: not there, HRM calls it"
    done
}

ensure() {
    as "$user" test -x "$hucore" ||
        fail "$hucore is not there, or $user may not execute it" \
            "install Huygens Core on this host, or give its path with the argument hucore of node $node"
    whose=$(who_may_replace "$user" "$hucore")
    [ -z "$whose" ] ||
        fail "$hucore may be replaced by others: $whose, and $user would run what they put there" \
            "give it to root ('chown root', 'chmod go-w'), or describe another hucore for node $node"
    fail "a program that HRM calls is missing" "on Debian: apt-get install procps findutils coreutils mawk"
}
