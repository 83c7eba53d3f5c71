#!/bin/sh
# Last step of making the image of a lab host: settle.sh ROOT [PACKAGE...]
# Installs the packages, then removes what each host must have of its own or what only costs time and memory in a container.
set -eu
root=$1
shift

inside() {
    chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}

if [ $# -gt 0 ]; then
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    mount -t proc proc "$root/proc"
    # Services of a package must not start in the machine that makes the image (invoke-rc.d(8)).
    printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
    chmod 755 "$root/usr/sbin/policy-rc.d"
    inside apt-get update -q
    inside apt-get install -q -y --no-install-recommends "$@"
    rm "$root/usr/sbin/policy-rc.d"
    umount "$root/proc"
    # Web servers are there, but off: most labs are about the queue manager.
    for unit in "$root"/lib/systemd/system/apache2.service "$root"/lib/systemd/system/nginx.service "$root"/lib/systemd/system/php*-fpm.service; do
        [ ! -e "$unit" ] || inside systemctl disable --quiet "$(basename "$unit")"
    done
fi

# Timers and services that have nothing to do in a container, or wait for devices and terminals that it has not.
for unit in \
    apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer \
    getty.target console-getty.service systemd-ask-password-console.path systemd-ask-password-wall.path \
    systemd-logind.service systemd-pstore.service systemd-random-seed.service systemd-update-utmp.service \
    systemd-update-utmp-runlevel.service systemd-hwdb-update.service systemd-journal-flush.service \
    systemd-journal-catalog-update.service systemd-machine-id-commit.service systemd-firstboot.service systemd-sysusers.service \
    systemd-update-done.service systemd-binfmt.service systemd-modules-load.service kmod-static-nodes.service ldconfig.service \
    systemd-resolved.service systemd-networkd.service systemd-timesyncd.service slapd.service \
    dev-hugepages.mount dev-mqueue.mount sys-fs-fuse-connections.mount sys-kernel-config.mount; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit"
done

# Before systemd-user-sessions, pam_nologin turns everybody but root away: an sshd that answers must let people in.
mkdir -p "$root/etc/systemd/system/ssh.service.d" "$root/etc/systemd/journald.conf.d"
printf '[Unit]\nAfter=systemd-user-sessions.service\n' >"$root/etc/systemd/system/ssh.service.d/lab.conf"
printf '[Journal]\nStorage=volatile\nRuntimeMaxUse=16M\n' >"$root/etc/systemd/journald.conf.d/lab.conf"

# What Debian prints at each login, also at those that nobody reads, takes six processes, and three where there is nothing to print.
rm -f "$root"/etc/update-motd.d/*
sed -i '/pam_motd/d' "$root/etc/pam.d/sshd"

# The lab's administrator. Its ssh key is the lab's and is put in when a host is made.
if ! inside id admin >/dev/null 2>&1; then
    inside useradd --create-home --shell /bin/bash --uid 1000 --user-group admin
    printf 'admin ALL=(ALL:ALL) NOPASSWD: ALL\n' >"$root/etc/sudoers.d/admin"
    chmod 440 "$root/etc/sudoers.d/admin"
fi

# A host's identity is its own.
rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/hostname" "$root/etc/resolv.conf" "$root/var/lib/dbus/machine-id"
: >"$root/etc/machine-id"
: >"$root/etc/resolv.conf"
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/* "$root"/var/log/apt "$root"/var/log/*.log "$root"/tmp/*
chmod 755 "$root"
