// Covers: lib/steps/signIn lib/steps/services lib/description/signIn lib/templates/ldap_config lib/templates/active_directory_config
import { expect } from "chai";
import type { Result } from "../../lab/command";
import { signInOf } from "../../lib/description/signIn";
import type { Verb } from "../../lib/hosts/launcher";
import { certificateFor } from "./support/certificate";
import { TestCluster } from "./support/cluster";
import { directoryOn, managerPassword } from "./support/directory";
import { differencesIn, runStep } from "./support/onHost";

const config = "/var/www/html/hrm/config";

describe("who may log in to HRM's pages", () => {
    let cluster: TestCluster;
    let ca: string;
    const web = (command: string) => cluster.lab.run("web", command);

    before(async () => {
        cluster = await TestCluster.ready("t-signin", [[0, 1], [0]]);
        ca = await directoryOn(cluster, "huygens2");
    });
    after(() => cluster?.down());

    const ldap = {
        ...{ host: "huygens2", root: "dc=example,dc=org", userSearchDn: "ou=people", managerOu: "ou=services", manager: "hrm" },
        ...{ password: managerPassword, authorizedGroups: ["imaging"] },
    };
    const domain = {
        ...{
            baseDn: "ou=people,dc=example,dc=org",
            domainControllers: ["huygens2"],
            username: "cn=hrm,ou=services,ou=people,dc=example,dc=org",
        },
        password: managerPassword,
    };

    /** The step alone, as its host gets it. */
    async function step(verb: Verb, args: Record<string, unknown>): Promise<Result> {
        const { ldap_config, active_directory_config, ...rest } = signInOf("web", { ca, testUser: "alice", ...args } as never)!;
        const known = (output: unknown) => (output as { promise(): Promise<string> }).promise();
        const files = { ldap_config: await known(ldap_config), active_directory_config: await known(active_directory_config) };
        return runStep(cluster, verb, {
            ...{ step: "signIn", host: "web" },
            values: { user: "hrm", group: "hrm", hrm_path: "/var/www/html/hrm", ...files, ...rest },
        });
    }
    const differences = async (args: Record<string, unknown> = { ldap }) => differencesIn(await step("check", args));

    it("is refused where this host believes any server, and nothing is written", async () => {
        await web("mkdir -p /etc/ldap; cp -a /etc/ldap /root/ldap; echo 'TLS_REQCERT never' >>/etc/ldap/ldap.conf");
        const { code, stderr } = await step("ensure", { ldap });
        expect(await web(`rm -r /etc/ldap; mv /root/ldap /etc/ldap; ls ${config}`)).not.to.contain("ldap_config.inc\n");
        expect(code).to.equal(1);
        expect(stderr).to.contain("TLS_REQCERT never on this host makes any server the directory").and.to.contain("signIn.ca");
    });

    it("is whom the directory knows, asked over TLS as its manager", async () => {
        expect((await differences()).at(-1)).to.equal("sign-in: not proven since the last change");
        const { code, stderr } = await step("ensure", { ldap });
        expect(code, stderr).to.equal(0);
        expect(await differences()).to.deep.equal([]);
        expect((await step("ensure", { ldap })).stderr).to.equal("");
        expect(await web(`stat -c '%U %G %a' ${config}/ldap_config.inc /var/lib/pulumi-hrm/sign-in-proven`)).to.equal(
            "root hrm 640\nroot root 600\n",
        );
        const told = await web(
            `php -r 'include "${config}/ldap_config.inc"; echo $ldap_host, $ldap_port, json_encode([$ldap_use_ssl, $ldap_authorized_groups]), $ldap_password;'`,
        );
        expect(told).to.equal(`huygens2636[true,["imaging"]]${managerPassword}`);
    });

    it("may be asked over STARTTLS as well, and without a test user or groups", async () => {
        for (const args of [
            { ldap: { ...ldap, useTls: true } },
            { ldap: { ...ldap, authorizedGroups: [] }, testUser: "bob" },
            { ldap, testUser: undefined },
        ]) {
            const { code, stderr } = await step("ensure", args);
            expect(code, stderr).to.equal(0);
            expect(await differences(args)).to.deep.equal([]);
        }
    });

    it("may be a domain's, each of whose controllers is asked", async () => {
        const { code, stderr } = await step("ensure", { activeDirectory: domain });
        expect(code, stderr).to.equal(0);
        const one = await step("ensure", { activeDirectory: { ...domain, domainControllers: ["huygens2", "huygens1"] } });
        expect(one.code).to.equal(1);
        expect(one.stderr).to.contain("the directory huygens1:636 does not answer").and.to.contain("signIn.activeDirectory");
        const nobody = await step("ensure", { activeDirectory: domain, testUser: "carol" });
        expect(nobody.stderr).to.contain("the directory huygens2:636 knows no user carol below ou=people,dc=example,dc=org");
        await web(`rm ${config}/active_directory_config.inc`);
    });

    it("is asked in a forest as HRM asks, with pattern and replacement", async () => {
        const forest = {
            ...{ ...domain, usernameSuffix: ".ads.example.org", usernameSuffixReplace: "@ads.example.org" },
            usernameSuffixPattern: "@saturn[.]ads[.]example[.]org$",
        };
        const { code, stderr } = await step("ensure", { activeDirectory: forest, testUser: "alice@saturn" });
        expect(code, stderr).to.equal(0);
        const other = await step("ensure", { activeDirectory: { ...forest, usernameSuffixPattern: "@mars" }, testUser: "alice@saturn" });
        expect(other.stderr).to.contain("knows no user alice@saturn");
        const broken = await step("ensure", { activeDirectory: { ...forest, usernameSuffixPattern: "(" }, testUser: "alice@saturn" });
        expect(broken.stderr).to.contain("signIn.activeDirectory.usernameSuffixPattern is no regular expression of PCRE: (");
        await web(`rm ${config}/active_directory_config.inc`);
    });

    it("is asked at another port as HRM asks, which takes it in the name alone", async () => {
        const asHrm = (host: string) =>
            web(`php -r '$l = ldap_connect("ldaps://${host}", 1636); ldap_set_option($l, LDAP_OPT_PROTOCOL_VERSION, 3);
                @ldap_bind($l, "cn=hrm,ou=services,ou=people,dc=example,dc=org", "no"); echo ldap_errno($l);'`);
        // 49 is LDAP_INVALID_CREDENTIALS: somebody is there. The first one goes to 636, which is closed here.
        await web(
            "nft add table ip hrmtest; nft 'add chain ip hrmtest out { type filter hook output priority 0; }'; nft add rule ip hrmtest out tcp dport 636 reject",
        );
        const seen = [await asHrm("huygens2"), await asHrm("huygens2:1636")];
        const { code, stderr } = await step("ensure", { ldap: { ...ldap, port: 1636 } });
        const closed = await step("ensure", { ldap: { ...ldap, host: "huygens2", port: 636 } });
        await web("nft delete table ip hrmtest");
        expect(seen).to.deep.equal(["-1", "49"]);
        expect(code, stderr).to.equal(0);
        expect(closed.stderr).to.contain("the directory huygens2:636 does not answer");
        expect(await web(`php -r 'include "${config}/ldap_config.inc"; echo $ldap_host;'`)).to.equal("huygens2:1636");
        expect((await step("ensure", { ldap })).code).to.equal(0);
    });

    for (const { title, args, says } of [
        {
            title: "a certificate for another name",
            args: () => ({ ldap: { ...ldap, host: "HUYGENS2.lab" } }),
            says: ["does not answer over TLS", "the name in its certificate"],
        },
        {
            title: "an authority that nobody has told",
            args: () => ({ ldap, ca: certificateFor(["x"]).authority }),
            says: ["does not answer over TLS", "signIn.ca"],
        },
        {
            title: "a server that is not there",
            args: () => ({ ldap: { ...ldap, host: "huygens1", useSsl: false } }),
            says: ["the directory huygens1:389 does not answer"],
        },
        {
            title: "another password",
            args: () => ({ ldap: { ...ldap, password: "other-hush-hush" } }),
            says: ["does not let HRM in as cn=hrm,ou=services,ou=people,dc=example,dc=org: Invalid credentials", "signIn.ldap"],
        },
        {
            title: "another place of users",
            args: () => ({ ldap: { ...ldap, managerOu: "ou=services,ou=people", userSearchDn: "ou=nowhere" } }),
            says: ["does not let HRM in"],
        },
        {
            title: "a user whom nobody knows",
            args: () => ({ ldap, testUser: "carol" }),
            says: ["knows no user carol below ou=people,dc=example,dc=org", "signIn.testUser"],
        },
        {
            title: "a user who is there twice",
            args: () => ({ ldap, testUser: "twin" }),
            says: ["knows several users twin", "HRM lets in none of them"],
        },
        {
            title: "a user in no authorised group",
            args: () => ({ ldap, testUser: "bob" }),
            says: ["bob is known to the directory huygens2:636, but in none of its groups imaging"],
        },
    ])
        it(`fails for ${title}, in words that show no password, and what is there stays`, async () => {
            await web(
                "getent hosts HUYGENS2.lab >/dev/null || echo \"$(getent hosts huygens2 | cut -d ' ' -f 1) HUYGENS2.lab\" >>/etc/hosts",
            );
            const file = () => web(`sha256sum ${config}/ldap_config.inc`);
            const before = await file();
            const { code, stderr } = await step("ensure", args());
            expect(code, stderr).to.equal(1);
            // By which people log in meanwhile.
            expect(await file()).to.equal(before);
            for (const text of says) expect(stderr, stderr).to.contain(text);
            expect(stderr).not.to.contain("hush");
            for (const line of stderr.trim().split("\n")) expect(line).to.match(/^web: signIn: /);
            // It is no proof.
            expect(await differences(args())).to.include("sign-in: not proven since the last change");
        });

    for (const { title, put, difference } of [
        {
            title: "the file",
            put: `echo >>${config}/ldap_config.inc`,
            difference: `${config}/ldap_config.inc: other content than described`,
        },
        {
            title: "its mode",
            put: `chmod 644 ${config}/ldap_config.inc`,
            difference: `${config}/ldap_config.inc: owner, group and mode root hrm 644, want root hrm 640`,
        },
        {
            title: "whom the host trusts",
            put: "rm /usr/local/share/ca-certificates/pulumi-hrm-directory.crt; update-ca-certificates --fresh >/dev/null 2>&1",
            difference: "/etc/ssl/certs/ca-certificates.crt: without the authority of the directory, want it",
        },
    ])
        it(`is as described again where somebody has changed ${title}`, async () => {
            expect((await step("ensure", { ldap })).code).to.equal(0);
            await web(put);
            expect(await differences()).to.include(difference);
            expect((await step("ensure", { ldap })).code).to.equal(0);
            expect(await differences()).to.deep.equal([]);
        });

    it("trusts the authority no more when it is not described", async () => {
        const { code } = await step("ensure", { ldap, ca: undefined });
        expect(code).to.equal(1);
        expect(await web("ls /usr/local/share/ca-certificates")).to.equal("");
        expect((await step("ensure", { ldap })).code).to.equal(0);
    });

    it("comes with an up, with HRM's way to ask, and keeps a file of the site's beside", async () => {
        await web(`rm -f ${config}/ldap_config.inc* /var/lib/pulumi-hrm/sign-in-proven; echo '<?php // ours' >${config}/ldap_config.inc`);
        cluster.description.web.signIn = { methods: ["ldap", "integrated"], ldap, ca, testUser: "alice" };
        await cluster.configure();
        await cluster.up();
        await cluster.expectNothingToDo();
        expect(
            await web(`cat ${config}/ldap_config.inc.before-pulumi; grep -o "authenticateAgainst = .*" ${config}/hrm_config.inc`),
        ).to.equal("<?php // ours\nauthenticateAgainst = ['ldap', 'integrated'];\n");
        const { output } = await cluster.stack.run(["stack", "export"]);
        expect(output).not.to.contain("hush-hush");
    });
});
