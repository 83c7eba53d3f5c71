# shellcheck shell=sh
# For the steps that take the place of a file that a site has written itself.

# The site's own file, before we first replaced it, in case somebody wants to look something up.
keep() {
    [ -e "$1" ] && [ ! -e "$1.before-pulumi" ] || return 0
    answer=$(cp -p --remove-destination "$1" "$1.hrm-new" 2>&1 && mv "$1.hrm-new" "$1.before-pulumi" 2>&1) || {
        rm -f "$1.hrm-new"
        fail "$1 cannot be kept as *.before-pulumi: $(said "${answer##*: }")" "look at the free space there; nothing was changed"
    }
}
