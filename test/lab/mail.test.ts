// Covers: lib/steps/mail lib/steps/apt lib/description/mail
import { expect } from "chai";
import type { SMTPServerOptions } from "smtp-server";
import type { Result } from "../../lab/command";
import type { Verb } from "../../lib/hosts/launcher";
import { asBefore, instead } from "./support/aptOnHost";
import { certificateFor } from "./support/certificate";
import { TestCluster } from "./support/cluster";
import { differencesIn, runStep } from "./support/onHost";
import { type Relay, relayAt, withoutTls } from "./support/relay";

const password = 'p\' "hush" $w\\x';

/** Takes mails of whoever comes, but for nobody. */
const ofTheHouse: SMTPServerOptions = {
    ...withoutTls,
    onRcptTo: ({ address }, _, done) =>
        address.startsWith("nobody") ? done(Object.assign(new Error("5.1.1 no such user"), { responseCode: 550 })) : done(),
};

describe("mail of a web host on which nothing sends any", () => {
    let cluster: TestCluster;
    let machine: string;
    let plain: Relay;
    let strict: Relay;
    let authority: string;
    const web = (command: string) => cluster.lab.run("web", command);

    before(async () => {
        cluster = await TestCluster.make("t-mail", [[0]], { bare: true });
        machine = cluster.machine;
        const signed = certificateFor([machine]);
        authority = signed.authority;
        plain = await relayAt(machine, ofTheHouse);
        strict = await relayAt(machine, {
            ...{ cert: signed.certificate, key: signed.key },
            onAuth: (auth, _, done) =>
                auth.username === "hrm" && auth.password === password
                    ? done(null, { user: "hrm" })
                    : done(new Error("5.7.8 bad credentials")),
        });
    });
    after(async () => {
        await plain?.close();
        await strict?.close();
        await cluster?.down();
    });

    const options = (port: number, ...more: string[]) => ({
        relay: [`host=${machine}`, `port=${port}`, ...more],
        relay_name: `${machine}:${port}`,
    });
    const secure = () => options(strict.port, "user=hrm", `pass=${password}`, "starttls");

    /** The step alone, as its host gets it. */
    function step(verb: Verb, values: Record<string, string | string[]> = {}): Promise<Result> {
        return runStep(cluster, verb, {
            ...{ step: "mail", host: "web" },
            values: {
                ...options(plain.port),
                sender: "hrm@example.org",
                administrator: "admin@example.org",
                mail_name: "hrm.example.org",
                ...values,
            },
        });
    }
    const differences = async (values?: Record<string, string | string[]>) => differencesIn(await step("check", values));

    it("is refused where nullmailer is not to be had, and nothing is sent", async () => {
        await web(instead("deb [trusted=yes] https://127.0.0.1:1 ./"));
        const { code, stderr } = await step("ensure");
        await web(asBefore);
        expect(code).to.equal(1);
        expect(stderr).to.contain("web: mail: apt-get cannot install nullmailer: ").and.to.contain("set mail.managed to false");
        expect(plain.mails).to.deep.equal([]);
    });

    it("goes by nullmailer to the relay, which has taken one for the administrator", async () => {
        expect(await differences()).to.deep.equal([
            "mail: nothing sends it on this host, want nullmailer",
            "mail: nobody has seen one taken for admin@example.org since the last change",
        ]);
        const { code, stderr } = await step("ensure");
        expect(code, stderr).to.equal(0);
        expect(stderr).to.contain("queued as 4C1");
        expect(plain.mails.map(mail => mail.split("\n")[0])).to.deep.equal(["hrm@example.org admin@example.org"]);
        expect(plain.mails[0]).to.contain("Subject: HRM on hrm.example.org can send mail");
        expect(await differences()).to.deep.equal([]);
        expect((await step("ensure")).stderr).to.equal("");
        expect(plain.mails.length).to.equal(1);
    });

    it("goes by nullmailer whose installation was cut off, when that is finished", async () => {
        await web(
            "sed -i '/^Package: nullmailer$/,/^$/s/^Status: .*/Status: install ok unpacked/' /var/lib/dpkg/status; systemctl stop nullmailer; rm -f /var/spool/nullmailer/trigger",
        );
        expect(await differences()).to.include("mail: nothing sends it on this host, want nullmailer");
        const { code, stderr } = await step("ensure");
        expect(code, stderr).to.equal(0);
        expect(
            await web(
                "dpkg -s nullmailer | grep -c '^Status: install ok installed'; ls /var/spool/nullmailer/trigger; systemctl is-active nullmailer",
            ),
        ).to.equal("1\n/var/spool/nullmailer/trigger\nactive\n");
        expect(await differences()).to.deep.equal([]);
    });

    it("of any program goes there under the described sender, in good time after the relay was away", async () => {
        await plain.close();
        await web("printf 'To: someone@example.org\\nSubject: job\\n\\ndone\\n' | runuser -u nobody -- sendmail -i someone@example.org");
        const begun = Date.now();
        while (!(await web("journalctl -u nullmailer -o cat")).includes("failed") && Date.now() - begun < 60_000) await web("sleep 0.5");
        expect(await web("ls /var/spool/nullmailer/queue | wc -l")).to.equal("1\n");
        plain = await relayAt(machine, ofTheHouse);
        expect((await step("ensure", options(plain.port))).code).to.equal(0);
        await web('echo 1 >/var/spool/nullmailer/trigger; while [ -n "$(ls /var/spool/nullmailer/queue)" ]; do sleep 0.2; done');
        expect(plain.mails.map(mail => mail.split("\n")[0])).to.have.members([
            "hrm@example.org admin@example.org",
            "hrm@example.org someone@example.org",
        ]);
    });

    it("to a relay with TLS and a password is looked at by its certificate, and shows no password", async () => {
        const untrusted = await step("ensure", secure());
        expect(untrusted.code).to.equal(1);
        expect(untrusted.stderr).to.contain("certificate is untrusted").and.to.contain("update-ca-certificates");
        await cluster.lab.run("web", "cat >/usr/local/share/ca-certificates/lab.crt; update-ca-certificates >/dev/null 2>&1", {
            stdin: authority,
        });
        const { code, stderr } = await step("ensure", secure());
        expect(code, stderr).to.equal(0);
        expect(strict.mails.length).to.equal(1);
        expect(await web("stat -c '%U %a' /etc/nullmailer/remotes /var/lib/pulumi-hrm/mail-proven")).to.equal("root 640\nroot 600\n");
        await web(
            "printf 'To: a@example.org\\n\\nx\\n' | sendmail a@example.org; while [ -n \"$(ls /var/spool/nullmailer/queue)\" ]; do sleep 0.2; done",
        );
        expect(strict.mails.length).to.equal(2);
        const wrong = await step("ensure", options(strict.port, "user=hrm", "pass=other-hush", "starttls"));
        expect(wrong.stderr).to.contain(
            `the relay ${machine}:${strict.port} does not take a mail from hrm@example.org for admin@example.org: 535 5.7.8 bad credentials`,
        );
        expect(wrong.stderr).to.contain("mail.relay.password").and.not.to.contain("hush");
        expect((await step("check", secure())).stdout).not.to.contain("hush");
        // The relay that takes mails stays until another one does.
        expect(await web("grep -c other-hush /etc/nullmailer/remotes || :")).to.equal("0\n");
    });

    for (const { title, values, says } of [
        { title: "that nobody answers at", values: () => options(1), says: ["does not take a mail", "onnect", "whether the relay is up"] },
        {
            title: "that knows no such administrator",
            values: () => ({ ...options(plain.port), administrator: "nobody@example.org" }),
            says: ["550 5.1.1 no such user", "mail.administrator"],
        },
        { title: "that has no TLS", values: () => options(plain.port, "starttls"), says: ["mail.relay.tls"] },
    ])
        it(`is told of a relay ${title}`, async () => {
            const { code, stderr } = await step("ensure", values());
            expect(code, stderr).to.equal(1);
            for (const text of says) expect(stderr).to.contain(text);
            for (const line of stderr.trim().split("\n")) expect(line).to.match(/^web: mail: /);
        });

    for (const { title, put, difference } of [
        {
            title: "the relay",
            put: "echo other smtp >/etc/nullmailer/remotes",
            difference: "/etc/nullmailer/remotes: other content than described",
        },
        {
            title: "the mode of the password's file",
            put: "chmod 644 /etc/nullmailer/remotes",
            difference: "/etc/nullmailer/remotes: owner, group and mode root mail 644, want root mail 640",
        },
        { title: "the sender", put: "rm /etc/nullmailer/allmailfrom", difference: "/etc/nullmailer/allmailfrom: not there, want it" },
        {
            title: "whether it runs",
            put: "systemctl disable --now nullmailer 2>/dev/null",
            difference: "nullmailer.service: not running, want it",
        },
    ])
        it(`is as described again where somebody has changed ${title}`, async () => {
            expect((await step("ensure", secure())).code).to.equal(0);
            await web(put);
            expect(await differences(secure())).to.deep.equal([difference]);
            expect((await step("ensure", secure())).code).to.equal(0);
            expect(await differences(secure())).to.deep.equal([]);
        });

    it("is left to a mailer that somebody has installed, which takes the proof", async () => {
        await web(`systemctl stop nullmailer; dpkg -P nullmailer >/dev/null 2>&1; rm -f /root/mail
            printf '%s\\n' '#!/bin/sh' 'cat >/root/mail; echo "$*" >>/root/mail' >/usr/sbin/sendmail; chmod 755 /usr/sbin/sendmail`);
        const check = await step("check");
        expect(check.stdout).to.match(/hrm: follows \/usr\/sbin\/sendmail sends this host's mails and stays as it is/);
        const { code, stderr } = await step("ensure");
        expect(code, stderr).to.equal(0);
        expect(stderr).to.contain("/usr/sbin/sendmail has taken it; where it went stands in its log");
        expect(await web("grep -c can.send.mail /root/mail; tail -n 1 /root/mail")).to.equal(
            "1\n-i -f hrm@example.org admin@example.org\n",
        );
        expect(await differences()).to.deep.equal([]);
        await web("printf '%s\\n' '#!/bin/sh' 'echo no way; exit 69' >/usr/sbin/sendmail");
        const refused = await step("ensure", { administrator: "other@example.org" });
        expect(refused.stderr).to.contain("/usr/sbin/sendmail does not take a mail for other@example.org: no way");
        await web("rm /usr/sbin/sendmail");
    });
});
