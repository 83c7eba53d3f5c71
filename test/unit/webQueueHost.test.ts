import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { HrmCluster, WebQueueHost } from "../../lib";
import { certificateFor } from "../lab/support/certificate";
import { commandsOf, declare } from "./support/declare";
import { connection, example } from "./support/descriptions";
import { debFile, zipFile } from "./support/files";
import { readPartText, readPhpFile, readStepText } from "./support/literals";
import { changed, clusterProblems, problemsOf, withoutAgent } from "./support/refused";
import { renderedSteps, valuesOf } from "./support/steps";

const long = "a".repeat(33);

describe("WebQueueHost", () => {
    withoutAgent();

    const wrong: [path: string, value: unknown, problem: string][] = [
        ["host", undefined, "is missing; it is the DNS name of the web host"],
        ["host", null, "null, want a host name"],
        ["host", "", "'', want a host name"],
        ["host", "hrm_1", "'hrm_1', want a host name"],
        ["host", "hrm.example.org ", "'hrm.example.org ', want a host name"],
        ["host", "2001:db8::1", "'2001:db8::1', want a host name"],
        ["host", pulumi.output("hrm.example.org"), "is an output, want the plain value: a host name"],
        ["user", "root", "'root', want a user or group name, not root"],
        ["user", "Hrm", "'Hrm', want a user or group name"],
        ["user", "hrm user", "'hrm user', want a user or group name"],
        ["user", "-hrm", "'-hrm', want a user or group name"],
        ["user", "hrm\n", "'hrm\\n', want a user or group name"],
        ["user", long, `'${long}', want a user or group name`],
        ["user", 5, "5, want a user or group name"],
        ["user", pulumi.output("hrm"), "is an output, want the plain value"],
        ["group", "root", "'root', want a user or group name"],
        ["webServerUser", "", "'', want a user or group name"],
        ["hrmPath", "var/www/hrm", "'var/www/hrm', want an absolute path"],
        ["hrmPath", "/var/www/html/hrm/", "'/var/www/html/hrm/', want an absolute path"],
        ["imageFolder", "/data/my images", "'/data/my images', want an absolute path"],
        ["imageFolder", "/", "'/', want an absolute path"],
        ["imageFolder", "/data/../etc", "'/data/../etc', want an absolute path"],
        ["imageFolder", "/data/$(id)", "'/data/$(id)', want an absolute path"],
        ["imageFolder", "~/data", "'~/data', want an absolute path"],
        ["imageFolder", ["/data"], "a list, want an absolute path"],
        ["logFolder", "/var/log/hrm\n", "'/var/log/hrm\\n', want an absolute path"],
        ["hucore", "hucore", "'hucore', want an absolute path"],
        ["packages", true, "true, want an object with install"],
        ["packages.install", "yes", "'yes', want true or false"],
        ["packages.instal", true, "there is no such argument, only install"],
        ["application", "hrm.zip", "a text, want an object with release, sha256, version"],
        ["database", null, "null, want an object with host, name, user, password"],
        ["database.pasword", "x", "there is no such argument, only host, name, user, password"],
        ["database.name", "hrm-db", "'hrm-db', want letters, digits and '_'"],
        ["database.user", "hrm`", "'hrm`', want letters, digits and '_'"],
        ["database.password", 5, "what is given"],
        ["keySeed", 5, "what is given does not fit, want 32 or more ASCII characters, none of them a blank"],
        ["keySeed", `${"hush".repeat(8)}\n`, "what is given does not fit, want 32 or more"],
        ["setings", {}, "there is no such argument, only host, connection"],
    ];
    for (const [path, value, problem] of wrong) {
        it(`refuses ${path}: ${problem}`, async () => {
            const inCluster = await clusterProblems(changed(example(), `web.${path}`, value));
            expect(inCluster.map(line => line.slice(0, `web.${path}: ${problem}`.length))).to.deep.equal([`web.${path}: ${problem}`]);
            const byItself = await problemsOf(() => new WebQueueHost("web", changed(example().web, path, value) as never));
            expect(byItself[0]).to.satisfy((line: string) => line.startsWith(`${path}: ${problem}`));
        });
    }

    for (const [path, meant] of [
        ["web.connection.host_key", "hostKey"],
        ["web.imagefolder", "imageFolder"],
        ["web.database.pasword", "password"],
        ["web.user_name", undefined],
        ["web.xx", undefined],
        ["web.database.to", undefined],
        ["nodes.huygens1.gpu", "gpus"],
        ["settings.emailAdmn", "emailAdmin"],
        ["settings.something", undefined],
        ["setings", "settings"],
    ] as const)
        it(`tells of ${path} that ${meant ?? "nothing"} may be meant`, async () => {
            const [problem] = await clusterProblems(changed(example(), path, "x"));
            expect(problem).to.match(new RegExp(`^${path}: .* no such .*${meant ? `[^?]; did you mean ${meant}\\?` : "[^?]"}$`));
        });

    for (const [argument, value, problem] of [
        ["version", undefined, "is missing; it is HRM's"],
        ["version", "3.10", "'3.10', want a version of HRM, three numbers"],
        ["version", "3.10.0/../x", "'3.10.0/../x', want a version"],
        ["sha256", "abc", "'abc', want a SHA-256: 64 hexadecimal digits"],
        ["release", undefined, "is missing; it is the path of HRM's release"],
        ["release", "/nowhere/hrm.zip", "there is no /nowhere/hrm.zip; a path begins in the folder"],
        ["release", "/etc", "/etc is not a file, want HRM's release, a zip file"],
        ["release", __filename, `${__filename} is none, want HRM's release, a zip file; a download may have brought a page about an error`],
        ["release", "/dev/null", "/dev/null is not a file, want HRM's release"],
        ["release", debFile, `${debFile} is none, want HRM's release, a zip file`],
        ["release", "", "'', want a path"],
        ["release", 5, "5, want a path"],
        ["release", "file:///hrm.zip", "'file:///hrm.zip', want a path"],
        ["release", "http://example.org/hrm.zip", "'http://example.org/hrm.zip', want a path, or an address https://HOST/PATH"],
        ["release", "https://me:hush@example.org/hrm.zip", "'https://...@example.org/hrm.zip', want a path"],
        ["hash", "x", "there is no such argument, only release, sha256, version"],
    ] as const)
        it(`refuses application.${argument}: ${problem}`, async () => {
            const application = { release: zipFile, version: "3.10.0", [argument]: value };
            const found = await clusterProblems(changed(example(), "web.application", application));
            expect(found.filter(line => !line.startsWith("web.application.sha256: is missing"))[0]).to.satisfy((line: string) =>
                line.startsWith(`web.application.${argument}: ${problem}`),
            );
        });

    it("refuses a release with another checksum, and one from an address without", async () => {
        const problems = (application: object) => clusterProblems(changed(example(), "web.application", application));
        const [wrong] = await problems({ release: zipFile, version: "3.10.0", sha256: "a".repeat(64) });
        expect(wrong).to.match(/^web\.application\.release: \/.*\.zip has another checksum than sha256: [0-9a-f]{64}; get it again/);
        expect(await problems({ release: "https://example.org/hrm.zip", version: "3.10.0" })).to.deep.equal([
            "web.application.sha256: is missing; what comes over the network is compared with it; 'sha256sum FILE' prints it",
        ]);
    });

    it("refuses a folder among HRM's releases", async () => {
        const web = { ...example().web, imageFolder: "/srv/hrm.d/images", hrmPath: "/srv/hrm" };
        const found = await clusterProblems({ ...example(), web: { ...web, application: { release: zipFile, version: "3.10.0" } } });
        expect(found).to.deep.equal([
            "web.imageFolder: '/srv/hrm.d/images' lies in the releases of hrmPath, /srv/hrm.d; each needs a folder of its own",
        ]);
    });

    it("brings a release that is here ahead of the host's part, and has one that is elsewhere fetched", async () => {
        const declared = async (application: object) =>
            (await declare(() => new WebQueueHost("web", { ...example().web, application } as never))).resources;
        const sha256 = "b".repeat(64);
        const here = await declared({ release: zipFile, version: "3.10.0" });
        const copy = here.find(({ name }) => name === "web-release")!;
        const part = (resources: typeof here) => commandsOf(resources).find(({ name }) => name === "web")!;
        const step = (resources: typeof here) => readPartText(part(resources).inputs.stdin).steps.find(({ step }) => step === "release")!;
        expect(copy.type).to.equal("command:remote:CopyToRemote");
        expect(copy.after).to.deep.equal(["web-identity"]);
        expect(part(here).after).to.have.members(["web-identity", "web-release"]);
        expect(readStepText(step(here).text).values).to.include({ version: "3.10.0", address: "", brought: copy.inputs.remotePath });
        const there = await declared({ release: "https://example.org/hrm.zip", version: "3.10.0", sha256: sha256.toUpperCase() });
        expect(there.some(({ type }) => type === "command:remote:CopyToRemote")).to.equal(false);
        expect(readStepText(step(there).text).values).to.include({ address: "https://example.org/hrm.zip", sha256 });
    });

    it("refuses a password with a newline, and does not show it", async () => {
        const found = await clusterProblems(changed(example(), "web.database", { password: "hush\nhush" }));
        expect(found).to.have.lengthOf(1);
        expect(found[0]).to.match(/^web\.database\.password: .*newline/);
        expect(found[0]).not.to.include("hush");
    });

    it("refuses a database host with a blank", async () => {
        const found = await clusterProblems(changed(example(), "web.database", { host: "db host", password: "x" }));
        expect(found).to.deep.equal(["web.database.host: 'db host', want a host name: letters, digits, '-' and '.'"]);
    });

    it("refuses a database elsewhere without its password", async () => {
        const found = await clusterProblems(changed(example(), "web.database", { host: "db.example.org" }));
        expect(found).to.deep.equal(["web.database.password: is missing; the database on db.example.org has one already"]);
    });

    for (const [tls, problem] of [
        [true, "database.tls: true, want an object with ca"],
        [{ ca: "/etc/ssl/ca.pem" }, "database.tls.ca: '/etc/ssl/ca.pem', want certificates, PEM"],
    ] as const)
        it(`refuses ${problem}`, async () => {
            const database = { host: "db.example.org", password: "x", tls };
            const inCluster = await clusterProblems(changed(example(), "web.database", database));
            expect(inCluster.map(line => line.slice(0, `web.${problem}`.length))).to.deep.equal([`web.${problem}`]);
            const byItself = await problemsOf(() => new WebQueueHost("web", changed(example().web, "database", database) as never));
            expect(byItself[0]).to.satisfy((line: string) => line.startsWith(problem));
        });

    it("refuses TLS to a database that is reached by its socket", async () => {
        for (const database of [{ tls: {} }, { host: "localhost", tls: {} }, { host: "LocalHost", tls: {} }])
            expect(await clusterProblems(changed(example(), "web.database", database))).to.deep.equal([
                "web.database.tls: is for a database on another host, and this one is reached by its socket; leave it out, or name the other host with database.host",
            ]);
    });

    it("refuses undefined and null as arguments", async () => {
        for (const args of [undefined, null, "web", []]) {
            const found = await problemsOf(() => new WebQueueHost("web", args as never));
            expect(found).to.have.lengthOf(1);
            expect(found[0]).to.match(/^args: .*, want an object with host, connection/);
        }
    });

    it("declares its steps in two parts, one after the other", async () => {
        const { resources } = await declare(() => new WebQueueHost("web", { host: "hrm.example.org", connection: connection(1) }));
        const steps = (text: string) => readPartText(text).steps.map(({ step }) => step);
        expect(
            commandsOf(resources).map(({ name, after, parent, inputs }) => ({ name, after, parent, steps: steps(inputs.stdin) })),
        ).to.deep.equal([
            { name: "web-identity", after: [], parent: "web", steps: ["account", "identity"] },
            {
                ...{ name: "web", after: ["web-identity"], parent: "web" },
                steps: ["packages", "folders", "application", "database", "config", "schema", "webServer", "queueManager"],
            },
        ]);
    });

    it("generates a password that fits policies, and keeps its seed where Pulumi does not show it", async () => {
        const { resources } = await declare(() => new HrmCluster("hrm", example()));
        const random = resources.filter(({ type }) => type.startsWith("random:"));
        expect(
            random.map(({ type, name, inputs }) => `${type} ${name} ${inputs.length} ${inputs.minSpecial ?? inputs.special}`),
        ).to.have.members([
            // Not RandomBytes, whose result is its plain id, too.
            "random:index/randomPassword:RandomPassword hrm-web-database-password 32 1",
            "random:index/randomPassword:RandomPassword hrm-web-admin-password 20 1",
            "random:index/randomPassword:RandomPassword hrm-web-key-seed 64 false",
        ]);
    });

    it("computes the same key from a seed that is given, and generates none", async () => {
        const declared = async (args: object) => (await declare(() => new HrmCluster("hrm", args as never))).resources;
        const generated = await declared(example());
        const given = await declared(changed(example(), "web.keySeed", "Generated0".repeat(7).slice(0, 64)));
        const steps = (resources: typeof given) => new Map(commandsOf(resources).map(({ name, inputs }) => [name, inputs.stdin]));
        expect(steps(given)).to.deep.equal(steps(generated));
        expect(given.some(({ name }) => name === "hrm-web-key-seed")).to.equal(false);
        expect(commandsOf(given).find(({ name }) => name === "hrm-web-identity")!.secrets).to.include("stdin");
    });

    it("gives any password to PHP, shell and SQL as it is", async () => {
        const password = "a'b\"c$d\\e|f%g{{h}}";
        const args = changed(example(), "web.database", { password: pulumi.secret(password) });
        const { resources } = await declare(() => new HrmCluster("hrm", args as never));
        expect(valuesOf(resources, "hrm-web", "database").db_password).to.equal(password);
        expect(readPhpFile(valuesOf(resources, "hrm-web", "config").hrm_config!).get("db_password")).to.equal(password);
    });

    it("needs no MariaDB of its own where the database is elsewhere", async () => {
        const unit = async (args: object) => {
            const { resources } = await declare(() => new HrmCluster("hrm", args as never));
            return valuesOf(resources, "hrm-web", "queueManager").unit;
        };
        expect(await unit(example())).to.include("mariadb.service");
        expect(await unit(changed(example(), "web.database", { host: "db.example.org", password: "x" }))).not.to.include("mariadb.service");
    });

    it("has HRM's library for databases, PHP and the service know whom to trust, where the database is elsewhere and TLS described", async () => {
        const { authority } = certificateFor(["db.example.org"]);
        const other = certificateFor(["db.example.org"]);
        const files = new Set<string>();
        const host = "/etc/ssl/certs/ca-certificates.crt";
        const own = "/var/www/html/hrm/config/pulumi-hrm-database-ca-";
        for (const [tls, file, ca] of [
            [undefined, "", ""],
            [{}, host, ""],
            [{ ca: `Some words\n${authority}` }, own, authority.replaceAll("\r", "")],
            [{ ca: other.authority }, own, other.authority.replaceAll("\r", "")],
        ] as [object | undefined, string, string][]) {
            const args = changed(example(), "web.database", { host: "db.example.org", password: "x", tls });
            const { resources } = await declare(() => new HrmCluster("hrm", args as never));
            const values = (step: string) => valuesOf(resources, "hrm-web", step);
            const { hrm_config } = values("config");
            const { ca_file } = values("database");
            expect(values("database").ca).to.equal(ca);
            expect(ca_file!.replace(/[0-9a-f]{8}\.pem$/, "")).to.equal(file);
            if (file === "") expect(hrm_config).not.to.match(/ADODB|_ca/);
            else expect(hrm_config).to.contain(`$database_ca = '${ca_file}';`).and.to.contain("MYSQLI_CLIENT_SSL_VERIFY_SERVER_CERT");
            if (ca !== "") files.add(ca_file!);
            expect(values("packages").programs!.split("\n").includes("update-ca-certificates"), file).to.equal(file === host);
        }
        expect(files.size, "a file for each authority").to.equal(2);
    });

    it("makes the folders that setgid keeps in the group", async () => {
        const folders = (await renderedSteps()).find(({ resource, step }) => resource.name === "hrm-web" && step === "folders")!;
        expect(folders.values.folders).to.equal("2770 /data/hrm_data\n2770 /var/log/hrm");
    });
});
