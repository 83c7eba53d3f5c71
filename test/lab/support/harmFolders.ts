import { directory, emptyHanded, noDirectory, type Refusal } from "./harmAccounts";

export const folderOnNode = (folder: string) => ({ step: "huygens1-folders", values: { folders: `2770 ${folder}` } });

/** Folders, and programs, that are somebody else's or behind what is. */
export const folderRefusals: Refusal[] = [
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
        values: { folders: "- /usr/share/hrm-helper/hrm/scripts" },
        put: "echo /usr/share/hrm-helper/hrm >>/var/lib/dpkg/info/systemd.list; mkdir -p /usr/share/hrm-helper/hrm",
        remove: "sed -i '$d' /var/lib/dpkg/info/systemd.list; rm -r /usr/share/hrm-helper",
        says: ["/usr/share/hrm-helper/hrm/scripts cannot be HRM's: /usr/share/hrm-helper/hrm belongs to the package systemd", emptyHanded],
    },
    ...["/usr/lib/systemd/scripts", "/usr/lib/binfmt.d/x/scripts", "/usr/share/initramfs-tools/hooks/x", "/usr/local/lib/x/scripts"].map(
        (folder): Refusal => ({
            title: `a folder of the system's, in which HRM's program would be: ${folder}`,
            step: "huygens1-folders",
            put: `ln -s ${folder} /srv/program`,
            remove: "rm /srv/program",
            values: { folders: "- /srv/program" },
            says: [`/srv/program cannot be HRM's: it is ${folder}, which is the system's`, emptyHanded],
        }),
    ),
    {
        title: "a folder that only has a meaning once it is there",
        ...folderOnNode("/srv/extension"),
        put: "ln -s /var/lib/extensions/hrm-images /srv/extension",
        remove: "rm /srv/extension",
        says: ["/srv/extension cannot be HRM's: it is /var/lib/extensions/hrm-images, which is the system's"],
    },
    ...["/srv/people", "/srv/people/bea"].map(
        (folder): Refusal => ({
            title: `a home of somebody else, outside /home, even where it is to be taken over: ${folder}`,
            step: "huygens1-folders",
            values: { folders: `2770 ${folder}`, take_over: folder },
            put: "mkdir -p /srv/people; useradd --create-home --base-dir /srv/people bea",
            remove: "userdel -r bea 2>/dev/null",
            says: [`${folder} cannot be HRM's: it is, or holds, the home of bea: /srv/people/bea`, emptyHanded],
        }),
    ),
    {
        title: "a folder in a home of somebody else, outside /home",
        ...folderOnNode("/srv/people/bea/images"),
        put: "mkdir -p /srv/people; useradd --create-home --base-dir /srv/people bea; mkdir /srv/people/bea/images",
        remove: "userdel -r bea 2>/dev/null",
        says: ["/srv/people/bea/images cannot be HRM's: it is in the home of bea: /srv/people/bea", "storage.takeOver"],
    },
    {
        title: "where a link leads that somebody has put where all may write",
        ...folderOnNode("/srv/scratch/hrm"),
        put: "useradd mallory; install -d -m 1777 /srv/scratch; mkdir /srv/victim; runuser -u mallory -- ln -s /srv/victim /srv/scratch/hrm",
        remove: "userdel mallory; rm -r /srv/scratch /srv/victim",
        says: ["/srv/scratch/hrm cannot be HRM's: it is behind the link /srv/scratch/hrm, which belongs to mallory"],
    },
    {
        title: "a folder in one where everybody may put another in its place",
        ...folderOnNode("/srv/free/images"),
        put: "install -d -m 0777 /srv/free; mkdir /srv/free/images",
        remove: "rm -r /srv/free",
        says: ["/srv/free/images cannot be HRM's: it is in /srv/free, where everybody may replace it (mode 777)", emptyHanded],
    },
    ...[
        ["that is there", "; mkdir /srv/closed/images; chown hrm:hrm /srv/closed/images; chmod 2770 /srv/closed/images"],
        ["that is not there", ""],
    ].map(
        ([which, made]): Refusal => ({
            title: `a folder ${which}, to which the account does not get`,
            ...folderOnNode("/srv/closed/images"),
            put: `install -d -m 0750 /srv/closed${made}`,
            remove: "rm -r /srv/closed",
            says: ["/srv/closed/images cannot be HRM's: hrm does not get there", emptyHanded],
        }),
    ),
    {
        title: "a folder of homes that only a directory knows",
        step: "huygens1-folders",
        values: { folders: "2770 /export/home", take_over: "/export/home" },
        put: `${directory("fromldap:x:5000:5000::/export/home/fromldap:/bin/bash", "fromldap:x:5000:")}; install -d -o 5000 -g 5000 /export/home/fromldap`,
        remove: `rm -r /export/home; ${noDirectory}`,
        says: ["/export/home cannot be HRM's: it is, or holds, the home of fromldap: /export/home/fromldap", emptyHanded],
    },
    ...[
        ["with a slash at its end", "mkdir -p /srv/big", "storage.example.org:/x /srv/big/ nfs defaults 0 0"],
        ["behind a link", "mkdir -p /srv/store; ln -s /srv/store /srv/big", "storage.example.org:/x /srv/big nfs defaults 0 0"],
    ].map(
        ([how, made, line]): Refusal => ({
            title: `the place of a mount that is not there, ${how}`,
            ...folderOnNode("/srv/big/images"),
            put: `${made}; echo '${line}' >>/etc/fstab`,
            remove: "sed -i '$d' /etc/fstab; rm -rf /srv/big /srv/store",
            says: ["/srv/big/images is on /srv/", "which /etc/fstab or systemd mounts, and which is not mounted"],
        }),
    ),
    {
        title: "the place of a mount of systemd's that is not there",
        ...folderOnNode("/srv/big/images"),
        put: "mkdir -p /srv/big; printf '[Mount]\\nWhat=tmpfs\\nWhere=/srv/big\\nType=tmpfs\\n[Install]\\nWantedBy=multi-user.target\\n' >/etc/systemd/system/srv-big.mount; systemctl enable --quiet srv-big.mount; systemctl daemon-reload",
        remove: "systemctl disable --quiet srv-big.mount; rm /etc/systemd/system/srv-big.mount; systemctl daemon-reload; rmdir /srv/big",
        says: ["/srv/big/images is on /srv/big, which /etc/fstab or systemd mounts", "mount /srv/big"],
    },
    {
        title: "the place of a mount that is not there",
        ...folderOnNode("/srv/storage/images"),
        put: "mkdir -p /srv/storage; echo 'storage.example.org:/export /srv/storage nfs defaults 0 0' >>/etc/fstab",
        remove: "sed -i '$d' /etc/fstab",
        says: [
            "/srv/storage/images is on /srv/storage, which /etc/fstab or systemd mounts, and which is not mounted",
            "mount /srv/storage",
        ],
    },
    ...[
        ["belongs to mallory", "chown mallory /opt/svi/bin/hucore"],
        ["/opt/svi/bin belongs to mallory", "chown mallory /opt/svi/bin"],
        ["may be written by everybody", "chmod 0777 /opt/svi"],
        ["may be written by group mallory", "chgrp mallory /opt/svi/bin; chmod g+w /opt/svi/bin"],
    ].map(
        ([whose, command]): Refusal => ({
            title: `the account, where others may replace what it runs: ${whose}`,
            step: "huygens1-hucore",
            values: { hucore: "/opt/svi/bin/hucore" },
            put: `useradd mallory; install -D /usr/local/bin/hucore /opt/svi/bin/hucore; ${command}`,
            remove: "userdel mallory; rm -r /opt/svi",
            says: ["/opt/svi/bin/hucore may be replaced by others: ", whose as string],
        }),
    ),
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
];
