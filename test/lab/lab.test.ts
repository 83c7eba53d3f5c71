/** The lab itself, on real hosts: what the other lab tests rely on. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { processes } from "../../lab/cgroup";
import { type Lab, labDown, labOpen, labUp } from "../../lab/lab";
import { memoryBytes } from "../../lab/status";

const first = `t${process.pid % 100000}a`;
const second = `t${process.pid % 100000}b`;
const main = join(__dirname, "../../lab/main.js");
const log = () => {};

/** Everything on this machine that carries a lab's name: other labs may come and go meanwhile. */
function traces(name: string): string[] {
    // Only an ended process can be in a group that was removed: its number waits for this machine's first process to take note.
    const ended = /^0::.* \(deleted\)$/;
    const about = (text: string) =>
        text.split("\n").filter(line => !ended.test(line) && new RegExp(`hrm-lab[-/.]${name}\\b|lab-${name}\\b`).test(line));
    const folders = (top: string) => readdirIf(top).map(entry => join(top, entry));
    const commandLines = readdirSync("/proc")
        .filter(pid => /^\d+$/.test(pid) && Number(pid) !== process.pid)
        .map(pid => ["cmdline", "cgroup", "mountinfo"].map(file => read(`/proc/${pid}/${file}`).replaceAll("\0", " ")).join("\n"));
    return [
        ...about(readFileSync("/proc/self/mountinfo", "utf8")),
        ...about(execFileSync("ip", ["-o", "link"], { encoding: "utf8" })),
        ...about(commandLines.join("\n")),
        ...about(["/run/hrm-lab", "/run/systemd/nspawn/propagate", "/run/netns"].flatMap(folders).join("\n")),
        ...about(["unified", "systemd", "system.slice", "."].flatMap(top => readdirIf(join("/sys/fs/cgroup", top))).join("\n")),
        ...about(read("/proc/net/unix")),
    ];
}

function read(file: string): string {
    try {
        return readFileSync(file, "utf8");
    } catch {
        return "";
    }
}

function readdirIf(folder: string): string[] {
    return existsSync(folder) ? readdirSync(folder) : [];
}

function command(...args: string[]) {
    return spawnSync(process.execPath, [main, ...args], { encoding: "utf8" });
}

/** Kills the systemd-nspawn that runs a host. */
function killSupervisor(name: string, host: string): void {
    const supervisor = processes(name, host).find(pid => /^(\S*\/)?systemd-nspawn\0/.test(read(`/proc/${pid}/cmdline`)));
    process.kill(supervisor!, "SIGKILL");
}

