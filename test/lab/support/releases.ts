/** Where the tests of the step `release` have HRM's tree. */
export const path = "/srv/www/hrm";

interface RefusedRelease {
    title: string;
    put?: string;
    remove?: string;
    /** Empty where the zip is not brought. */
    brings?: string;
    /** Another zip than the good one. */
    of?: string;
    /** Other values of the step. */
    instead?: Record<string, string>;
    says: string[];
}

/** What the step `release` refuses on a host, and what it says. */
export const refusedReleases: RefusedRelease[] = [
    {
        title: "a zip with another checksum",
        instead: { sha256: "a".repeat(64) },
        says: ["another checksum: ", `want ${"a".repeat(64)}`, "nothing was installed"],
    },
    {
        title: "a zip that was not brought",
        brings: "",
        says: ["the release is not where it was copied to: /root/release.zip", "run this again"],
    },
    { title: "a file that is no zip", of: "text", says: ["cannot be unpacked", "whether it is a zip file"] },
    { title: "HRM's sources without its libraries", of: "sources", says: ["the release lacks vendor/", "get HRM's release zip"] },
    {
        title: "another version than the described",
        instead: { version: "3.9.0" },
        says: ["the release is HRM 3.10.0, and the description says 3.9.0"],
    },
    {
        title: "a disk without room",
        put: `mkdir -p ${path}.d && mount -t tmpfs -o size=64k none ${path}.d`,
        remove: `umount ${path}.d`,
        says: ["free on /srv/www/hrm.d"],
    },
    {
        title: "a PHP that lacks something",
        put: "mkdir /root/ldap && mv /etc/php/*/cli/conf.d/*-ldap.ini /root/ldap",
        remove: "mv /root/ldap/* /etc/php/*/cli/conf.d/; rmdir /root/ldap",
        says: ["PHP is too old or incomplete; it lacks: ldap"],
    },
    {
        title: "what is no HRM in its place",
        put: `mkdir -p ${path}/x`,
        says: [`there is something at ${path}, and it is no HRM`, "move it away"],
    },
    {
        title: "another HRM in its place",
        put: `mkdir -p ${path} && cp -r /var/www/html/hrm/. ${path} && sed -i 's/MINOR = 10/MINOR = 9/' ${path}/inc/System.php`,
        says: [`HRM 3.9.0 is at ${path}, not of this library's making`, "describe version 3.9.0"],
    },
    { title: "a link to somewhere else in its place", put: `mkdir -p /srv/www && ln -s /nowhere ${path}`, says: ["it is no HRM"] },
    {
        title: "another release of ours in use",
        put: `mkdir -p ${path}.d/3.9.0-12345678 && ln -s hrm.d/3.9.0-12345678 ${path}`,
        says: ["HRM's release 3.9.0-12345678 is in use", `rm ${path}`],
    },
    {
        title: "a folder in which another one could put something else in its place",
        put: "mkdir -p /srv/www && chown www-data /srv/www",
        says: [`HRM cannot be at ${path}: /srv/www belongs to www-data, and could put another one in its place`, "chown root"],
    },
    {
        title: "a link where its releases are to be",
        put: `mkdir -p /srv/www && ln -s /etc ${path}.d`,
        says: [`there is something at ${path}.d, where HRM's releases are to be`, "move it away"],
    },
    {
        title: "somebody else's folder where its releases are to be",
        put: `mkdir -p ${path}.d && touch ${path}.d/mine`,
        says: [`there is something at ${path}.d, where HRM's releases are to be`],
    },
    {
        title: "a mount in its place",
        put: `mkdir -p ${path} && mount -t tmpfs none ${path}`,
        remove: `umount ${path}`,
        says: [`${path} is a mount, and is to become a link to HRM's release`],
    },
    {
        title: "an address that nobody answers at",
        instead: { address: "https://127.0.0.1:1/hrm.zip" },
        says: ["the release cannot be fetched: ", "https://127.0.0.1:1/hrm.zip"],
    },
];
