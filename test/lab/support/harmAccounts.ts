/** A step that has to refuse, since what it is told to make HRM's is somebody else's on the host. */
export interface Refusal {
    title: string;
    step: string;
    /** In the place of the described ones. */
    values: Record<string, string>;
    /** Commands that root runs before and after it. */
    put?: string;
    remove?: string;
    says: string[];
}

export const emptyHanded = "nothing was changed";
export const account = (user: string) => ({ step: "huygens1-account", values: { user } });
const group = (name: string) => ({ step: "huygens1-account", values: { user: "newcomer", group: name } });

/** A directory of accounts, as far as a host can tell it from LDAP. */
export const directory = (
    passwd: string,
    group: string,
) => `sed -i 's/^\\(passwd\\|group\\): *files$/& extrausers/; s/files systemd$/files extrausers systemd/' /etc/nsswitch.conf
    mkdir -p /var/lib/extrausers; echo '${passwd}' >/var/lib/extrausers/passwd; echo '${group}' >/var/lib/extrausers/group; getent passwd fromldap && getent group fromldap`;
export const noDirectory = "sed -i 's/ extrausers//' /etc/nsswitch.conf; rm -r /var/lib/extrausers";

export const accountRefusals: Refusal[] = [
    {
        title: "an administrator",
        ...account("admin"),
        says: ["user admin cannot be HRM's: it is in group admin", "it may use sudo", emptyHanded],
    },
    {
        title: "an account without a shell",
        ...account("svc"),
        put: "useradd --system --shell /usr/sbin/nologin svc",
        remove: "userdel svc",
        says: ["user svc cannot be HRM's: it has the shell '/usr/sbin/nologin', which runs no commands"],
    },
    {
        title: "an account of root's number, in a group with power",
        ...account("super"),
        put: "groupadd docker; useradd -o -u 0 -g docker -s /bin/sh super",
        remove: "userdel -f super; groupdel docker 2>/dev/null || :",
        says: ["user super cannot be HRM's: it has the number of root, and it is in group docker, which gives power over the host"],
    },
    {
        title: "an account in the group that reads /etc/shadow",
        ...account("reader"),
        put: "useradd -G shadow -s /bin/sh reader",
        remove: "userdel reader",
        says: ["user reader cannot be HRM's: it is in group shadow, which gives power over the host"],
    },
    { title: "an account of the distribution's", ...account("bin"), says: ["user bin cannot be HRM's: it belongs to the distribution"] },
    {
        title: "an account of a package's",
        step: "web-account",
        values: { user: "mysql" },
        says: ["user mysql cannot be HRM's: it belongs to mariadb"],
    },
    { title: "a group of the distribution's", ...group("video"), says: ["group video cannot be HRM's: it belongs to the distribution"] },
    {
        title: "a group of root's number",
        ...group("zero"),
        put: "groupadd -o -g 0 zero",
        remove: "sed -i /^zero:/d /etc/group /etc/gshadow",
        says: ["group zero cannot be HRM's: it gives power over the host"],
    },
    ...[
        ["a group that sudoers names", "%ops ALL=(ALL) NOPASSWD: /bin/true"],
        ["a group in an alias of sudoers, by its number", "User_Alias ADM = alice, %#7777\nADM ALL=(ALL) NOPASSWD: /bin/true"],
        ["a group that sudoers names after somebody else", "alice, %ops ALL=(ALL) NOPASSWD: /bin/true"],
        ["a group in a rule of several lines", "alice,\\\n  %ops ALL=(ALL) NOPASSWD: /bin/true"],
    ].map(
        ([title, rule]): Refusal => ({
            title: title as string,
            ...group("ops"),
            put: `groupadd -g 7777 ops; printf '${rule!.replaceAll("%", "%%")}\n' >/etc/sudoers.d/ops; chmod 440 /etc/sudoers.d/ops; visudo -c >/dev/null`,
            remove: "rm /etc/sudoers.d/ops; groupdel ops",
            says: ["group ops cannot be HRM's: it may use sudo: /etc/sudoers.d/ops, line ", emptyHanded],
        }),
    ),
    {
        title: "a group in a file that sudoers includes",
        ...group("ops"),
        put: `groupadd ops; mkdir /etc/rules; echo '%ops ALL=(ALL) NOPASSWD: ALL' >/etc/rules/ops; printf '@includedir rules\n' >/etc/sudoers.d/more; echo '@include /etc/sudoers.d/more' >>/etc/sudoers`,
        remove: "sed -i '$d' /etc/sudoers; rm -r /etc/sudoers.d/more /etc/rules; groupdel ops",
        says: ["group ops cannot be HRM's: it may use sudo: /etc/rules/ops, line 1", emptyHanded],
    },
    {
        title: "an account that would be made, and that sudoers names already",
        ...account("awaited"),
        put: "echo 'alice, awaited ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/awaited",
        remove: "rm /etc/sudoers.d/awaited",
        says: ["user awaited cannot be made as HRM's: sudo names it already, in /etc/sudoers.d/awaited, line 1", emptyHanded],
    },
    ...["", "useradd -s /bin/sh climber; "].map(
        (made): Refusal => ({
            title: `an account that rises by a rule that only sudo knows, ${made ? "which was there" : "which would be new"}`,
            ...account("climber"),
            put: `${made}printf '%s\n' '#!/bin/sh' 'case "$*" in *climber*) id -nG climber 2>/dev/null | tr " " "\\n" | grep -qx hrm || { echo "is not allowed"; exit 1; }; echo "may run the following commands:"; echo "    (ALL) NOPASSWD: ALL"; exit ;; esac' 'exec /usr/bin/sudo "$@"' >/usr/local/bin/sudo
            chmod 755 /usr/local/bin/sudo`,
            remove: "rm /usr/local/bin/sudo; ! id climber 2>/dev/null || userdel climber",
            says: ["user climber cannot be HRM's: in group hrm it may use sudo: (ALL) NOPASSWD: ALL", "nothing stays changed"],
        }),
    ),
    {
        title: "an account with one small rule of sudo's",
        ...account("starter"),
        put: "useradd -s /bin/sh starter; echo 'starter ALL=(root) NOPASSWD: /usr/bin/true' >/etc/sudoers.d/starter",
        remove: "rm /etc/sudoers.d/starter; userdel starter",
        says: ["user starter cannot be HRM's: it may use sudo: (root) NOPASSWD: /usr/bin/true", emptyHanded],
    },
    {
        title: "the own group of a person",
        ...group("alice"),
        put: "useradd -s /bin/sh -m alice",
        remove: "userdel -r alice 2>/dev/null",
        says: ["group alice cannot be HRM's: it is the own group of alice, whose files the web server could read", emptyHanded],
    },
    {
        title: "a group of several persons",
        ...group("lab"),
        put: "groupadd lab; useradd -s /bin/sh -G lab bob",
        remove: "userdel bob; groupdel lab",
        says: ["group lab cannot be HRM's: it has other members, such as bob, who could read HRM's password and images", emptyHanded],
    },
    {
        title: "an account as adduser --system makes it, with all that is to be done at once",
        ...account("plain"),
        put: "useradd --system --shell /usr/sbin/nologin --home-dir /nonexistent plain",
        remove: "userdel plain",
        says: [
            "it has the shell '/usr/sbin/nologin', which runs no commands, and it has the home /nonexistent",
            "usermod --shell /bin/bash --home /home/plain plain",
        ],
    },
    {
        title: "an account that would be made, where homes are read-only",
        ...account("newcomer"),
        put: "mount --bind /home /home; mount -o remount,ro,bind /home",
        remove: "umount /home",
        says: ["user newcomer cannot be made: /home, where its home would be, is mounted read-only", emptyHanded],
    },
    {
        title: "an account that may use doas",
        ...account("riser"),
        put: "useradd -s /bin/sh riser; echo 'permit nopass keepenv riser as root' >/etc/doas.conf",
        remove: "userdel riser; rm /etc/doas.conf",
        says: ["user riser cannot be HRM's: it may use doas"],
    },
    {
        title: "an account with a rule of sudo's, where sudo tells root nothing",
        ...account("hidden"),
        put: "useradd -s /bin/sh hidden; printf 'Defaults !root_sudo\\nhidden ALL=(ALL) NOPASSWD: ALL\\n' >/etc/sudoers.d/hidden",
        remove: "rm /etc/sudoers.d/hidden; userdel hidden",
        says: ["user hidden cannot be HRM's: it may use sudo: /etc/sudoers.d/hidden, line 2", emptyHanded],
    },
    {
        title: "an account that may become root by su",
        ...account("climber"),
        put: "groupadd gw; useradd -s /bin/sh -G gw climber; sed -i '1i auth sufficient pam_wheel.so trust group=gw' /etc/pam.d/su",
        remove: "sed -i 1d /etc/pam.d/su; userdel climber; groupdel gw",
        says: ["user climber cannot be HRM's: it may use su without a password", emptyHanded],
    },
    {
        title: "an account of which sudo does not tell",
        ...account("riddle"),
        put: `useradd -s /bin/sh riddle; printf '%s\n' '#!/bin/sh' 'case "$*" in *-l*riddle) echo "sudo: no rules" >&2; exit 1 ;; esac' 'exec /usr/bin/sudo "$@"' >/usr/local/bin/sudo
            chmod 755 /usr/local/bin/sudo`,
        remove: "userdel riddle; rm /usr/local/bin/sudo",
        says: ["user riddle cannot be HRM's: it may use sudo: which does not tell what"],
    },
    ...[
        "/lib/systemd/system/works.service",
        "/etc/systemd/system/works.service",
        "/usr/local/lib/systemd/system/works.service",
        "/etc/systemd/system/works.service.d/user.conf",
    ].map(
        (file): Refusal => ({
            title: `an account of a service's, which may log in: ${file}`,
            ...account("worker"),
            put: `useradd -s /bin/sh worker; mkdir -p $(dirname ${file}); printf '[Service]\\nUser=worker\\nExecStart=/bin/true\\n' >${file}`,
            remove: `userdel worker; rm ${file}; rmdir -p $(dirname ${file}) 2>/dev/null || :`,
            says: ["user worker cannot be HRM's: it belongs to works"],
        }),
    ),
    ...["/bin/true", "/bin/sync", "/bin/rbash"].map(
        (shell): Refusal => ({
            title: `an account with the shell ${shell}`,
            ...account("tied"),
            put: `useradd -s ${shell} tied`,
            remove: "userdel tied",
            says: [`user tied cannot be HRM's: it has the shell '${shell}', which runs no commands`],
        }),
    ),
    ...["/nonexistent", "/", "/run/nomad", "/var/lib"].map(
        (home): Refusal => ({
            title: `an account whose home is ${home}`,
            ...account("nomad"),
            put: `useradd -s /bin/sh -d ${home} nomad`,
            remove: "userdel nomad",
            says: [`user nomad cannot be HRM's: it has the home ${home}, which is`, "usermod --home /home/nomad nomad", emptyHanded],
        }),
    ),
    {
        title: "an account of a directory's, whose shell runs nothing",
        ...account("fromldap"),
        put: directory("fromldap:x:5000:5000::/home/fromldap:/usr/sbin/nologin", "fromldap:x:5000:"),
        remove: noDirectory,
        says: [
            "user fromldap cannot be HRM's: it has the shell '/usr/sbin/nologin', which runs no commands, from a directory (LDAP, SSSD, extrausers)",
        ],
    },
    {
        title: "a group of a directory's, which alone can add to it",
        step: "huygens1-account",
        values: { group: "fromldap" },
        put: directory("fromldap:x:5000:5001::/home/fromldap:/bin/bash", "fromldap:x:5000:"),
        remove: noDirectory,
        says: ["group fromldap comes from a directory (LDAP, SSSD, extrausers), which alone can put hrm into it"],
    },
];
