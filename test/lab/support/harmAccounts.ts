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
    ].map(
        ([title, rule]): Refusal => ({
            title: title as string,
            ...group("ops"),
            put: `groupadd -g 7777 ops; echo '${rule}' >/etc/sudoers.d/ops`,
            remove: "rm /etc/sudoers.d/ops; groupdel ops",
            says: ["group ops cannot be HRM's: it may use sudo", emptyHanded],
        }),
    ),
    {
        title: "an account that may use doas",
        ...account("riser"),
        put: "useradd -s /bin/sh riser; echo 'permit nopass keepenv riser as root' >/etc/doas.conf",
        remove: "userdel riser; rm /etc/doas.conf",
        says: ["user riser cannot be HRM's: it may use doas"],
    },
    {
        title: "an account of which sudo does not tell",
        ...account("riddle"),
        put: `useradd -s /bin/sh riddle; printf '%s\n' '#!/bin/sh' 'case "$*" in *-l*) echo "sudo: no rules" >&2; exit 1 ;; esac' 'exec /usr/bin/sudo "$@"' >/usr/local/bin/sudo
            chmod 755 /usr/local/bin/sudo`,
        remove: "userdel riddle; rm /usr/local/bin/sudo",
        says: ["user riddle cannot be HRM's: it may use perhaps sudo, which does not tell"],
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
            says: [`user nomad cannot be HRM's: ${home}, its home, is`, emptyHanded],
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
        put: directory("fromldap:x:5000:5000::/home/fromldap:/bin/bash", "fromldap:x:5000:"),
        remove: noDirectory,
        says: ["group fromldap comes from a directory (LDAP, SSSD, extrausers), which alone can put hrm into it"],
    },
];
