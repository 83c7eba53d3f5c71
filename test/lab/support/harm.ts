import { account, accountRefusals, directory, emptyHanded, noDirectory, type Refusal } from "./harmAccounts";

/** Something that looks like somebody else's, and is not. */
interface Taken {
    title: string;
    step: string;
    values: Record<string, string>;
    put: string;
    outcome: { run: string; prints: string };
}

const sql = (statements: string) => `mariadb -BN -e "${statements}"`;
const folderOnNode = (folder: string) => ({ step: "huygens1-folders", values: { folders: `2770 ${folder}` } });

export const refusals: Refusal[] = [
    ...accountRefusals,
    {
        title: "a folder of a person's",
        ...folderOnNode("/srv/alice"),
        put: "useradd alice; install -d -o alice -g alice /srv/alice; touch /srv/alice/thesis; chown alice: /srv/alice/thesis",
        says: [
            "/srv/alice cannot be HRM's: it belongs to alice, group alice, and is not empty",
            "name it in storage.takeOver",
            emptyHanded,
        ],
    },
    {
        title: "a folder of root's with something in it",
        ...folderOnNode("/srv/archive"),
        put: "mkdir /srv/archive; touch /srv/archive/.hidden",
        says: ["/srv/archive cannot be HRM's: it belongs to root, group root, and is not empty"],
    },
    {
        title: "an empty folder of a service's",
        ...folderOnNode("/srv/spool"),
        put: "install -d -o daemon -g daemon /srv/spool",
        says: ["/srv/spool cannot be HRM's: it belongs to daemon, group daemon"],
    },
    {
        title: "a link to the system's",
        ...folderOnNode("/srv/link"),
        put: "ln -s /etc /srv/link",
        says: ["/srv/link cannot be HRM's: it is /etc, which is the system's"],
    },
    {
        title: "a folder that would be made behind a link to the system's",
        ...folderOnNode("/srv/link/new"),
        says: ["/srv/link/new cannot be HRM's: it is /etc/new, which is the system's"],
    },
    {
        title: "a mount of the system's",
        ...folderOnNode("/srv/mounted"),
        put: "mkdir /srv/mounted; mount --bind /etc /srv/mounted",
        remove: "umount /srv/mounted",
        says: ["/srv/mounted cannot be HRM's: it belongs to "],
    },
    {
        title: "an empty folder of a package's",
        ...folderOnNode("/usr/local/share/man"),
        says: ["/usr/local/share/man cannot be HRM's: it is /usr/local/share/man, which is the system's"],
    },
    { title: "the account's home", ...folderOnNode("/home/hrm"), says: ["/home/hrm cannot be HRM's"] },
    {
        title: "a folder that holds the account's home",
        step: "huygens1-folders",
        values: { user: "deep", folders: "2770 /srv/homes" },
        put: "useradd --create-home --base-dir /srv/homes deep || { mkdir -p /srv/homes; useradd --create-home --base-dir /srv/homes deep; }",
        says: ["/srv/homes cannot be HRM's: it is, or holds, what is deep's own: /srv/homes/deep is the home of that account"],
    },
    {
        title: "the account's keys",
        step: "huygens1-folders",
        values: { user: "deep", folders: "2770 /srv/homes/deep/.ssh" },
        says: ["/srv/homes/deep/.ssh cannot be HRM's"],
    },
    {
        title: "the second of two folders; the first is not made",
        step: "web-folders",
        values: { folders: "2770 /data/first\n2770 /srv/archive" },
        put: "mkdir /srv/archive; touch /srv/archive/x",
        says: ["/srv/archive cannot be HRM's"],
    },
    {
        title: "a file in place of a folder",
        ...folderOnNode("/srv/file"),
        put: "touch /srv/file",
        says: ["/srv/file is there and is not a folder", emptyHanded],
    },
    {
        title: "somebody's folder, in which HRM's program would be",
        step: "huygens1-folders",
        values: { folders: "- /srv/alice/hrm/scripts" },
        says: ["/srv/alice/hrm/scripts cannot be HRM's: it would be in /srv/alice, which belongs to alice"],
    },
    {
        title: "a link to the system's, behind which HRM's program would be",
        step: "huygens1-folders",
        values: { folders: "- /srv/link/hrm/scripts" },
        says: ["/srv/link/hrm/scripts cannot be HRM's: it is /etc/hrm/scripts, which is the system's"],
    },
    {
        title: "a folder that would be made in somebody's",
        ...folderOnNode("/srv/alice/images"),
        says: ["/srv/alice/images cannot be HRM's: it would be in /srv/alice, which belongs to alice", emptyHanded],
    },
    {
        title: "a package's folder, in which HRM's program would be",
        step: "huygens1-folders",
        values: { folders: "- /usr/lib/systemd/scripts" },
        says: ["/usr/lib/systemd/scripts cannot be HRM's: /usr/lib/systemd belongs to the package ", emptyHanded],
    },
    {
        title: "two folders whose links lead to one",
        step: "web-folders",
        values: { folders: "2770 /srv/one\n2770 /srv/other" },
        put: "mkdir -p /srv/real; ln -s real /srv/one; ln -s real /srv/other",
        says: ["/srv/one and /srv/other are, or lie in, one folder: /srv/real", emptyHanded],
    },
    {
        title: "a folder whose link leads to HRM's program",
        step: "web-folders",
        values: { folders: "2770 /srv/images", hrm_path: "/opt/program" },
        put: "mkdir -p /opt/program; ln -s /opt/program/inner /srv/images",
        remove: "rmdir /opt/program; rm /srv/images",
        says: ["/srv/images and /opt/program are, or lie in, one folder", emptyHanded],
    },
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
    {
        title: "the database of something else that has one of HRM's names",
        step: "web-database",
        values: { db_name: "queues", db_user: "queuer", db_password: "hush-hush" },
        put: sql("CREATE DATABASE queues; CREATE TABLE queues.job_queue (id INT); CREATE TABLE queues.posts (id INT)"),
        says: ["the database queues holds 2 tables, job_queue among them, and none of HRM's", emptyHanded],
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
        says: ["the database blog holds 1 tables, posts among them, and none of HRM's", emptyHanded],
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
