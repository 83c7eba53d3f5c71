import { expect } from "chai";
import fc from "fast-check";
import { HrmCluster, HuygensNode, WebQueueHost } from "../../lib";
import { declare } from "./support/declare";
import { connection, example, hostKey } from "./support/descriptions";
import { changed, clusterProblems, problemsOf, withoutAgent } from "./support/refused";
import { valuesOf } from "./support/steps";

const folder = "want a folder that is HRM's own, such as /data/hrm_data";
const program = "want the folder of HRM's program";
const account = "want an account that is HRM's own";
const group = "want a group that is HRM's own";

/** Each would do harm to a host; for each kind more than the values that somebody has tried. */
const refused: [path: string, values: unknown[], problem: string][] = [
    [
        "web.imageFolder",
        [
            ...[
                "/etc",
                "/root",
                "/usr",
                "/bin",
                "/run",
                "/home",
                "/tmp",
                "/var",
                "/var/lib",
                "/var/lib/mysql",
                "/lib64",
                "/lib32",
                "/boot/efi",
                "/dev/shm",
            ],
            ...[
                "/usr/local/share/x",
                "/etc/hrm",
                "/var/tmp/x",
                "/var/mail",
                "/var/spool/cron",
                "/home/alice",
                "/home/hrm",
                "/srv",
                "/opt",
                "/mnt",
                "/media",
            ],
            ...[
                "/var/www/html/images",
                "/srv/www/images",
                "/var/lib/dpkg/info",
                "/var/lib/docker/volumes",
                "/var/lib/pulumi-hrm/x",
                "/proc/1",
                "/snap",
            ],
            ...["/var/lib/extensions/hrm", "/var/lib/confexts/hrm", "/var/lib/portables/x", "/var/lib/machines/x", "/var/lib/dkms/x"],
            ...["/nix/store/x", "/efi/EFI", "/var/db/x"],
            ...["/var/lib/redis/x", "/var/lib/cloud/scripts/per-boot", "/var/log/mysql/hrm", "/var/log/journal", "/var/log/audit/x"],
        ],
        folder,
    ],
    [
        "web.logFolder",
        ["/var/log", "/etc", "/run/hrm", "/var/lib/mysql", "/home/www", "/var/www/html/log", "/var/log/nginx", "/var/log/apt/x"],
        folder,
    ],
    [
        "web.hrmPath",
        ["/etc", "/etc/hrm", "/usr", "/usr/local", "/usr/local/bin", "/usr/bin", "/var/lib/mysql", "/var/www", "/home/hrm", "/opt"],
        program,
    ],
    [
        "web.hrmPath",
        [
            ...[
                "/usr/lib/systemd",
                "/usr/lib/systemd/system",
                "/usr/lib/x86_64-linux-gnu",
                "/usr/lib/modules",
                "/usr/lib/sudo",
                "/usr/share/perl5",
            ],
            ...[
                "/usr/share/keyrings",
                "/usr/local/bin/x",
                "/usr/local/sbin/hrm",
                "/usr/local/etc/x",
                "/usr/local/lib/python3.11/dist-packages",
            ],
            ...["/usr/lib/udev/rules.d", "/usr/share/dbus-1/system.d", "/usr/lib/apache2", "/usr/lib/php"],
            ...[
                "/usr/lib/binfmt.d/x",
                "/usr/share/initramfs-tools/hooks/hrm",
                "/usr/lib/credstore/x",
                "/usr/lib/dkms",
                "/usr/lib/whatever",
            ],
        ],
        program,
    ],
    [
        "web.user",
        ["www-data", "bin", "mysql", "postgres", "nobody", "systemd-network", "sudo", "admin", "_apt", "sshd", "redis", "nginx"],
        account,
    ],
    [
        "web.group",
        ["sudo", "shadow", "adm", "disk", "docker", "wheel", "root", "kvm", "lxd", "users", "staff", "mysql", "systemd-journal", "video"],
        "want a",
    ],
    ["web.group", ["microk8s", "nopasswdlogin", "autologin", "wireshark", "admins"], group],
    ["web.webServerUser", ["hrm"], "is the web server's user and HRM's account in one"],
    ["web.connection.host", ["224.0.0.1", "255.255.255.255", "ff02::1", "239.1.2.3", "::ffff:239.1.2.3"], "want a host name or address"],
    ["web.keySeed", ["a".repeat(32), "abc".repeat(12)], "4 of them different"],
    ["web.adminPassword", ["aaaaaaaa", "12121212"], "5 of them different"],
    // HRM's login page lets nobody in with these.
    ["web.adminPassword", ["two words 1", "a&bcdefgh", "<abcdefgh", "abcdefgh>", 'abc"defgh', "abc'defgh"], "without blanks"],
    ["web.webServerUser", ["mysql", "nobody", "postgres", "sudo", "systemd-network", "admin"], "want the account of the web server"],
    ["web.imageFolder", ["/home/alice/images", "/home/alice/.ssh"], "lies in the home of alice, want it outside, or in that of hrm"],
    ["web.group", ["sudo", "ssl-cert", "libvirt"], group],
    ["web.database.user", ["root", "Root", "mysql", "mariadb", "admin"], "want a database user that is HRM's own"],
    ["web.database.name", ["mysql", "information_schema", "PERFORMANCE_SCHEMA", "sys", "Sys"], "want a database that is HRM's own"],
    [
        "settings.pingCommand",
        ["rm -rf /", "ping -f", "/bin/sh ping", "ping -c 2 && id", "pingu", "echo ping", "ping -c 2 -I /etc"],
        "want ping with its options",
    ],
    [
        "settings.pingCommand",
        [
            "ping",
            "ping -n",
            "ping -c 2 -nf",
            "ping -fn -c 1",
            "ping -c2f",
            "ping -c 2 -i 0",
            "ping -c 2 -i 0.0",
            "ping -c 0",
            "ping -b -c 1",
            "/../tmp/ping -c 1",
            ...[
                "/tmp/ping -c 1",
                "/home/alice/bin/ping -c 1",
                "ping -c 3600",
                "ping -c 2 -i 60",
                "ping -w 31",
                "fping -c 100",
                "ping -c 2 -I -f",
            ],
        ],
        "want ping with its options",
    ],
    [
        "settings.compressBin",
        [
            ...["rm -rf /", "zip; id", "/tmp/zip", "/usr/bin/zip -T -TT id", "/usr/bin/zip $(id)", "cd /etc\n/usr/bin/zip "],
            ...[
                "/usr/bin/zip -m ",
                "zip -0m ",
                "zip -d ",
                "tar cf --remove-files ",
                "tar -cPf ",
                "tar --absolute-names -cf ",
                "tar --delete -f ",
            ],
            ...["7z a -sdel ", "gzip ", "pigz -9 ", "7z d ", "tar czf -C / ", "zip -O/etc/x "],
        ],
        "want an archiver",
    ],
    [
        "settings.decompressBin",
        [
            ...[
                { zip: "rm -rf /" },
                { "zip; id": "/usr/bin/unzip -o " },
                { zip: "/usr/bin/unzip -o `id`" },
                { tar: "/usr/bin/tar xf\nid" },
            ],
            ...[
                { zip: "unzip -: " },
                { zip: "unzip -d / " },
                { tar: "tar -xPf " },
                { tar: "tar xf --absolute-names " },
                { tar: "tar --to-command=id -xf " },
            ],
            ...[
                { gz: "gunzip " },
                { gz: "gzip -d " },
                { bz2: "bunzip2 -f " },
                { "7z": "7z x -o/etc " },
                { "7z": "7z d " },
                { "": "unzip -o " },
            ],
        ],
        "want unpackers",
    ],
    ["settings.imageHost", ["; rm -rf /", "-oProxyCommand=id", "a b", ""], "want a host name"],
    ["settings.dlMimeType", ["text/html\r\nX: y", "text", "text/html; x"], "want a MIME type"],
    [
        "settings.dlMimeType",
        ["text/html", "image/svg+xml", "application/xhtml+xml", "application/javascript", "text/plain"],
        "want a MIME type",
    ],
    ["settings.imageSource", ["dst", "DST"], "is imageDestination too"],
    [
        "settings.emailAdmin",
        ["`id`@x.org", "-f@x.org", "|id@x.org", "a\u0000b@c.org", "a@b..c", "a@999.1.1.1", "$(id)@x.org"],
        "want a mail address",
    ],
    [
        "settings.hrmUrl",
        ["http:///hrm", "http://h/hrm?", "http://h/hrm#", "http://@h/", "http://h:0/", "http://h/\u0007", "http://h/\u00e4"],
        "want the address",
    ],
    ["settings.pingParameter", ["-c 1", "; id", "x", "-f"], "want numbers that follow"],
    [
        "settings.hrmUrl",
        ["ftp://x", "hrm.example.org", "http://", "https://a b/", "javascript:alert(1)", "http://u:p@h/hrm", "http://h/?x"],
        "want the address",
    ],
    ["settings.emailAdmin", ["not an address", "a@", "@b", "a@b, c@d", "a@b\nBcc: c@d", "Hrm <a@b>"], "want a mail address"],
    ["settings.emailSender", ["hrm"], "want a mail address"],
    ["web.connection.host", ["999.1.1.1", "1.2.3", "300.1.1.1", "1.2.3.4.5", "a..b", "0x7f.1"], "want a host name or address"],
    ["web.host", ["999.1.1.1", "10.1"], "want a host name"],
    ["web.database", [{ host: "256.0.0.1", password: "x" }], ""],
];

