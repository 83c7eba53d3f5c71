import { chmodSync, chownSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { StepFolder } from "../support/testStep";

describe("what only some hosts have", () => {
    let folder: StepFolder;
    beforeEach(function () {
        folder = StepFolder.of(this);
    });
    afterEach(() => folder?.remove());

    describe("a hucore that is somebody else's", () => {
        /** @param mounts what findmnt says */
        async function check(mounts: string): Promise<string> {
            const hucore = join(folder.path, "hucore");
            writeFileSync(hucore, "");
            if (process.getuid?.() === 0) chownSync(hucore, 12345, 12345);
            chmodSync(hucore, 0o775);
            const host = `findmnt() { printf '${mounts}'; }\nas() { :; }\nknow() { :; }`;
            return (await folder.run(folder.realText("hucore", { user: "hrm", hucore, node: "huygens1" }, host), "check")).stdout;
        }
        const differs = /hucore: .* belongs to .*, want it root's/;

        it("is a difference on the host's own disk", async () => expect(await check("ext4 rw,relatime\\n")).to.match(differs));
        for (const mounts of ["nfs4 rw,vers=4.2", "autofs rw,relatime\\nnfs4 rw,vers=4.2", "ext4 rw\\next4 ro,relatime"])
            it(`is none on ${mounts}`, async () => expect(await check(`${mounts}\\n`)).to.equal("hrm: checked\n"));
    });

    it("an account with a rule of sudo's that has backslashes: its difference is told whole", async () => {
        const host = `
know() { as_number=999 as_shell=/bin/sh as_home=/ as_group=999 as_user=hrm; }
know_group() { gid=999; }
getent() { :; }
id() { echo hrm; }
as() { :; }
in_sudoers() { :; }
service_of() { :; }
sudo() {
    [ "$4" = hrm ] || { echo "is not allowed"; return; }
    printf '%s\\n' "User hrm may run the following commands:" '    (CORP\\\\cadmin) NOPASSWD: ALL'
}`;
        const values = { user: "hrm", group: "hrm", powerful_groups: ["sudo"] };
        const { stdout } = await folder.run(folder.realText("account", values, host), "check");
        expect(stdout).to.contain("hrm: differs user hrm: may use sudo: (CORP\\\\cadmin) NOPASSWD: ALL");
    });
});
