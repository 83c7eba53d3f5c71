import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { WebQueueHost } from "../../lib";
import { phpSettings } from "../../lib/description/phpSettings";
import { siteOf } from "../../lib/description/site";
import { certificateFor } from "../lab/support/certificate";
import { commandsOf, declare } from "./support/declare";
import { example } from "./support/descriptions";
import { readPartText, readStepText } from "./support/literals";
import { changed, clusterProblems, withoutAgent } from "./support/refused";

const pairOf = ({ certificate, key }: ReturnType<typeof certificateFor>) => ({ certificate, privateKey: key });

describe("HRM's site in Apache", () => {
    withoutAgent();
    const good = certificateFor(["hrm.example.org", "hrm"]);
    const https = { certificate: good.certificate, privateKey: good.key };
    const problems = (webServer: object) => clusterProblems(changed(example(), "web.webServer", webServer));

    for (const { title, webServer, problem } of [
        {
            title: "a name with a port",
            webServer: { serverName: "hrm.example.org:8080" },
            problem: "serverName: 'hrm.example.org:8080', want a host name",
        },
        {
            title: "a name that ends the directive",
            webServer: { serverName: "a\nInclude /etc/shadow" },
            problem: "serverName: 'a\\nInclude /etc/shadow', want a host name",
        },
        { title: "an alias that is none", webServer: { aliases: ["hrm", "*"] }, problem: "aliases[1]: '*', want a host name" },
        {
            title: "a time zone with a newline",
            webServer: { timeZone: "UTC\nx = 1" },
            problem: "timeZone: 'UTC\\nx = 1', want a time zone",
        },
        {
            title: "a time zone that is none",
            webServer: { timeZone: "Europe/Zurik" },
            problem: "timeZone: 'Europe/Zurik', want a time zone",
        },
        {
            title: "a certificate whose key is too short for Debian",
            webServer: { https: pairOf(certificateFor(["hrm.example.org"], 1, 1024)) },
            problem: "https.certificate: is one that OpenSSL serves no more (ee key too small), and Apache would end",
        },
        {
            title: "a certificate with half of another one behind it",
            webServer: {
                https: { ...https, certificate: `${good.certificate}${good.certificate.slice(0, 400)}\n-----END CERTIFICATE-----\n` },
            },
            problem: "https.certificate: cannot be read behind its first one",
        },
        {
            title: "a certificate without a key",
            webServer: { https: { certificate: good.certificate } },
            problem: "https.privateKey: is missing",
        },
        { title: "a key without a certificate", webServer: { https: { privateKey: good.key } }, problem: "https.certificate: is missing" },
        {
            title: "a path instead of a certificate",
            webServer: { https: { ...https, certificate: "/etc/ssl/a.pem" } },
            problem: "https.certificate: what is given does not fit, want a certificate, PEM",
        },
        {
            title: "a certificate that is cut off",
            webServer: { https: { ...https, certificate: good.certificate.slice(0, 400) } },
            problem: "https.certificate: cannot be read",
        },
        {
            title: "one that has expired",
            webServer: { https: { ...https, certificate: certificateFor(["hrm.example.org"], -1).certificate } },
            problem: "https.certificate: has expired (",
        },
        {
            title: "one for another name",
            webServer: { https, serverName: "images.example.org" },
            problem: "https.certificate: is not made out to images.example.org, but to hrm.example.org, hrm",
        },
        {
            title: "one without an alias",
            webServer: { https, aliases: ["hrm", "other"] },
            problem: "https.certificate: is not made out to other, but to",
        },
        {
            title: "the key of another one",
            webServer: { https: { ...https, privateKey: certificateFor(["x"]).key } },
            problem: "https.privateKey: is of another certificate",
        },
        {
            title: "a key that is none",
            webServer: { https: { ...https, privateKey: "-----BEGIN PRIVATE KEY-----\nhush\n-----END PRIVATE KEY-----\n" } },
            problem: "https.privateKey: cannot be read",
        },
    ])
        it(`is refused with ${title}`, async () => {
            const found = await problems(webServer);
            expect(found.map(line => line.slice(0, `web.webServer.${problem}`.length))).to.deep.equal([`web.webServer.${problem}`]);
            expect(found.join()).not.to.contain("hush");
        });

    it("may be known by its address", async () => {
        const { resources } = await declare(
            () =>
                new WebQueueHost("web", {
                    ...example().web,
                    webServer: { serverName: "10.0.0.5", https: pairOf(certificateFor(["10.0.0.5"])) },
                }),
        );
        expect(commandsOf(resources).map(({ name }) => name)).to.include("web");
    });

    it("is refused with an output that turns out to be no certificate, or no key, which is not shown", async () => {
        for (const [name, value] of [
            ["certificate", "hush"],
            ["privateKey", "hush"],
            ["privateKey", good.certificate],
        ] as const) {
            const bad = { certificate: pulumi.output(good.certificate), privateKey: pulumi.output(good.key), [name]: pulumi.output(value) };
            const site = siteOf("hrm.example.org", { ...example().web, webServer: { https: bad } })!;
            const outcome = await (site.certificate as unknown as { promise(): Promise<string> }).promise().then(
                () => "taken",
                error => String(error),
            );
            expect(outcome).to.contain(`webServer.https.${name} of hrm.example.org: what is given does not fit`).and.not.to.contain("hush");
        }
    });

    const stepsWith = async (web: object) => {
        const { resources } = await declare(() => new WebQueueHost("web", { ...example().web, ...web }));
        const part = commandsOf(resources).find(({ name }) => name === "web")!;
        const texts = readPartText(part.inputs.stdin).steps.map(({ step, text }) => [step, readStepText(text).values] as const);
        return { part, steps: Object.fromEntries(texts) };
    };

    it("is by none of its arguments there, and by each of them", async () => {
        for (const webServer of [undefined, {}, { guard: false }, { timeZone: "UTC" }]) {
            const { steps } = await stepsWith({ webServer });
            expect(steps.site).to.equal(undefined);
            expect(steps.webServer!.has_site).to.equal("no");
        }
        for (const webServer of [{ serverName: "a.example.org" }, { aliases: [] }, { https }, { redirectHttp: false }]) {
            const { steps } = await stepsWith({ webServer });
            expect(steps.site!.server_name).to.equal("serverName" in webServer ? "a.example.org" : "hrm.example.org");
            expect(steps.webServer!.has_site).to.equal("yes");
        }
    });

    it("has a secret key, and an address of HRM's own that follows", async () => {
        const { part, steps } = await stepsWith({ webServer: { https } });
        expect(part.secrets).to.include("stdin");
        expect(steps.config!.hrm_config).to.contain("https://hrm.example.org/hrm");
        expect(steps.site!.site).to.contain('Redirect permanent "/" "https://hrm.example.org/"').and.to.contain("<VirtualHost *:443>");
        expect((await stepsWith({ webServer: { https, redirectHttp: false } })).steps.site!.site).not.to.contain("permanent");
        const plain = await stepsWith({ webServer: { serverName: "hrm", aliases: ["a", "b"] } });
        expect(plain.steps.config!.hrm_config).to.contain("http://hrm/hrm");
        expect(plain.steps.site!.site)
            .to.match(/ServerName hrm\n {4}ServerAlias a\n {4}ServerAlias b\n/)
            .and.not.to.contain("443");
    });

    it("has PHP take what HRM's settings allow", () => {
        const lines = (max_upload_limit: number, max_post_limit: number) =>
            phpSettings({ max_upload_limit, max_post_limit }).split("\n").slice(0, 2);
        expect(lines(0, 0)).to.deep.equal(["upload_max_filesize = 1048576M", "post_max_size = 80M"]);
        expect(lines(2000, 100)).to.deep.equal(["upload_max_filesize = 2000M", "post_max_size = 100M"]);
        // A piece has to go through, however small the file may be.
        expect(lines(1, 1)).to.deep.equal(["upload_max_filesize = 16M", "post_max_size = 80M"]);
    });
});
