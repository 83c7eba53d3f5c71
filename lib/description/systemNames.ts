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
 * Extended regular expressions, for awk as well, of the file system hierarchy (hier(7)): what is the system's to the last file, and folders that hold other
 * folders, one for each service, device or person. The last that fits counts; one with a ! in front says what is none. What is not there yet may have a meaning
 * all the same (/var/lib/extensions), so of /var/lib only folders of HRM's name are free.
 */
export const systemFolders: readonly string[] = [
    "/(bin|boot|dev|efi|etc|gnu|lib[0-9x]*|lost[+]found|nix|ostree|proc|root|run|sbin|sys|sysroot|tmp|usr)(/.*)?",
    "/(home|media|mnt|opt|snap|srv|var)?",
    "/(home|var)/[^/]*",
    "/var/(account|backups|cache|crash|db|games|lib|lock|mail|run|snap|spool|tmp|www|yp)/.*",
    "!/var/lib/(hrm|huygens)[^/]*(/.*)?",
    `/var/log/(apt|audit|dist-upgrade|installer|journal|private|samba|unattended-upgrades|${servicesOfOthers.join("|")})(/.*)?`,
    "/srv/(ftp|http|tftp|www)(/.*)?",
];

/** What else is none, for HRM's tree: where programs and web pages lie. The first of /usr/lib and the like is free for HRM's name alone. */
export const programFolders: readonly string[] = [
    "!/usr/(lib|share)/(hrm|huygens)[^/]*(/.*)?",
    "!/usr/share/(webapps|nginx/html)/.+",
    "!/usr/local/[^/]+(/.*)?",
    "/usr/local/(bin|etc|games|include|lib[0-9x]*|libexec|man|sbin|share|src)(/.*)?",
    "!/usr/local/(lib|share|src)/(hrm|huygens)[^/]*(/.*)?",
    "!/(var|srv)/www/.+",
    "!/srv/http/.+",
];

/** @param patterns the last that fits counts */
function isSystems(folder: string, patterns: readonly string[]): boolean {
    const fits = (pattern: string) => new RegExp(`^(${pattern.replace(/^!/, "")})$`).test(folder);
    return [...patterns].reverse().find(fits)?.startsWith("!") === false;
}

/** The same for editors. */
const systems = (patterns: readonly string[]) =>
    patterns.reduce<object>(
        (others, pattern) =>
            pattern.startsWith("!")
                ? { allOf: [others, { not: { pattern: `^(${pattern.slice(1)})$` } }] }
                : { anyOf: [others, { pattern: `^(${pattern})$` }] },
        { not: {} },
    );

const rule = (fits: (name: string) => boolean, want: string, schema?: object): Rule => ({ fits: name => fits(String(name)), want, schema });
const none = (...values: (readonly string[])[]) => ({ not: { enum: [...new Set(values.flat())] } });

/** A folder that becomes HRM's own. */
export const ownFolder = rule(
    name => !isSystems(name, systemFolders),
    "a folder that is HRM's own, such as /data/hrm_data: this one is the system's, or holds those of other services",
    { not: systems(systemFolders) },
);

/** Where HRM's program lies. */
export const programFolder = rule(
    name => !isSystems(name, [...systemFolders, ...programFolders]),
    "the folder of HRM's program, such as /var/www/html/hrm: this one is the system's, or holds those of other services",
    { not: systems([...systemFolders, ...programFolders]) },
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

const people = ["toor", "operator", "halt", "shutdown", "ubuntu", "debian"];

/** The account that runs the queue manager here and hucore on the nodes. */
export const ownAccount = rule(
    name => !serviceName(name) && !powerfulGroups.includes(name) && !people.includes(name),
    "an account that is HRM's own, such as hrm: this one is the system's, an administrator's, or another service's",
    none(servicesOfOthers, powerfulGroups, people),
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
    none(servicesOfOthers, powerfulGroups, baseGroups),
);

/** HRM's tables are in it, and its user may drop them. */
const databases = ["mysql", "information_schema", "performance_schema", "sys", "postgres"];
export const ownDatabase = rule(
    name => !databases.includes(name.toLowerCase()),
    "a database that is HRM's own, such as hrm: this one is the server's",
    none(databases),
);

/** It gets a password and rights, which takes its own away from an administrator. */
const databaseUsers = ["root", "mysql", "mariadb", "mysqld", "admin", "postgres", "public"];
export const ownDatabaseUser = rule(
    name => !databaseUsers.includes(name.toLowerCase()),
    "a database user that is HRM's own, such as hrm: this one is the server's, or its administrator",
    none(databaseUsers),
);