const accepted: [path: string, values: unknown[]][] = [
    [
        "web.imageFolder",
        [
            "/data",
            "/data/hrm",
            "/srv/hrm",
            "/mnt/images",
            "/media/disk1",
            "/opt/hrm/data",
            "/home/hrm/images",
            "/var/lib/hrm/images",
            "/var/lib/hrm",
            "/scratch",
            "/export/hrm",
        ],
    ],
    ["web.logFolder", ["/var/log/hrm", "/var/log/huygens/hrm", "/data/log"]],
    [
        "web.hrmPath",
        [
            "/var/www/html",
            "/var/www/hrm",
            "/opt/hrm",
            "/usr/local/hrm",
            "/usr/share/hrm",
            "/usr/local/share/hrm",
            "/usr/share/webapps/hrm",
            "/usr/lib/huygens-remote-manager",
            "/srv/www/hrm",
            "/home/hrm/hrm",
        ],
    ],
    ["web.user", ["hrm", "huygens", "svc-hrm", "_hrm"]],
    ["web.group", ["hrm", "huygens", "microscopy"]],
    ["web.database.name", ["hrm", "hrm_3", "system"]],
    ["settings.pingCommand", ["ping -c 2", "ping -w3 -i 0.5", "/bin/ping -c 2 -i 0.5 -w 3", "ping6 -n -c 1 -W 2", "/usr/sbin/fping -c 2"]],
    ["settings.pingCommand", ["ping -qc1", "ping -nq -c 2 -I eth0", "ping -I 10.0.0.1 -w 5", "fping"]],
    ["settings.pingParameter", ["", "56 4"]],
    [
        "settings.compressBin",
        [
            "cd %DEST%\n/usr/bin/zip -0 ",
            "/bin/tar cf ",
            "zip -r -q",
            "cd %DEST% \n /usr/bin/zip -0 ",
            "cd %DEST%\n/usr/bin/7z a -tzip -mx=0 ",
        ],
    ],
    ["settings.decompressBin", [{ zip: "cd %DEST%\n/usr/bin/unzip -o ", "tar.gz": "cd %DEST%\n/usr/bin/tar xzf " }]],
    [
        "settings.decompressBin",
        [
            { gz: "cd %DEST%\n/usr/bin/gunzip -kf ", "7z": "7z x -y -o%DEST% ", rar: "unrar x -o+ -inul " },
            { zip: "unzip -o -d %DEST% ", tar: "tar -x -C %DEST% -f ", zst: "unzstd -f " },
        ],
    ],
    ["settings.imageHost", ["localhost", "images.example.org", "10.0.0.9"]],
    ["settings.dlMimeType", ["application/zip", "application/x-force-download"]],
    ["web.webServerUser", ["www-data", "apache", "nginx", "http", "_httpd", "hrm-web"]],
    ["settings.hrmUrl", ["https://hrm.example.org", "http://10.0.0.1:8080/hrm", "http://[::1]/hrm"]],
    ["settings.emailAdmin", ["hrm@example.org", "first.last+hrm@sub.example.org", "root@localhost"]],
    ["web.connection.host", ["10.0.0.1", "2001:db8::1", "hrm", "hrm.example.org.", "my_host"]],
];

