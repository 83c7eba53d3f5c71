import type { Lab } from "../../../lab/lab";
import { untilSeen } from "./until";

/** A program on a host whose calls with a certain text among their arguments wait until they are let go. */
export class Held {
    private constructor(
        private readonly lab: Lab,
        private readonly host: string,
    ) {}

    /** @param program absolute path; a script takes its place, and stays there after `release` */
    static async hold(lab: Lab, host: string, program: string, call: string): Promise<Held> {
        const script = `#!/bin/sh
case "$*" in *'${call}'*) ;; *) exec ${program}.real "$@" ;; esac
echo begin >>/run/held/calls
while [ ! -e /run/held/go ]; do sleep 0.05; done
${program}.real "$@"
status=$?
echo end >>/run/held/calls
exit $status
`;
        // Removed and made anew, not written into, since the folder is everybody's: the files must be, too.
        await lab.run(host, "mkdir -p -m 0777 /run/held; rm -f /run/held/go; umask 0; : >/run/held/calls");
        // There is no moment without the program, which others use meanwhile.
        const put = `cat >${program}.new && chmod 0755 ${program}.new && cp -p ${program} ${program}.real && mv -f ${program}.new ${program}`;
        await lab.run(host, put, { stdin: script });
        return new Held(lab, host);
    }

    /** Resolves when a call waits. */
    async reached(): Promise<void> {
        await untilSeen(
            `a call on ${this.host} to wait`,
            () => this.calls(),
            seen => seen.includes("begin"),
            300,
        );
    }

    async release(): Promise<void> {
        await this.lab.run(this.host, "touch /run/held/go");
    }

    /** `begin` and `end` of each such call. */
    async calls(): Promise<string[]> {
        return (await this.lab.run(this.host, "cat /run/held/calls")).split("\n").filter(line => line !== "");
    }
}
