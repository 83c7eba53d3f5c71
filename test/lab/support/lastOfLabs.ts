import { labsLeft, readJournal } from "../../../lab/journal";
import { labOpen } from "../../../lab/lab";

const lines = 12;
const command = `journalctl -q --no-pager -o short -n ${lines}; logs=$(. /etc/hrm.conf 2>/dev/null && echo "$HRM_LOG")
    [ ! -e "$logs/hrm.log" ] || { echo "hrm.log:"; tail -n ${lines} "$logs/hrm.log"; echo "error_log.txt:"; tail -n ${lines} "$logs/error_log.txt"; }`;

/** The ends of the journals and of HRM's log on every host of this test file's labs: what happened there last. */
export async function lastOfLabs(): Promise<string> {
    // One that is being made has no record yet.
    const labs = await Promise.all(labsLeft(readJournal()).map(name => labOpen(name).catch(() => undefined)));
    const hosts = labs.flatMap(lab => lab ?? []).flatMap(lab => lab.hosts.map(({ name }) => ({ lab, name })));
    const said = hosts.map(async ({ lab, name }) => {
        const { stdout, stderr } = await lab
            .exec(name, command, { timeoutSeconds: 10 })
            .catch(error => ({ stdout: "", stderr: String(error.message) }));
        return `-- ${name} of lab ${lab.name}:\n${stdout || stderr}`;
    });
    return (await Promise.all(said)).join("\n");
}