describe("a description that would harm a host", () => {
    withoutAgent();

    for (const [path, values, problem] of refused)
        for (const value of values)
            it(`is refused: ${path} ${JSON.stringify(value)}`, async () => {
                const found = await clusterProblems(changed(example(), path, value));
                expect(found.join("\n")).to.contain(`${path}`).and.to.contain(problem);
                expect(found).to.have.lengthOf(1);
            });

    for (const [path, values] of accepted)
        for (const value of values)
            it(`is not ${path} ${JSON.stringify(value)}`, async () => {
                const { resources } = await declare(() => new HrmCluster("hrm", changed(example(), path, value) as never));
                expect(resources).not.to.deep.equal([]);
            });

    const overlaps: [web: object, ...problems: string[]][] = [
        [
            { imageFolder: "/data/x", logFolder: "/data/x" },
            "web.imageFolder: '/data/x' is logFolder, /data/x; each needs a folder of its own",
        ],
        [{ imageFolder: "/data/x/log", logFolder: "/data/x" }, "web.imageFolder: '/data/x/log' lies in logFolder"],
        [{ imageFolder: "/data", logFolder: "/data/log" }, "web.imageFolder: '/data' holds logFolder"],
        [{ imageFolder: "/opt/hrm/images", hrmPath: "/opt/hrm" }, "web.imageFolder: '/opt/hrm/images' lies in hrmPath"],
        [{ imageFolder: "/opt/x", hrmPath: "/opt/x/hrm" }, "web.imageFolder: '/opt/x' holds hrmPath"],
        [{ logFolder: "/opt/hrm/log", hrmPath: "/opt/hrm" }, "web.logFolder: '/opt/hrm/log' lies in hrmPath"],
        [
            { imageFolder: "/data", logFolder: "/data", hrmPath: "/data" },
            "web.logFolder: '/data' is hrmPath",
            "web.imageFolder: '/data' is hrmPath",
            "web.imageFolder: '/data' is logFolder",
        ],
    ];
    for (const [web, ...problems] of overlaps)
        it(`is refused: ${problems[0]}`, async () => {
            const found = await clusterProblems({ ...example(), web: { ...example().web, ...web } });
            expect(found.map((line, index) => line.slice(0, problems[index]?.length))).to.deep.equal(problems);
        });

    it("is none for folders that only begin alike", async () => {
        const web = { ...example().web, imageFolder: "/data/hrm", logFolder: "/data/hrm-log", hrmPath: "/data/hrm2" };
        expect((await declare(() => new HrmCluster("hrm", { ...example(), web }))).resources).not.to.deep.equal([]);
    });

    it("refuses every folder below those that are the system's to the last file", () =>
        fc.assert(
            fc.asyncProperty(
                fc.constantFrom(
                    "/bin",
                    "/boot",
                    "/dev",
                    "/etc",
                    "/lib",
                    "/proc",
                    "/root",
                    "/run",
                    "/sbin",
                    "/sys",
                    "/tmp",
                    "/usr",
                    "/var/spool",
                    "/var/cache",
                ),
                fc.stringMatching(/^(\/[a-z]{1,8}){0,3}$/),
                async (top, rest) => {
                    expect(await clusterProblems(changed(example(), "web.imageFolder", top + rest))).to.have.lengthOf(1);
                },
            ),
            { numRuns: 30 },
        ));

    it("takes a folder of others over only by the name that it has in the description", async () => {
        expect(await clusterProblems({ ...example(), storage: { takeOver: ["/data/other"] } })).to.deep.equal([
            "storage.takeOver[0]: '/data/other' is neither the image folder nor the log folder: /data/hrm_data, /var/log/hrm",
        ]);
        expect(await clusterProblems({ ...example(), storage: { takeOver: "/data/hrm_data" } })).to.deep.equal([
            "storage.takeOver: '/data/hrm_data', want a list of absolute paths",
        ]);
        const { resources } = await declare(() => new HrmCluster("hrm", { ...example(), storage: { takeOver: ["/data/hrm_data"] } }));
        expect(valuesOf(resources, "hrm-huygens1", "folders").take_over).to.equal("/data/hrm_data");
    });
});

