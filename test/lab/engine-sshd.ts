/** A throw-away sshd on a lab's web host, beside the host's own: its own port, host key and settings. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Lab } from "../../lab/lab";

const FOLDER = "/run/engine-test";

export class Sshd {
    readonly port = 2222;
    readonly address: string;
    readonly privateKey: string;
    /** The private key with the passphrase "open". */
    readonly lockedKey: string;
    /** A key that is not authorised. */
    readonly otherKey: string;
    readonly hostKey: string;
    readonly otherHostKey: string;
    /** A folder on this machine with the files `user` and `host` (private keys) and their `.pub`. */
    readonly keys = mkdtempSync(join(tmpdir(), "engine-sshd-"));
    readonly #lab: Lab;

    constructor(lab: Lab) {
        this.#lab = lab;
        this.address = lab.web.address;
        for (const name of ["user", "host", "other"]) {
            execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(this.keys, name)]);
        }
        execFileSync("cp", [join(this.keys, "user"), join(this.keys, "locked")]);
        execFileSync("ssh-keygen", ["-q", "-p", "-P", "", "-N", "open", "-f", join(this.keys, "locked")]);
        const read = (name: string) => readFileSync(join(this.keys, name), "utf8");
        this.privateKey = read("user");
        this.lockedKey = read("locked");
        this.otherKey = read("other");
        this.hostKey = read("host.pub").trim();
        this.otherHostKey = read("other.pub").trim();
    }

    /** What a Command needs to log in as root. */
    get connection() {
        return { host: this.address, port: this.port, user: "root", privateKey: this.privateKey, hostKey: this.hostKey };
    }

    /** @param settings lines of sshd_config that stand before the usual ones, and so win */
    async start(settings = ""): Promise<void> {
        const config = `${settings}
            Port ${this.port}
            HostKey ${FOLDER}/host
            AuthorizedKeysFile ${FOLDER}/user.pub
            PasswordAuthentication no
            StrictModes no
            UsePAM no
            PermitRootLogin yes
            PidFile ${FOLDER}/pid
            Subsystem sftp internal-sftp
        `;
        await this.shell(`mkdir -p ${FOLDER} /run/sshd && chmod 755 ${FOLDER}`);
        await this.shell(`cat > ${FOLDER}/user.pub`, readFileSync(join(this.keys, "user.pub"), "utf8"));
        await this.shell(`umask 077; cat > ${FOLDER}/host`, readFileSync(join(this.keys, "host"), "utf8"));
        await this.shell(`cat > ${FOLDER}/sshd_config`, config);
        await this.shell(`setsid /usr/sbin/sshd -E ${FOLDER}/log -f ${FOLDER}/sshd_config </dev/null`);
        await this.shell(`for i in $(seq 50); do test -s ${FOLDER}/pid && exit 0; sleep 0.1; done; cat ${FOLDER}/log >&2; exit 1`);
    }

    /** Stops listening and ends what runs in its sessions. */
    async stop(): Promise<void> {
        await this.shell(`if [ -s ${FOLDER}/pid ]; then kill "$(cat ${FOLDER}/pid)"; while [ -e ${FOLDER}/pid ]; do sleep 0.05; done; fi`);
    }

    async restart(settings = ""): Promise<void> {
        await this.stop();
        await this.start(settings);
    }

    /** A command on the host, not over ssh. */
    shell(command: string, stdin = ""): Promise<string> {
        return this.#lab.run("web", command, { stdin });
    }

    async log(): Promise<string> {
        return this.shell(`cat ${FOLDER}/log`);
    }

    remove(): void {
        rmSync(this.keys, { recursive: true, force: true });
    }
}
