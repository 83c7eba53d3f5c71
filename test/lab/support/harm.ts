import { account, accountRefusals, directory, emptyHanded, noDirectory, type Refusal } from "./harmAccounts";
import { folderOnNode, folderRefusals } from "./harmFolders";

/** Something that looks like somebody else's, and is not. */
interface Taken {
    title: string;
    step: string;
    values: Record<string, string>;
    put: string;
    outcome: { run: string; prints: string };
}

const sql = (statements: string) => `mariadb -BN -e "${statements}"`;

export const refusals: Refusal[] = [
    ...accountRefusals,
    ...folderRefusals,
    {
        title: "the configuration, where HRM is to ask a directory that nobody has described to it",
        step: "web-config",
        values: { directory_files: "ldap_config.inc" },
        says: ["there is no /var/www/html/hrm/config/ldap_config.inc, which settings.authenticateAgainst needs", emptyHanded],
    },
    {
        title: "what a link in the place of HRM's log leads to",
        step: "web-queueManager",
        values: { log_folder: "/srv/logs" },
        put: "install -d -o hrm -g hrm -m 2770 /srv/logs; ln -s /etc/shadow /srv/logs/hrm.log",
        remove: "rm -r /srv/logs; stat -c '%U %G %a' /etc/shadow | grep -x 'root shadow 640'",
        says: ["/srv/logs/hrm.log is there and is no plain file", emptyHanded],
    },
    {
        title: "what a link in the place of the account's keys leads to",
        step: "huygens1-access",
        values: { public_key: "ssh-ed25519 AAAAother hrm-cluster" },
        put: "mv /home/hrm/.ssh/authorized_keys /root/; ln -s /etc/shadow /home/hrm/.ssh/authorized_keys",
        remove: "mv /root/authorized_keys /home/hrm/.ssh/; stat -c '%U %G %a' /etc/shadow | grep -x 'root shadow 640'",
        says: ["/home/hrm/.ssh/authorized_keys is a link to /etc/shadow, which is not hrm's"],
    },
    {
        title: "what a link in the place of the folder of the account's keys leads to",
        step: "huygens1-access",
        values: { public_key: "ssh-ed25519 AAAAother hrm-cluster" },
        put: "mv /home/hrm/.ssh /root/keys; ln -s /etc /home/hrm/.ssh",
        remove: "rm /home/hrm/.ssh; mv /root/keys /home/hrm/.ssh; stat -c '%U %G' /etc | grep -x 'root root'",
        says: ["/home/hrm/.ssh is a link to /etc, which is not hrm's"],
    },
    {
        title: "the database user of something else, which comes from any host",
        step: "web-database",
        values: { db_user: "forum", db_password: "hush-hush" },
        put: sql("CREATE DATABASE forum; CREATE USER forum@'%' IDENTIFIED BY 'own'; GRANT SELECT ON forum.* TO forum@'%'"),
        says: ["the database user forum has rights on the database forum, so it is not HRM's alone", emptyHanded],
    },
    {
        title: "a database user with rights on a table of something else",
        step: "web-database",
        values: { db_user: "reader", db_password: "hush-hush" },
        put: sql(
            "CREATE TABLE forum.posts (id INT); CREATE USER reader@localhost IDENTIFIED BY 'own'; GRANT SELECT ON forum.posts TO reader@localhost",
        ),
        says: ["the database user reader has rights on forum.posts, so it is not HRM's alone"],
    },
    {
        title: "a database user with a role",
        step: "web-database",
        values: { db_user: "actor", db_password: "hush-hush" },
        put: sql("CREATE ROLE editors; CREATE USER actor@localhost IDENTIFIED BY 'own'; GRANT editors TO actor@localhost"),
        says: ["the database user actor has rights on a role, so it is not HRM's alone"],
    },
    ...[
        ["has one of HRM's names", "job_queue (id INT); CREATE TABLE queues.posts (id INT)"],
        ["has several of HRM's names", "server (id INT); CREATE TABLE queues.queuemanager (id INT); CREATE TABLE queues.username (id INT)"],
        ["has a table of the name of that with HRM's revision", "global_variables (id INT)"],
        ...["; CREATE TABLE queues.posts (id INT)", ""].map(more => [
            `has variables of its own${more ? "" : " and nothing else"}`,
            `global_variables (name VARCHAR(30), value VARCHAR(30)); INSERT INTO queues.global_variables VALUES ('x', '1')${more}`,
        ]),
    ].flatMap(([title, tables]): Refusal[] =>
        ["web-database", "web-schema"].map(step => ({
            title: `the database of something else that ${title} (${step})`,
            step,
            values: { db_name: "queues", db_user: "queuer", db_password: "hush-hush" },
            put: `${sql(`CREATE DATABASE queues; CREATE TABLE queues.${tables}; GRANT ALL ON queues.* TO hrm@localhost`)}
                cd /var/www/html/hrm/config; sed -i.own "s/^.db_name = .*/\\$db_name = 'queues';/" hrm_config.inc; grep -c queues hrm_config.inc`,
            remove: `cd /var/www/html/hrm/config; mv hrm_config.inc.own hrm_config.inc; ${sql("DROP DATABASE queues; REVOKE ALL ON queues.* FROM hrm@localhost")}`,
            says: ["the database queues holds ", " tables, ", "no revision of HRM's (global_variables.dbrevision)", emptyHanded],
        })),
    ),
    {
        title: "a database user that something else logs in with, and that has no rights yet",
        step: "web-database",
        values: { db_user: "watcher", db_password: "hush-hush" },
        put: sql("CREATE USER watcher@localhost IDENTIFIED BY 'own'"),
        remove: "mariadb -u watcher -pown -e 'SELECT 1' >/dev/null",
        says: ["the database user watcher is there, with another password than the described one and no rights on hrm", emptyHanded],
    },
    {
        title: "a database user that something else logs in with in another way",
        step: "web-database",
        values: { db_user: "prober", db_password: "hush-hush" },
        put: sql("CREATE USER prober@localhost IDENTIFIED VIA unix_socket"),
        says: ["the database user prober is there, with another password than the described one and no rights on hrm", emptyHanded],
    },
    {
        title: "the database user of something else",
        step: "web-database",
        values: { db_user: "wiki", db_password: "hush-hush" },
        put: sql("CREATE DATABASE wiki; CREATE USER wiki@localhost IDENTIFIED BY 'own'; GRANT SELECT ON wiki.* TO wiki@localhost"),
        says: ["the database user wiki has rights on the database wiki, so it is not HRM's alone", emptyHanded],
    },
    {
        title: "a database user with rights on the whole server",
        step: "web-database",
        values: { db_user: "monitor", db_password: "hush-hush" },
        put: sql("CREATE USER monitor@localhost IDENTIFIED BY 'own'; GRANT PROCESS ON *.* TO monitor@localhost"),
        says: ["the database user monitor has rights on the whole server"],
    },
    {
        title: "the database of something else",
        step: "web-database",
        values: { db_name: "blog", db_user: "blogger" },
        put: sql("CREATE DATABASE blog; CREATE TABLE blog.posts (id INT)"),
        remove: sql("DROP DATABASE blog"),
        says: ["the database blog holds 1 tables, posts among them, and no revision of HRM's", emptyHanded],
    },
    {
        title: "nothing, where a server quotes the statement in another language",
        step: "web-database",
        values: { db_password: "hush-hush" },
        // The first call asks whose the user is, and is answered by the client itself.
        put: `printf '%s\n' '#!/bin/sh' 'statement=$(cat)' 'case $statement in *IDENTIFIED*) ;; *) printf "%s" "$statement" | /usr/bin/mariadb "$@"; exit ;; esac' \
            'echo "ERROR 1064 (42000) at line 3: Erreur de syntaxe près de $(printf "%s" "$statement" | tail -n 2)"; exit 1' >/usr/local/bin/mariadb; chmod 755 /usr/local/bin/mariadb`,
        remove: "rm /usr/local/bin/mariadb",
        says: ["root cannot administer the database server: error 1064, SQLSTATE 42000"],
    },
    {
        title: "a password that the server's policy refuses",
        step: "web-database",
        values: { db_password: "all-small-letters" },
        put: `${sql("INSTALL SONAME 'simple_password_check'")}; ${sql("SET GLOBAL simple_password_check_digits = 2")}`,
        remove: sql("UNINSTALL SONAME 'simple_password_check'"),
        says: ["the server refuses the password of hrm: error 1396, SQLSTATE HY000", "simple_password_check_digits=2"],
    },
];

