import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { stepSource } from "../support/steps";
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

    /** What a function of lib/steps leaves in a variable. */
    function left(file: string, name: string, call: string, variable: string): string[] {
        const functionOf = (file: string, name: string) => new RegExp(`^${name}\\(\\) \\{\\n[^]*?^\\}\\n`, "m").exec(stepSource(file))![0];
        const text = functionOf("files", "among") + functionOf(file, name);
        const script = `set -eu\nnewline='\n' tab='\t'\n${text.replaceAll("/etc/", `${folder.path}/`)}${call}\nprintf %s "$${variable}"`;
        const { stdout, stderr } = spawnSync("sh", ["-c", script], { encoding: "utf8" });
        expect(stderr).to.equal("");
        return stdout.split("\n").filter(line => line !== "");
    }

    it("files of sudo's that include others, themselves too: each is read once, and none that sudo passes over", () => {
        const at = (name: string) => join(folder.path, name);
        mkdirSync(at("sudoers.d"));
        const texts = {
            sudoers: `Defaults env_reset\n#include ${at("other")}\n@includedir "sudoers.d"  \n# include ${at("comment")}\n@include gone`,
            other: `@include ${at("sudoers")}\n@include ${at("with space")}\n`,
            "with space": "",
            comment: "",
            "sudoers.d/a": "#includedir sudoers.d",
            "sudoers.d/b.bak": "",
            "sudoers.d/c~": "",
        };
        for (const [name, text] of Object.entries(texts)) writeFileSync(at(name), text);
        expect(left("sudo", "know_sudoers", "know_sudoers", "sudoers")).to.deep.equal(
            ["sudoers", "other", "with space", "sudoers.d/a"].map(at),
        );
    });

    it("where something is mounted: what fstab mounts by itself or at the first look, as it is spelt", () => {
        const fstab = join(folder.path, "fstab");
        const lines = [
            ...[
                "# /dev/sdz /old ext4 defaults 0 0",
                "",
                "UUID=1 / ext4 errors=remount-ro 0 1",
                "tmpfs /nothing",
                "/dev/sdb1\t/data/hrm\\0402  xfs  nofail 0 2",
            ],
            ...["nas:/x /srv/x nfs noauto,ro 0 0", "nas:/y /srv/y nfs noauto,x-systemd.automount", "  /dev/sdc1 /last ext4 defaults"],
        ];
        writeFileSync(fstab, lines.join("\n"));
        expect(left("mounts", "find_mounts", `find_mounts <${fstab}`, "mounts")).to.deep.equal(["/", "/data/hrm 2", "/srv/y", "/last"]);
    });
});
