// Covers: lib/hosts/drift lib/steps/checks
import { expect } from "chai";
import type { Outcome } from "../../engine/stack";
import { TestCluster } from "./support/cluster";
import { said } from "./support/preview";
import { RunningUp } from "./support/runningUp";
import { untilSeen } from "./support/until";
import { Visits } from "./support/visits";

const slow = (seconds: number) =>
    `mv /usr/bin/getent /usr/bin/getent.real; printf '#!/bin/sh\\ntouch /run/slow\\nsleep ${seconds}\\n' >/usr/bin/getent; chmod 0755 /usr/bin/getent`;

/** One node for each. */
const obstacles: { title: string; why: RegExp; spoil?: string }[] = [
    { title: "is off", why: /no answer in \d+ s|there is no way to it|the queue manager's ssh does not get there/ },
    {
        title: "wants a password for sudo",
        spoil: "sed -i 's/NOPASSWD: //' /etc/sudoers.d/admin",
        why: /ended with 1: sudo: a password is required/,
    },
    {
        title: "greets",
        // Its first line, since Debian's own ends where nobody types.
        spoil: `printf '%s\\n' 'printf "Welcome\\033[31m to $(hostname)\\n"' >/tmp/rc; cat /home/admin/.bashrc >>/tmp/rc; cp /tmp/rc /home/admin/.bashrc`,
        why: /ended without an answer: Welcome\?\[31m to huygens3/,
    },
    {
        title: "dies during its check",
        spoil: slow(600),
        why: /no answer in \d+ s|the queue manager's ssh does not get there|the connection ended/,
    },
    { title: "takes forever", spoil: slow(600), why: /a check did not end in its time/ },
    {
        title: "has another host key",
        spoil: "rm /etc/ssh/ssh_host_*; ssh-keygen -qA; systemctl restart ssh",
        why: /the host key is not the one that the description pins|the queue manager's ssh does not get there/,
    },
    {
        title: "refuses connections",
        spoil: "systemctl stop ssh.socket ssh.service",
        why: /nothing listens on its ssh port|the queue manager's ssh does not get there/,
    },
    {
        title: "has an admin whose shell is no shell",
        spoil: "usermod -s /usr/sbin/nologin admin",
        why: /This account is currently not available/,
    },
];
const named = (title: string) => `huygens${obstacles.findIndex(each => each.title === title) + 1}`;

describe("hosts that cannot be looked at", () => {
    let cluster: TestCluster;
    let outcome: Outcome;
    const dies = named("dies during its check");

    before(async () => {
        cluster = await TestCluster.make(
            "t-blind",
            obstacles.map(() => []),
        );
        const { lab, description } = cluster;
        // Not the defaults, since the machine of the tests may be busier than any host.
        description.drift = { connectSeconds: 20, checkSeconds: 20 };
        await cluster.configure();
        await cluster.up();
        for (const [index, { spoil }] of obstacles.entries()) if (spoil) await lab.run(`huygens${index + 1}`, spoil);
        await lab.powerOff(named("is off"));
    });
    after(() => cluster?.down());

    it("do not hold a preview up", async () => {
        const preview = cluster.stack.start(["preview", "--non-interactive", "--expect-no-changes"]).outcome;
        await untilSeen(
            `a check on ${dies}`,
            () => cluster.lab.exec(dies, "test -e /run/slow"),
            seen => seen.code === 0,
        );
        await cluster.lab.powerOff(dies);
        outcome = await preview;
        expect(outcome.seconds).to.be.lessThan(120);
    });

    it("are no differences", () => {
        const { differences, changed } = said(outcome);
        expect({ differences, changed, code: outcome.code }, outcome.output).to.deep.equal({ differences: {}, changed: [], code: 0 });
    });

    for (const [index, { title, why }] of obstacles.entries()) {
        it(`are named once each: one that ${title}`, () => {
            const lines = said(outcome).unchecked.filter(line => line.startsWith(`huygens${index + 1}: `));
            expect(lines, outcome.output).to.have.length(1);
            expect(lines[0]).to.match(why);
        });
    }

    it("are asked once more where a check failed", async () => {
        const once = "/run/once";
        // Whatever asks the database first; nothing differs yet.
        await cluster.lab.run("web", `mkdir -m 0777 ${once}; touch ${once}/fail; cat >/usr/local/bin/php; chmod 0755 /usr/local/bin/php`, {
            stdin: `#!/bin/sh\ncase "$*" in *hrm_config.inc*) ! rm ${once}/fail 2>/dev/null || exit 1 ;; esac\nexec /usr/bin/php "$@"\n`,
        });
        const { unchecked } = said(await cluster.stack.preview());
        expect(await cluster.lab.run("web", `rm /usr/local/bin/php; ls ${once}; rm -r ${once}`), "what failed").to.equal("");
        expect(unchecked.filter(line => line.startsWith("web: "))).to.deep.equal([]);
    });

    it("do not keep a difference on another host from being seen", async () => {
        await cluster.lab.run("web", "chmod 0700 /var/log/hrm");
        const { differences } = said(await cluster.stack.preview());
        expect(differences).to.deep.equal({ web: ["web: /var/log/hrm: mode 2700, want at least 2770"] });
    });

    it("make an up fail, which names them all and mends the other host", async () => {
        // By a process that Pulumi starts, whose exit code counts; an inline program is in inline.test.
        const up = await new RunningUp(cluster.stack).outcome;
        expect(up.code).not.to.equal(0);
        for (const [index] of obstacles.entries())
            expect(up.output).to.match(new RegExp(`error: huygens${index + 1}: not looked at .*maintenance: true`));
        expect(await cluster.lab.run("web", "stat -c %a /var/log/hrm")).to.equal("2770\n");
    });

    it("make a strict run fail, which names them all", async () => {
        const strict = await (await cluster.stackWith({ HRM_DRIFT: "strict" })).start(["preview", "--non-interactive"]).outcome;
        expect(strict.code).not.to.equal(0);
        expect(said(strict).unchecked.map(line => line.split(":")[0])).to.deep.equal(obstacles.map((_, index) => `huygens${index + 1}`));
    });

    for (const [title, off] of [
        ["HRM_DRIFT=off", async () => (await cluster.stackWith({ HRM_DRIFT: "off" })).preview("--expect-no-changes")],
        [
            "drift: { check: false }",
            async () => {
                cluster.description.drift = { check: false };
                await cluster.configure();
                return cluster.stack.preview("--expect-no-changes");
            },
        ],
    ] as const) {
        it(`are not contacted, nor any other, with ${title}`, async () => {
            const visits = new Visits(cluster.lab);
            await visits.since();
            const { code, output } = await off();
            expect(code, output).to.equal(0);
            expect(output).not.to.contain("not looked at");
            expect(await visits.since()).to.deep.equal([]);
        });
    }
});