export const taken: Taken[] = [
    {
        title: "an account to which the site gives a task of its own, and which everybody's rule of sudo covers",
        ...account("tidier"),
        put: `useradd -s /bin/sh -m tidier; printf '[Service]\\nType=oneshot\\nUser=tidier\\nExecStart=/bin/true\\n' >/etc/systemd/system/image-cleanup.service
            echo 'ALL ALL=(root) NOPASSWD: /usr/bin/true' >/etc/sudoers.d/all`,
        outcome: { run: "id -nG tidier; rm /etc/systemd/system/image-cleanup.service /etc/sudoers.d/all", prints: "tidier hrm\n" },
    },
    {
        title: "an account as which somebody else may act by doas, where sudo tells root nothing",
        ...account("mirror"),
        put: "useradd -s /bin/sh -m mirror; echo 'permit nopass alice as mirror' >/etc/doas.conf; echo 'Defaults !root_sudo' >/etc/sudoers.d/none",
        outcome: { run: "id -nG mirror; rm /etc/doas.conf /etc/sudoers.d/none", prints: "mirror hrm\n" },
    },
    {
        title: "a group of the web server's and of an upload account's, where the account is in it; a name that is a word in a package's script",
        step: "huygens1-account",
        values: { user: "data", group: "pictures" },
        put: "groupadd pictures; useradd -s /bin/sh -m -G pictures data; useradd -g pictures upload; gpasswd -a www-data pictures",
        outcome: { run: "id -nG data; userdel upload", prints: "data pictures\n" },
    },
    {
        title: "hucore on a share that other hosts have, or that is read-only",
        step: "huygens1-hucore",
        values: { hucore: "/opt/share/hucore" },
        put: "useradd keepers; mkdir -p /opt/share; mount -t tmpfs none /opt/share; install -o keepers -m 775 /usr/local/bin/hucore /opt/share/; mount -o remount,ro /opt/share",
        outcome: { run: "umount /opt/share; userdel keepers; echo gone", prints: "gone\n" },
    },
    {
        title: "a group with others in it, which somebody has put together for HRM",
        step: "huygens1-account",
        values: { user: "keeper", group: "imaging" },
        put: "groupadd imaging; useradd -s /bin/sh -m -G imaging keeper; useradd -s /bin/sh -G imaging carol",
        outcome: { run: "id -nG keeper", prints: "keeper imaging\n" },
    },
    {
        title: "an account of a directory's, which joins a group of the host's",
        ...account("fromldap"),
        put: `${directory("fromldap:x:5000:5000::/home/fromldap:/bin/bash", "fromldap:x:5000:")}; install -d -o 5000 -g 5000 /home/fromldap`,
        outcome: { run: `id -nG fromldap; grep -c fromldap /etc/passwd; ${noDirectory}`, prints: "fromldap hrm\n0\n" },
    },
    {
        title: "an account as HRM's manual makes it, without a home",
        ...account("manual"),
        put: "groupadd --system hrm2 2>/dev/null; useradd --system --gid hrm2 manual",
        outcome: {
            run: "id -nG manual; getent passwd manual | cut -d : -f 6-7; stat -c '%U' /home/manual",
            prints: "hrm2 hrm\n/home/manual:/bin/sh\nmanual\n",
        },
    },
    {
        title: "a /run without room for a copy of HRM's tree",
        step: "web-config",
        values: {},
        put: "mount -t tmpfs -o size=16k none /run/pulumi-hrm; sed -i s/log_verbosity/log_silence/ /var/www/html/hrm/config/hrm_config.inc",
        outcome: {
            run: "umount /run/pulumi-hrm; grep -c log_verbosity /var/www/html/hrm/config/hrm_config.inc; ls /var/lib/pulumi-hrm | grep scratch || :",
            prints: "1\n",
        },
    },
    {
        title: "a web server's root that is a link",
        step: "huygens1-folders",
        values: { folders: "- /srv/www/hrm/scripts" },
        put: "mkdir -p /opt/www; ln -s /opt/www /srv/www",
        outcome: { run: "stat -c '%U %G' /opt/www/hrm /opt/www/hrm/scripts", prints: "root root\nhrm hrm\n" },
    },
    {
        title: "an empty folder of root's",
        ...folderOnNode("/srv/empty"),
        put: "mkdir -p /srv/empty/lost+found",
        outcome: { run: "stat -c '%U %G %a' /srv/empty", prints: "hrm hrm 2775\n" },
    },
    {
        title: "a folder of the account's group",
        ...folderOnNode("/srv/ours"),
        put: "install -d -o nobody -g hrm /srv/ours; touch /srv/ours/image",
        outcome: { run: "stat -c '%U %G %a' /srv/ours", prints: "hrm hrm 2775\n" },
    },
    {
        title: "a folder that is to be taken over, by its name",
        step: "huygens1-folders",
        values: { folders: "2770 /srv/alice", take_over: "/srv/alice" },
        put: "chmod 0750 /srv/alice",
        outcome: { run: "stat -c '%U %G %a' /srv/alice /srv/alice/thesis", prints: "hrm hrm 2770\nalice alice 644\n" },
    },
    {
        title: "a mount on which root may not change owners, where all can write",
        step: "web-folders",
        values: { folders: "2770 /srv/squashed", take_over: "/srv/squashed" },
        put: `install -d -m 0777 -o nobody -g nogroup /srv/squashed; for tool in chown chmod; do
            printf '#!/bin/sh\\ncase "$*" in */srv/squashed) echo "$0: Operation not permitted" >&2; exit 1 ;; esac\\nexec /usr/bin/%s "$@"\\n' $tool >/usr/local/bin/$tool; /bin/chmod 755 /usr/local/bin/$tool; done`,
        outcome: {
            run: "stat -c '%U %G %a' /srv/squashed; ls -A /srv/squashed; rm /usr/local/bin/chown /usr/local/bin/chmod",
            prints: "nobody nogroup 777\n",
        },
    },
];
