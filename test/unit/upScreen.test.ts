import { expect } from "chai";
import { UpScreen } from "../../lab/upScreen";

const printed = `Updating (lab):

@ updating....
 +  pulumi:pulumi:Stack hrm-lab-lab creating (0s)
 +  command:remote:Command hrm-web-identity creating (0s)
 +  command:remote:Command hrm-web-identity creating (0s) web: account: makes group hrm
 ~  command:remote:Command hrm-huygens1 updating (0s) [diff: ~update]
 +  command:remote:Command hrm-web-identity creating (0s) web: account: makes user hrm
 ~  command:remote:Command hrm-huygens1 updating (1s) huygens1: folders: /data: mode 700, want at least 2770
 +  command:remote:Command hrm-web-identity creating (0s) web: account: done
 +  command:remote:Command hrm-web-identity creating (0s) web: identity: makes key 1
 +  command:remote:Command hrm-web-identity created (0.38s) web: identity: done
 ~  command:remote:Command hrm-huygens1 updated (1s) huygens1: folders: done
 +  command:remote:Command hrm-huygens1-link creating (0s)
 +  command:remote:Command hrm-registry created (0.25s)
 +  command:remote:Command hrm-huygens1-link creating (3s) web: link-huygens1: huygens1 does not answer ping
 +  command:remote:Command hrm-huygens1-link creating (3s) error: Process exited with status 1
 +  command:remote:Command hrm-huygens1-link **creating failed** error: Process exited with status 1
Diagnostics:
  pulumi:pulumi:Stack (hrm-lab-lab):
    warning: using pulumi-resource-random from $PATH at /work/main/engine/bin/random/pulumi-resource-random
    warning: huygens2: not looked at for changes made by hand

  command:remote:Command (hrm-huygens1-link):
    error: Process exited with status 1: running "sh -c '…'":

    web: link-huygens1: huygens1 does not answer ping

Outputs:
    url: "http://web/hrm"

Resources:
    + 2 created
    1 errored

Duration: 4s
`;

function screenOf(text: string): string[] {
    const lines: string[] = [];
    const screen = new UpScreen(line => lines.push(line));
    for (const line of text.split("\n")) screen.line(line);
    return lines;
}

describe("lab: what is seen of an up", () => {
    it("is a line a part, with its time, and one a step, with what it found, then warnings and errors in full", () => {
        expect(screenOf(printed)).to.deep.equal([
            "web-identity        0.4 s",
            "  account             makes group hrm (and 1 more)",
            "  identity            makes key 1",
            "huygens1            1.0 s",
            "  folders             /data: mode 700, want at least 2770",
            "registry            0.3 s  as described",
            "huygens1-link      failed  see below",
            "Diagnostics:",
            "  pulumi:pulumi:Stack (hrm-lab-lab):",
            "    warning: huygens2: not looked at for changes made by hand",
            "  command:remote:Command (hrm-huygens1-link):",
            "    error: Process exited with status 1: running \"sh -c '…'\":",
            "    web: link-huygens1: huygens1 does not answer ping",
            "Resources:",
            "    + 2 created",
            "    1 errored",
            "",
            "Duration: 4s",
            "",
        ]);
    });

    it("has no diagnostics where there is but what was said before", () => {
        const lines = printed.split("\n").filter(line => !/not looked at|link/.test(line) && !/^ {4}error|^$/.test(line));
        expect(screenOf(lines.join("\n")).join("\n")).not.to.match(/Diagnostics|using pulumi-resource/);
    });

    it("has errors that come before everything", () =>
        expect(screenOf("Updating (lab):\nerror: the stack is currently locked by 1 lock(s)\n")).to.deep.equal([
            "error: the stack is currently locked by 1 lock(s)",
        ]));

    it("says what a long step is doing, after some silence only", () => {
        const lines: string[] = [];
        const screen = new UpScreen(line => lines.push(line));
        screen.line(" +  command:remote:Command hrm-registry creating (1s) web: keys: waiting for the queue manager");
        const now = Date.now;
        try {
            screen.tick();
            expect(lines).to.deep.equal([]);
            Date.now = () => now() + 9000;
            screen.tick();
        } finally {
            Date.now = now;
        }
        expect(lines).to.deep.equal(["…  registry keys: waiting for the queue manager"]);
    });

    it("cuts what does not fit", () => {
        const long = `x${"y".repeat(500)}`;
        const lines = screenOf(
            ` +  command:remote:Command hrm-registry creating (0s) web: keys: ${long}\n +  command:remote:Command hrm-registry created (2s) web: keys: done`,
        );
        expect(lines[1]!.length).to.be.within(100, 150);
    });
});