describe("lab", function () {
    // The first call ever makes the images, which takes a minute or two.
    this.timeout(600_000);
    let lab: Lab;
    let other: Lab;
    const ssh = (host: string, ...words: string[]) => command("ssh", "--name", first, host, ...words);

    before(async () => {
        [lab, other] = await Promise.all([labUp({ name: first, gpus: [[0, 1], []], log }), labUp({ name: second, gpus: [[0]], log })]);
    });

    after(async () => {
        await Promise.all([labDown(first), labDown(second)]);
        expect([...traces(first), ...traces(second)]).to.deep.equal([]);
    });

    it("has two labs side by side on networks of their own", async () => {
        expect(lab.hosts.map(host => host.name)).to.deep.equal(["web", "huygens1", "huygens2"]);
        expect(lab.nodes.map(node => node.gpus)).to.deep.equal([[0, 1], []]);
        expect(new Set([...lab.hosts, ...other.hosts].map(host => host.address)).size).to.equal(5);
        expect((await other.run("web", "getent hosts huygens1")).split(" ")[0]).to.equal(other.host("huygens1").address);
    });

    it("starts all services, and boots quickly in little memory", async () => {
        for (const host of lab.hosts) {
            expect((await lab.run(host.name, "systemctl is-system-running")).trim(), host.name).to.equal("running");
            const seconds = Number(/= ([\d.]+)m?s/.exec(await lab.run(host.name, "systemd-analyze time"))?.[1] ?? 0);
            expect(seconds).to.be.lessThan(10_000);
        }
        expect(memoryBytes(first, "huygens1") / 1e6).to.be.within(1, 80);
        expect(memoryBytes(first, "web") / 1e6).to.be.within(20, 300);
        const begin = Date.now();
        await lab.powerOff("huygens2");
        await lab.powerOn("huygens2");
        expect(Date.now() - begin).to.be.lessThan(10_000);
    });

    it("lets admin in by ssh with the known host key, with sudo; not root", () => {
        expect(ssh("web", "id -un; sudo -n id -un").stdout).to.equal("admin\nroot\n");
        const root = spawnSync("ssh", [
            "-F",
            "none",
            "-i",
            lab.admin.privateKey,
            "-o",
            "BatchMode=yes",
            "-o",
            `UserKnownHostsFile=${join(lab.folder, "known_hosts")}`,
            `root@${lab.web.address}`,
            "true",
        ]);
        expect(root.status).to.equal(255);
        expect(String(root.stderr)).to.include("Permission denied");
        expect(statSync(lab.admin.privateKey).mode & 0o777).to.equal(0o600);
        expect(statSync(join(lab.folder, "lab.json")).mode & 0o777).to.equal(0o600);
    });

    it("offers exactly the host keys that it tells", () => {
        for (const host of lab.hosts) {
            const scanned = execFileSync("ssh-keyscan", ["-t", "ed25519,ecdsa", host.address], { encoding: "utf8", stdio: "pipe" });
            const keys = scanned
                .split("\n")
                .filter(line => line && !line.startsWith("#"))
                .map(line => line.split(" ").slice(1).join(" "));
            expect(keys.sort()).to.deep.equal([host.hostKey, host.ecdsaHostKey].sort());
        }
        expect(new Set([...lab.hosts, ...other.hosts].map(host => host.hostKey)).size).to.equal(5);
    });

    it("knows all names on all hosts, and pings as an ordinary user", async () => {
        // As in a service with NoNewPrivileges=yes, where ping's own file capability does not count.
        const plain = "setpriv --no-new-privs";
        for (const host of lab.hosts) {
            for (const target of lab.hosts) await lab.run(host.name, `${plain} ping -c 1 -w 3 ${target.name}`, { user: "nobody" });
        }
    });

    it("has identities of their own and nothing that the library is to make", async () => {
        const ids = await Promise.all(lab.hosts.map(host => lab.run(host.name, "cat /etc/machine-id; hostname")));
        expect(new Set(ids).size).to.equal(3);
        for (const host of lab.hosts)
            expect((await lab.exec(host.name, "id hrm || getent group hrm || ls -d /data /etc/hrm.conf")).code).to.not.equal(0);
        expect(await lab.run("web", "mariadb -N -e 'show databases'")).to.not.include("hrm");
        expect(await lab.run("web", "test -x /usr/local/bin/hucore && stat -c '%U:%G %a' /var/www/html/hrm")).to.equal("root:root 755\n");
    });

    it("runs commands with input, account, exit code and time limit", async () => {
        expect(await lab.run("web", "cat", { stdin: "a'b\"c$d\n" })).to.equal("a'b\"c$d\n");
        expect(await lab.run("web", "id -un; echo $HOME", { user: "admin" })).to.equal("admin\n/home/admin\n");
        expect(await lab.exec("web", "echo out; echo err >&2; exit 7")).to.deep.equal({ code: 7, stdout: "out\n", stderr: "err\n" });
        expect((await lab.exec("web", "sleep 60", { timeoutSeconds: 1 })).code).to.equal(124);
        const error = await lab.run("web", "echo because >&2; false").catch((thrown: Error) => thrown.message);
        expect(error).to.equal("web: `echo because >&2; false` failed (1): because");
        expect(command("exec", "--name", first, "web", "exit 9").status).to.equal(9);
        expect(command("exec", "--name", first, "web", "printf", "%s|", "a b", "c").stdout).to.equal("a b|c|");
    });

    it("tracks services as a real host: what a service leaves running outlives it only with KillMode=process", async () => {
        for (const [mode, seconds] of Object.entries({ process: 1234, "control-group": 1235 })) {
            const left = `sleep ${seconds}`;
            await lab.run("web", `systemd-run --quiet --unit=${mode} --property=KillMode=${mode} sh -c '${left} & exec sleep 4321'`);
            await lab.run("web", `timeout 5 sh -c 'until pgrep -xf "${left}"; do sleep 0.05; done'; systemctl stop ${mode}`);
            expect((await lab.exec("web", `pgrep -xf "${left}"`)).code, mode).to.equal(mode === "process" ? 0 : 1);
        }
    });

    it("honours RequiresMountsFor, Restart=always and timers", async () => {
        const unit = "[Unit]\nRequiresMountsFor=/srv/data\n[Service]\nExecStart=/bin/sleep 1000\nRestart=always\nRestartSec=0\n";
        await lab.run(
            "huygens1",
            "cat >/etc/systemd/system/needy.service; printf '[Mount]\\nWhat=/nowhere\\nWhere=/srv/data\\nType=ext4\\n' >/etc/systemd/system/srv-data.mount; systemctl daemon-reload",
            { stdin: unit },
        );
        expect((await lab.exec("huygens1", "systemctl start needy")).code).to.not.equal(0);
        await lab.run(
            "huygens1",
            "rm /etc/systemd/system/srv-data.mount; systemctl daemon-reload; systemctl reset-failed; systemctl start needy",
        );
        await lab.run("huygens1", "systemctl kill -s KILL needy; sleep 1; systemctl is-active needy");
        await lab.run(
            "huygens1",
            "systemd-run --quiet --on-active=0.2 --timer-property=AccuracySec=10ms touch /run/fired; timeout 5 sh -c 'until [ -e /run/fired ]; do sleep 0.1; done'",
        );
    });

    it("cuts power and brings a host back with its disk", async () => {
        await lab.run("huygens1", "echo kept >/root/kept; sync");
        await lab.powerOff("huygens1");
        expect(processes(first, "huygens1")).to.deep.equal([]);
        expect((await lab.exec("web", "ping -c 1 -w 1 huygens1")).code).to.equal(1);
        expect(ssh("huygens1", "true").status).to.equal(255);
        expect(readFileSync(join(lab.root("huygens1"), "root/kept"), "utf8")).to.equal("kept\n");
        expect(command("status", "--name", first).stdout).to.match(/huygens1 +\S+ +0,1 +down +- +-\n/);
        expect(command("exec", "--name", first, "huygens1", "true").stderr).to.equal("huygens1 is off.\n");
        await lab.powerOn("huygens1");
        expect(ssh("huygens1", "sudo cat /root/kept").stdout).to.equal("kept\n");
        await lab.run("web", "ping -c 1 -w 3 huygens1", { user: "nobody" });
    });

    it("says at once what the console says of a host that cannot boot", async () => {
        await lab.powerOff("huygens1");
        const systemd = join(lab.root("huygens1"), "usr/lib/systemd/systemd");
        renameSync(systemd, `${systemd}.away`);
        const begun = Date.now();
        const said = await lab.powerOn("huygens1").catch((error: Error) => error.message);
        const seconds = (Date.now() - begun) / 1000;
        renameSync(`${systemd}.away`, systemd);
        await lab.powerOn("huygens1");
        expect(said).to.match(/^huygens1 ended while it booted[\s\S]*systemd/);
        // Long before it would give up a host that is only slow.
        expect(seconds).to.be.below(60);
    });

    it("drops pings while ssh goes on", async () => {
        await lab.dropPing("huygens1");
        expect((await lab.exec("web", "ping -c 1 -w 1 huygens1")).code).to.equal(1);
        expect(ssh("huygens1", "true").status).to.equal(0);
        await lab.dropPing("huygens1", false);
        await lab.run("web", "ping -c 1 -w 3 huygens1");
    });

    it("shows a folder of the web host in a running node, also after a power cut", async () => {
        await lab.run("web", "mkdir -p /srv/shared && echo web >/srv/shared/from");
        await lab.bindMount("huygens2", join(lab.root("web"), "srv/shared"), "/srv/shared");
        expect(await lab.run("huygens2", "cat /srv/shared/from")).to.equal("web\n");
        await lab.run("huygens2", "echo node >/srv/shared/back");
        expect(await lab.run("web", "cat /srv/shared/back")).to.equal("node\n");
        await lab.powerOff("huygens2");
        await lab.powerOn("huygens2");
        expect(await lab.run("huygens2", "cat /srv/shared/from")).to.equal("web\n");
    });

    it("adds a node whose name every host knows", async () => {
        const added = await lab.addNode({ gpus: [3] });
        expect(added.name).to.equal("huygens3");
        for (const host of lab.hosts) await lab.run(host.name, "ping -c 1 -w 3 huygens3", { user: "nobody" });
        expect((await labOpen(first)).nodes.map(node => node.gpus)).to.deep.equal([[0, 1], [], [3]]);
        expect(ssh("huygens3", "hostname").stdout).to.equal("huygens3\n");
    });

    it("up again keeps what is there, starts what is off, and refuses another lab under the same name", async () => {
        await other.powerOff("huygens1");
        const again = await labUp({ name: second, gpus: [[0]], log });
        expect(again.hosts).to.deep.equal(other.hosts);
        await again.run("huygens1", "true");
        const refused = await labUp({ name: second, gpus: [], log }).catch((error: Error) => error.message);
        expect(refused).to.match(/exists and is another one: 1 nodes with 1 GPUs.*Take it down first/);
    });

    it("brings back a host whose systemd-nspawn was killed", async () => {
        killSupervisor(second, "huygens1");
        await sleep(100);
        expect(other.isRunning("huygens1")).to.equal(false);
        await other.powerOn("huygens1");
        await other.run("huygens1", "true");
    });
});

