import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { HrmCluster } from "../../lib";
import { commandsOf, declare } from "./support/declare";
import { example } from "./support/descriptions";
import { readPartText, readStepText } from "./support/literals";
import { changed, clusterProblems, withoutAgent } from "./support/refused";

describe("HRM's mail", () => {
    withoutAgent();
    const relay = { host: "mail.example.org" };

    for (const [path, value, problem] of [
        ["", true, "true, want an object with managed, relay, sender, administrator"],
        ["relay", undefined, "is missing; it is the mail server that takes this host's mails; or set managed to false"],
        ["managed", false, "relay: is not used where managed is false; leave one of them out"],
        ["relay.host", "mail server", "'mail server', want a host name"],
        ["relay.host", undefined, "is missing; it is the name of the mail server"],
        ["relay.port", "25", "'25', want a whole number"],
        ["relay.tls", "starttls", "'starttls', want true or false"],
        ["relay.user", "a\nb", "'a\\nb', want a user of the relay"],
        ["relay.user", "hrm", "the user logs in with it"],
        ["relay.password", "hush", "is missing; the password is of one"],
        ["sender", "HRM <hrm@example.org>", "'HRM <hrm@example.org>', want a mail address"],
        ["administrator", "root", "'root', want a mail address"],
        ["from", "x", "there is no such argument, only managed, relay, sender, administrator"],
    ] as const)
        it(`refuses ${path || "mail"}: ${problem}`, async () => {
            const mail = path === "" ? value : changed({ relay }, path, value);
            const [found, ...more] = await clusterProblems(changed(example(), "web.mail", mail));
            expect(found)
                .to.match(/^web\.mail/)
                .and.to.contain(problem);
            expect([found, ...more].join()).not.to.contain("hush");
            expect(more.filter(line => !line.endsWith("logs in with it"))).to.deep.equal([]);
        });

    it("refuses a password that would travel in plain, and an address that is given twice", async () => {
        const mail = { relay: { ...relay, user: "hrm", password: "hush", tls: false }, sender: "a@example.org" };
        expect(
            await clusterProblems({ ...changed(example(), "web.mail", mail), settings: { emailSender: "b@example.org" } }),
        ).to.deep.equal([
            "web.mail.sender: is the same as settings.emailSender, which is given, too; leave one of them out",
            "web.mail.relay.tls: is false, and the password would travel in plain; leave it out, or leave out user and password",
        ]);
    });

    const valuesWith = async (mail: object, settings?: object) => {
        const { resources } = await declare(
            () => new HrmCluster("hrm", { ...changed(example(), "web.mail", mail), ...(settings && { settings }) } as never),
        );
        const part = commandsOf(resources).find(({ name }) => name === "hrm-registry")!;
        const step = readPartText(part.inputs.stdin).steps.find(each => each.step === "mail");
        return { part, values: step && readStepText(step.text).values };
    };

    for (const [title, given, options] of [
        ["one in the same house", {}, "host=mail.example.org\nport=25"],
        ["one with a user", { user: "u", password: "p w" }, "host=mail.example.org\nport=587\nuser=u\npass=p w\nstarttls"],
        [
            "one with TLS from the begin",
            { user: "u", password: pulumi.output("p"), port: 465 },
            "host=mail.example.org\nport=465\nuser=u\npass=p\nssl",
        ],
        ["one on another port", { port: 2525 }, "host=mail.example.org\nport=2525\nstarttls"],
        ["one on another port without TLS", { port: 2525, tls: false }, "host=mail.example.org\nport=2525"],
    ] as const)
        it(`goes to a relay: ${title}`, async () => {
            const { values } = await valuesWith({ relay: { ...relay, ...given } });
            expect(values!.relay).to.equal(options);
        });

    it("has a sender and an administrator, which are HRM's as well", async () => {
        const own = await valuesWith({ relay, sender: "a@example.org", administrator: "b@example.org" });
        expect(own.values).to.include({ sender: "a@example.org", administrator: "b@example.org", relay_name: "mail.example.org:25" });
        expect(own.part.secrets).to.include("stdin");
        const ofSettings = await valuesWith({ relay }, { emailSender: "c@example.org" });
        expect(ofSettings.values).to.include({ sender: "c@example.org", administrator: `hrm@${example().web.host}` });
    });

    it("is nobody's business without a relay, or where it is not managed", async () => {
        expect((await valuesWith({ managed: false })).values).to.equal(undefined);
    });
});
