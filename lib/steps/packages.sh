# shellcheck shell=sh
# The programs, PHP's extensions and servers that HRM needs are there. What is missing is installed by one run of apt-get; nothing is upgraded or removed.
# install: `yes`; `no`, what is missing is only told; or `bare`, it is installed where there is no HRM yet. hrm_path: HRM's tree. database_is_here: `yes` where the database server is to be on this host. programs: others that the
# settings name, one a line.
: "${install:?}" "${hrm_path:?}" "${database_is_here:?}" "${programs?}" "${state:?}"

# A package of Debian and Ubuntu, and the programs in it that HRM, its installer or these steps call.
packages='php-cli php
openssh-client ssh scp sftp ssh-keygen
procps ps
mawk awk
grep grep
findutils find
iputils-ping ping
zip zip
unzip unzip
tar tar
bzip2 bzip2 bunzip2
xz-utils xz unxz
zstd zstd unzstd
p7zip-full 7z 7za 7zr
unrar-free unrar
pigz pigz unpigz
gzip gzip gunzip
ca-certificates update-ca-certificates
fping fping'

# Of PHP, as `php -m` has them.
extensions='mysqli php-mysql
xml php-xml
mbstring php-mbstring
ldap php-ldap'

# There from when PHP-FPM is about to be installed until the web server has it.
unfinished=$state/php-fpm-unfinished

# Where administrators' programs are, too, whatever the login says.
has() {
    command -v "$1" >/dev/null
}

# Where HRM was installed by hand, the host is that person's; not where the step `release` has done it.
may_install() {
    [ "$install" = yes ] || { [ "$install" = bare ] && { [ ! -e "$hrm_path/inc/System.php" ] || [ -n "$(in_use)" ]; }; }
}

has_database_server() {
    has mariadbd || has mysqld || [ -n "$(ls /lib/systemd/system/mariadb.service /lib/systemd/system/mysql.service /lib/systemd/system/mysqld.service 2>/dev/null)" ]
}

has_web_server() {
    has apache2 || has httpd || has nginx || has lighttpd || has caddy
}

# PHP for the web server: PHP-FPM, or Apache's own module.
has_web_php() {
    [ -n "$(ls -d /etc/php/*/fpm /etc/php-fpm.d /etc/apache2/mods-available/php*.load 2>/dev/null)" ]
}

package_of() {
    printf '%s\n' "$packages" | awk -v program="$1" '{ for (i = 2; i <= NF; i++) if ($i == program) { print $1; exit } }'
}

# A line for each package that is missing; for a program that no package here is known for, the program's name after a `?`.
missing() {
    {
        # shellcheck disable=SC2154 # of programs.sh
        for program in $hrm_programs $programs; do
            has "$program" || {
                package=$(package_of "$program")
                echo "${package:-?$program}"
            }
        done
        modules=$(php -d display_errors=0 -m 2>/dev/null | tr '[:upper:]' '[:lower:]') || modules=
        printf '%s\n' "$extensions" | while read -r extension package; do
            among "$extension" "$modules" || echo "$package"
        done
        [ "$database_is_here" = no ] || has_database_server || echo mariadb-server
        # A web server may be elsewhere, or one that is not known here.
        ! may_install || {
            has_web_server || echo apache2
            has_web_php || echo php-fpm
            has logrotate || echo logrotate
        }
    } | awk '!seen[$0]++'
}

check() {
    missing | while IFS= read -r package; do
        case $package in
        '?'*) differs "${package#?}: not there, and the settings name it" ;;
        *) differs "package $package: not there, want it" "installs $package" ;;
        esac
    done
    [ ! -e "$unfinished" ] || differs "PHP-FPM: its installation was cut off, want it finished"
}

by_hand() {
    echo "apt-get install --no-install-recommends $(said "$list")"
}

cannot_install() {
    fail "apt-get cannot install $(said "$list"): $(complaint)" \
        "look at this host's way to its mirror (/etc/apt/sources.list and sources.list.d, a proxy), at its free space, and at packages that are in the way; or run there: $(by_hand)"
}

precondition() {
    list=$(missing)
    [ -n "$list" ] || return 0
    unknown=$(printf '%s\n' "$list" | sed -n 's/^?//p')
    [ -z "$unknown" ] ||
        fail "there is no $(said "$unknown"), which the settings name (compressBin, decompressBin, pingCommand)" "install it on this host, or take it out of the settings"
    want_debian "install there what takes the place of Debian's packages $(said "$list")"
    may_install ||
        fail "packages are missing: $(said "$list")" "run there: $(by_hand); or set packages.install to true, so that up does it"
}

ensure() {
    finish_earlier
    [ -z "$list" ] || install_them
    give_php_to_apache
}

install_them() {
    plan || cannot_install
    refuse_upgrades "run there: $(by_hand)"
    ! printf '%s\n' "$list" | grep -qx php-fpm || : >"$unfinished"
    progress "apt-get installs $(printf '%s\n' "$answer" | grep -c '^Inst ') packages"
    install_list || cannot_install
    hash -r
    left=$(missing)
    [ -z "$left" ] || fail "these are still missing though apt-get has installed their packages: $(said "$left")" "look at whether PHP's extensions are for the PHP that 'php' is there ('php -v', 'update-alternatives --display php')"
}

# Debian's package of PHP-FPM leaves Apache alone, which would show programs as text. Where it was there before, that is the site's own business.
give_php_to_apache() {
    [ -e "$unfinished" ] || return 0
    if has a2enconf && [ -z "$(ls /etc/apache2/mods-enabled/php*.load 2>/dev/null)" ]; then
        for conf in /etc/apache2/conf-available/php*-fpm.conf; do :; done
        answer=$(a2enmod proxy_fcgi setenvif 2>&1 && a2enconf "$(basename "$conf" .conf)" 2>&1 && systemctl try-reload-or-restart apache2.service 2>&1) ||
            fail "Apache does not take PHP-FPM: $(said "${answer##*: }")" "look at 'apache2ctl configtest' on this host"
    fi
    rm -f "$unfinished"
}