describe("lab: down", function () {
    this.timeout(600_000);
    const name = `t${process.pid % 100000}c`;
    const killed = async (child: ChildProcess, milliseconds: number) => {
        await sleep(milliseconds);
        child.kill("SIGKILL");
    };

    afterEach(() => labDown(name));

    it("says so when there is no such lab", () => {
        const { status, stdout } = command("down", "--name", name);
        expect([status, stdout]).to.deep.equal([0, `there is no lab named ${name}\n`]);
    });

    for (const milliseconds of [150, 250, 350, 500, 800, 1200]) {
        it(`leaves nothing of an up that was killed after ${milliseconds} ms`, async () => {
            await killed(spawn(process.execPath, [main, "up", "--name", name, "--nodes", "5"], { stdio: "ignore" }), milliseconds);
            await labDown(name);
            expect(traces(name)).to.deep.equal([]);
        });
    }

    for (const milliseconds of [200, 400, 600, 900]) {
        it(`is not needed for an up to finish what one began that was killed after ${milliseconds} ms`, async () => {
            await killed(spawn(process.execPath, [main, "up", "--name", name, "--nodes", "3"], { stdio: "ignore" }), milliseconds);
            const lab = await labUp({ name, gpus: [[0], [0], [0]], log });
            for (const host of lab.hosts) expect(command("ssh", "--name", name, host.name, "hostname").stdout).to.equal(`${host.name}\n`);
        });
    }

    it("leaves nothing when systemd-nspawn was killed, and somebody is inside", async () => {
        const lab = await labUp({ name, gpus: [[0]], log });
        void lab.exec("web", "sleep 1000");
        writeFileSync(join(lab.root("huygens1"), "root/file"), "");
        for (const host of lab.hosts) killSupervisor(name, host.name);
        const locks = lab.hosts
            .map(host => statSync(lab.root(host.name)))
            .map(({ dev, ino }) => `/run/systemd/nspawn/locks/inode-${dev}:${ino}`);
        expect([traces(name).length > 0, locks.every(existsSync)]).to.deep.equal([true, true]);
        await lab.down();
        expect(locks.filter(existsSync)).to.deep.equal([]);
        expect(traces(name)).to.deep.equal([]);
    });
});
