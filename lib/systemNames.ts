import type { Rule } from "./arguments";

/**
 * What belongs to a host itself or to another service, by the names that Debian and its relatives use: never HRM's. A description with one of these is
 * refused. What only a host knows (where a link leads, whose an account is) is refused there, by the steps `account`, `folders` and `database`.
 */

const names = (text: string): readonly string[] => text.split(/\s+/);

/** Made by the distribution's base (base-passwd, systemd) or by packages of other services. */
const servicesOfOthers =
    names(`daemon bin sys sync games man lp mail news uucp proxy www-data list irc gnats nobody _apt messagebus dbus sshd polkitd uuidd
    tss tcpdump landscape pollinate syslog ntp chrony _chrony mysql mariadb postgres redis mongodb memcache rabbitmq
    elasticsearch influxdb ldap openldap slapd sssd apache apache2 httpd http nginx php-fpm lighttpd caddy tomcat haproxy squid
    varnish bind named postfix postdrop exim Debian-exim dovecot dovenull opendkim smmsp smmta vmail msmtp opensmtpd ftp proftpd
    vsftpd nfsnobody statd _rpc rpc rpcuser avahi colord cups saned pulse rtkit geoclue gdm lightdm sddm usbmux git gitlab
    jenkins grafana prometheus zabbix nagios telegraf munin puppet slurm munge ganglia omero omero-server omero-web backuppc
    clamav fwupd-refresh dnsmasq ceph admin`);

/**
 * Extended regular expressions, for grep as well. Of the file system hierarchy (hier(7)): what is the system's to the last file, and folders that hold
 * other folders, one for each service, device or person. Below /var/www the web server shows everything to everybody.
 */
export const systemFolders: readonly string[] = [
    "/(bin|boot|dev|etc|lib[0-9x]*|lost[+]found|proc|root|run|sbin|sys|tmp|usr)(/.*)?",
    "/(home|media|mnt|opt|snap|srv|var)?",
    "/(home|var|var/lib)/[^/]*",
    "/var/(backups|cache|crash|lock|mail|run|snap|spool|tmp|www)/.*",
    "/var/lib/(apt|cloud|containerd|containers|dbus|docker|dpkg|grub|initramfs-tools|lxc|lxd|NetworkManager|nfs|pam|php|postgresql|private|pulumi-hrm|rpm|snapd|sudo|systemd|ucf)/.*",
    "/var/log/(apt|audit|dist-upgrade|installer|journal|private|samba|unattended-upgrades)(/.*)?",
    `/var/(lib|log)/(${servicesOfOthers.join("|")})(/.*)?`,
    "/srv/(ftp|http|tftp|www)(/.*)?",
];

/** Among them: where programs and web pages lie, as HRM's tree does. */
const programFolders = ["/usr/(lib|share)/[^/]+(/.*)?", "/usr/local/[^/]+(/.*)?", "/(var|srv)/www/.+", "/srv/http/.+"];
/** What lies there is run or read by others. Whose another folder is, the host knows by its packages. */
const shared = "/usr/(lib|share|local/lib|local/share)";
const notForPrograms = [
    "/usr/local/(bin|etc|games|include|man|sbin)(/.*)?",
    "/usr/local/(lib|share|src)",
    `${shared}/([^/]*-linux-[^/]*|(perl|python|php|ruby|node|nodejs|java|jvm|gcc|git|ssl|ssh|ssh[^/]*|openssh|pam)[0-9.-]*|pam[.-][^/]*)(/.*)?`,
    `${shared}/(apt|bash-completion|cron|dbus-1|dpkg|environment.d|firmware|init|init.d|kernel|keyrings|modprobe.d|modules|modules-load.d|NetworkManager|polkit-1|sudo|sysctl.d|systemd|sysusers.d|tmpfiles.d|udev)(/.*)?`,
    `${shared}/(doc|fonts|locale|lsb|man|mime|terminfo|zoneinfo|${servicesOfOthers.join("|")})`,
];

const oneOf = (patterns: readonly string[]) => new RegExp(`^(${patterns.join("|")})$`);
const [system, programs, noPrograms] = [oneOf(systemFolders), oneOf(programFolders), oneOf(notForPrograms)];
const rule = (fits: (name: string) => boolean, want: string): Rule => ({ fits: name => fits(String(name)), want });

/** A folder that becomes HRM's own. */
export const ownFolder = rule(
    name => !system.test(name),
    "a folder that is HRM's own, such as /data/hrm_data: this one is the system's, or holds those of other services",
);

/** Where HRM's program lies. */
export const programFolder = rule(
    name => !system.test(name) || (programs.test(name) && !noPrograms.test(name)),
    "the folder of HRM's program, such as /var/www/html/hrm: this one is the system's, or holds those of other services",
);

/** Membership gives power over the host, or over what others keep secret. */
export const powerfulGroups: readonly string[] =
    names(`root sudo wheel admin adm shadow disk kmem tty utmp staff backup operator systemd-journal docker podman lxd incus incus-admin
    libvirt libvirt-qemu kvm vboxusers _ssh ssl-cert netdev polkitd microk8s snap_daemon admins autologin nopasswdlogin
    wireshark adbusers`);

const serviceName = (name: string) => servicesOfOthers.includes(name) || name.startsWith("systemd-");

/** Groups that base-passwd makes, beside those of accounts: mostly for devices. */
const baseGroups =
    names(`dialout fax voice cdrom floppy tape audio dip src video sasl plugdev users nogroup input render sgx crontab ssh lpadmin
    scanner bluetooth fuse mlocate plocate ssh_keys dialin lock games`);

/** The account that runs the queue manager here and hucore on the nodes. */
export const ownAccount = rule(
    name =>
        !serviceName(name) &&
        !powerfulGroups.includes(name) &&
        !["toor", "operator", "halt", "shutdown", "ubuntu", "debian"].includes(name),
    "an account that is HRM's own, such as hrm: this one is the system's, an administrator's, or another service's",
);

/** The account of the web server, which joins HRM's group. */
export const webServerAccount = rule(
    name => ownAccount.fits(name) || /^(www(-data|run)?|apache2?|httpd?|nginx|php-fpm|lighttpd|caddy|_www|_httpd?)$/.test(name),
    "the account of the web server, such as www-data: this one is the system's, an administrator's, or another service's",
);

/** Its group, which the web server's user joins. */
export const ownGroup = rule(
    name => !serviceName(name) && !powerfulGroups.includes(name) && !baseGroups.includes(name),
    "a group that is HRM's own, such as hrm: this one gives its members power over the host, or belongs to another service",
);

/** HRM's tables are in it, and its user may drop them. */
export const ownDatabase = rule(
    name => !["mysql", "information_schema", "performance_schema", "sys", "postgres"].includes(name.toLowerCase()),
    "a database that is HRM's own, such as hrm: this one is the server's",
);

/** It gets a password and rights, which takes its own away from an administrator. */
export const ownDatabaseUser = rule(
    name => !["root", "mysql", "mariadb", "mysqld", "admin", "postgres", "public"].includes(name.toLowerCase()),
    "a database user that is HRM's own, such as hrm: this one is the server's, or its administrator",
);