describe("one host that is described twice", () => {
    withoutAgent();

    const web = connection(1);
    const twice: [title: string, nodes: object, problems: string[]][] = [
        ["by the web host's name", { "HRM.example.org": { connection: connection(7) } }, ["nodes.HRM.example.org: is the web host's name"]],
        [
            "at the web host's address",
            { n: { connection: { ...connection(7), host: web.host } } },
            ["nodes.n.connection.host: is that of web too: one host under two names"],
        ],
        [
            "at another node's address",
            { n: { connection: connection(7) }, m: { connection: { ...connection(7), hostKey: hostKey(8) } } },
            ["nodes.m.connection.host: is that of nodes.n too"],
        ],
        [
            "at a loopback address",
            { n: { connection: { ...connection(7), host: "127.0.0.1" } } },
            ["nodes.n.connection.host: '127.0.0.1' is the machine that runs Pulumi"],
        ],
        [
            "at the name of a loopback address",
            { n: { connection: { ...connection(7), host: "localhost" } } },
            ["nodes.n.connection.host: 'localhost' is the machine that runs Pulumi"],
        ],
        ["by a loopback address", { "127.0.0.1": { connection: connection(7) } }, ["nodes.127.0.0.1: would be the web host itself"]],
        ["by 0.0.0.0", { "0.0.0.0": { connection: connection(7) } }, ["nodes.0.0.0.0: would be the web host itself"]],
        [
            "200 times by one host key, told in one line",
            Object.fromEntries(
                Array.from({ length: 200 }, (_, index) => [`n${index}`, { connection: { ...connection(7), host: `h${index}` } }]),
            ),
            ["nodes.n1.connection.hostKey: is that of nodes.n0 too, and of nodes.n2, nodes.n3 and 196 more: one host under two names"],
        ],
    ];
    for (const host of ["0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "::1%lo", "0::0", "localhost4", "LocalHost6", "127.1.2.3", "ip6-loopback"])
        twice.push([
            `at the loopback address ${host}`,
            { n: { connection: { ...connection(7), host } } },
            [`nodes.n.connection.host: '${host}' is the machine that runs Pulumi`],
        ]);
    const spellings: [string, string][] = [
        ["2001:db8::7", "2001:0DB8:0:0::7"],
        ["10.0.0.7", "::ffff:10.0.0.7"],
        ["10.0.0.7", "::FFFF:0a00:7"],
        ["fe80::7", "fe80::7%eth0"],
        ["node.example.org", "Node.Example.org."],
    ];
    for (const [one, other] of spellings)
        twice.push([
            `at ${one} and at ${other}`,
            {
                n: { connection: { ...connection(7), host: one } },
                m: { connection: { ...connection(8), host: other } },
            },
            ["nodes.m.connection.host: is that of nodes.n too"],
        ]);
    for (const [title, nodes, problems] of twice)
        it(`is refused, ${title}`, async () => {
            const found = await clusterProblems({ ...example(), nodes });
            expect(found.map((line, index) => line.slice(0, problems[index]?.length))).to.deep.equal(problems);
        });

    it("is refused by the name that is another one's address", async () => {
        const at = (number: number, host: string) => ({ connection: { ...connection(number), host } });
        const cluster = { web: { ...example().web, ...at(1, "10.0.0.1") }, nodes: { "10.0.0.1": at(7, "10.0.0.7"), n: at(8, "10.0.0.8") } };
        expect(await clusterProblems(cluster)).to.deep.equal(["nodes.10.0.0.1: is the address of web; a node is another machine"]);
    });

    it("is refused where two clusters have one database on a third host", async () => {
        const cluster = (number: number, database: object) => ({
            web: { host: `w${number}.example.org`, connection: connection(number), database: { password: "x", ...database } },
            nodes: { [`n${number}`]: { connection: connection(number + 50) } },
        });
        await declare(() => {
            new HrmCluster("one", cluster(1, { host: "db.example.org" }));
            new HrmCluster("two", cluster(2, { host: "db.example.org", name: "hrm2" }));
            expect(() => new HrmCluster("three", cluster(3, { host: "DB.example.org." }))).to.throw(
                "web.database: is that of one-web too: each cluster would take the other's servers out",
            );
        });
    });

    it("shows no secret that stands where it does not belong, and no marks of Pulumi's colours", async () => {
        const secret = "S3cretPw";
        for (const [path, value] of [
            ["web.database", secret],
            ["web.connection", secret],
            ["web.connection.proxy", secret],
            ["web.connection.hostKey", secret],
            ["settings.hrmUrl", `http://u:${secret}@h/hrm`],
        ] as const) {
            const found = await clusterProblems(changed(example(), path, value));
            expect(found.join("\n")).to.contain(path).and.not.to.contain(secret);
        }
        for (const value of [{ "<{%reset%}>": {} }, { "a\u001b[31m": {} }]) {
            const [found] = await clusterProblems({ ...example(), nodes: value });
            expect(found).not.to.contain("<{%").and.not.to.contain("\u001b");
        }
    });

    it("is not what tunnels and bastions make alike", async () => {
        const login = (number: number, rest: object) => ({ ...connection(number), ...rest });
        const nodes = {
            n: { connection: login(7, { host: "127.0.0.1", port: 2201 }) },
            m: { connection: login(8, { host: "127.0.0.1", port: 2202 }) },
            o: { connection: login(9, { host: "10.0.0.1", proxy: { ...connection(20), host: "one" } }) },
            p: { connection: login(10, { host: "10.0.0.1", proxy: { ...connection(21), host: "two" } }) },
        };
        expect((await declare(() => new HrmCluster("hrm", { ...example(), nodes }))).resources).not.to.deep.equal([]);
    });

    it("is refused in a second cluster of the program, and not in another program", async () => {
        const second = { web: { host: "other.example.org", connection: connection(30) }, nodes: { other: { connection: connection(2) } } };
        let found: string[] = [];
        await declare(async () => {
            new HrmCluster("hrm", example());
            found = await new Promise(resolve => {
                try {
                    new HrmCluster("again", second);
                    resolve([]);
                } catch (error) {
                    resolve((error as Error).message.split("\n"));
                }
            });
        });
        expect(found.slice(1)).to.deep.equal([
            "  nodes.other.connection.hostKey: is that of hrm-huygens1 too: one host in two clusters, or twice in one",
        ]);
        expect((await declare(() => new HrmCluster("again", second))).resources).not.to.deep.equal([]);
    });

    it("is refused where the components are declared one by one", async () => {
        await declare(() => {
            const webQueueHost = new WebQueueHost("web", example().web);
            expect(() => new HuygensNode("n", { webQueueHost, connection: connection(1) })).to.throw(
                "connection.hostKey: is that of web too",
            );
        });
    });

    it("tells every problem of a bastion without arguments", async () => {
        const found = await problemsOf(() => new WebQueueHost("web", changed(example().web, "connection.proxy", {}) as never));
        expect(found.map(line => line.slice(0, line.indexOf(":")))).to.deep.equal([
            "connection.proxy.host",
            "connection.proxy.privateKey",
            "connection.proxy.hostKey",
        ]);
    });

    it("quotes a value with other letters as it was given, and no control characters", async () => {
        const [found] = await clusterProblems(changed(example(), "web.user", "müller\u202e<{%x%}>\u0007"));
        expect(found).to.match(/^web\.user: 'müller\?<\?%x%\}>\?', want/);
    });
});
