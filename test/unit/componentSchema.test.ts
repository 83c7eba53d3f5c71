import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { repositoryRoot } from "../../engine/root";
import { settingTable } from "../../lib/description/settings";

interface Schema {
    resources: Record<string, { inputProperties: object; requiredInputs: string[]; properties: object }>;
    types: Record<string, { properties?: Record<string, { description?: string }>; required?: string[]; enum?: { value: unknown }[] }>;
}

const read = (path: string) => JSON.parse(readFileSync(join(repositoryRoot(), path), "utf8"));

/** What Pulumi's other languages see of the library. `npm run lint` holds the file to the declarations. */
describe("schema for other languages", () => {
    const schema: Schema = read("plugin/schema.json");

    it("is of the library's version, as the plugin is", () => {
        const { version } = read("package.json");
        const plugin = read("plugin/package.json");
        expect([read("plugin/schema.json").version, plugin.version, plugin.dependencies["pulumi-hrm"]]).to.deep.equal([
            version,
            version,
            version,
        ]);
        expect(plugin.dependencies["@pulumi/pulumi"]).to.equal(read("package.json").peerDependencies["@pulumi/pulumi"]);
    });

    it("has the cluster with its arguments and outputs, and nothing private", () => {
        expect(Object.keys(schema.resources)).to.deep.equal(["hrm:index:HrmCluster"]);
        const { inputProperties, requiredInputs, properties } = schema.resources["hrm:index:HrmCluster"]!;
        expect(Object.keys(inputProperties)).to.have.members([
            "web",
            "nodes",
            "huygensCore",
            "settings",
            "keyVersion",
            "storage",
            "drainTimeout",
            "drift",
        ]);
        expect(requiredInputs).to.have.members(["web", "nodes"]);
        expect(Object.keys(properties)).to.have.members(["url", "publicKey", "adminPassword", "servers"]);
    });

    const login = "host port user privateKey privateKeyPassword password agentSocketPath hostKey dialErrorLimit perDialTimeout";
    const types: Record<string, string> = {
        WebHostArgs:
            "host connection user group webServerUser hrmPath imageFolder logFolder hucore huygensCore application packages database webServer authorizedKeys postQuantumSsh adminPassword keySeed mail signIn",
        NodeArgs: "connection gpus hucore huygensCore maintenance",
        PackagesArgs: "install",
        SignInArgs: "methods ldap activeDirectory ca testUser",
        LdapArgs: "host port useSsl useTls root userSearchDn manager password managerBaseDn managerOu validGroups authorizedGroups",
        ActiveDirectoryArgs:
            "accountSuffix baseDn domainControllers port usernameSuffix usernameSuffixPattern usernameSuffixReplace username password realPrimaryGroup useSsl useTls recursiveGroups validGroups authorizedGroups",
        MailArgs: "managed relay sender administrator",
        MailRelayArgs: "host port user password tls",
        HuygensCoreArgs: "package sha256 licence",
        ApplicationArgs: "release sha256 version",
        WebServerArgs: "guard serverName aliases https redirectHttp timeZone",
        HttpsArgs: "certificate privateKey",
        AuthorizedKeysArgs: "from",
        DatabaseArgs: "host name user password tls",
        DatabaseTlsArgs: "ca",
        LoginArgs: login,
        ConnectionArgs: `proxy ${login}`,
        HrmSettings: Object.keys(settingTable).join(" "),
        StorageArgs: "shared takeOver minFreeGb",
        DriftArgs: "check strict connectSeconds checkSeconds",
        Server: "name hucore gpuId",
    };

    const enums: Record<string, unknown[]> = {
        LogVerbosity: [0, 1, 2, 3],
        CompressExt: [".zip", ".tgz", ".tar", ".tar.gz"],
        EmailListSeparator: [",", ";"],
        Authentication: ["integrated", "active_dir", "ldap"],
        OutputFormat: ["ics", "ics2", "hdf5", "r3d", "ome"],
    };

    it("has the types of the arguments", () =>
        expect(Object.keys(schema.types)).to.have.members([...Object.keys(types), ...Object.keys(enums)].map(name => `hrm:index:${name}`)));

    for (const [name, values] of Object.entries(enums)) {
        it(`${name} is as it was`, () =>
            expect(schema.types[`hrm:index:${name}`]!.enum!.map(({ value }) => value)).to.have.members(values));
    }

    for (const [name, properties] of Object.entries(types)) {
        it(`${name} is as it was`, () =>
            expect(Object.keys(schema.types[`hrm:index:${name}`]!.properties!)).to.have.members(properties.split(" ")));
    }

    it("says what is taken where nothing is given, and an example", () => {
        const { imageFolder, host } = schema.types["hrm:index:WebHostArgs"]!.properties!;
        expect(imageFolder!.description).to.match(/ Default: "\/data\/hrm_data"\.$/);
        expect(host!.description).to.match(/ Example: `"hrm\.example\.org"`\.$/);
    });

    it("says of each argument what it is", () => {
        const silent = Object.entries(schema.types).flatMap(([type, { properties }]) =>
            Object.entries(properties ?? {}).flatMap(([name, { description }]) => (description ? [] : `${type}.${name}`)),
        );
        expect(silent).to.deep.equal([]);
    });
});
