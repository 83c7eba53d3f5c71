/** What came of looking at a host: its differences and what follows of their repair, or why there is no answer. */
export type Finding =
    | { checked: true; differences: string[]; follows: string[] }
    | { checked: false; why: string /** where it is not this host's fault */; host?: string };

/**
 * Reads what `check` wrote. Only an exit code of 0 with nothing but the protocol's lines, the last one `hrm: checked`, is an answer: a greeting,
 * a refused sudo or a script that was cut off must count neither as "in sync" nor as "differs".
 */
export function readCheck(code: number | undefined, stdout: string, stderr: string): Finding {
    const lines = stdout.split("\n").filter(line => line !== "");
    const unreachable = lines.map(line => /^hrm: unreachable ([A-Za-z0-9.-]{1,180})(?: (.*))?$/.exec(line)).find(Boolean);
    if (unreachable) {
        const [, host, words] = unreachable;
        return { checked: false, why: `the queue manager's ssh does not get there${words ? `: ${printable(words)}` : ""}`, host };
    }
    const said = lines.slice(0, -1).map(line => /^hrm: (differs|follows) (.+)$/.exec(line));
    if (code === 0 && lines.at(-1) === "hrm: checked" && said.every(line => line !== null)) {
        const all = (kind: string) => said.flatMap(([, is, text]) => (is === kind ? [printable(text as string)] : []));
        return { checked: true, differences: all("differs"), follows: all("follows") };
    }
    if (isOver(code)) return { checked: false, why: "a check did not end in its time (drift.checkSeconds)" };
    const unexpected = printable(lines.find(line => !line.startsWith("hrm: ")) ?? stderr);
    const end = `the check ended ${code === undefined ? "without an answer" : `with ${code}`}`;
    return { checked: false, why: unexpected ? `${end}: ${unexpected}` : end };
}

/** From limit.sh: ended by its first signal, or by its last. */
function isOver(code: number | undefined): boolean {
    return code === 143 || code === 137;
}

/** Whether a check ended by itself because of something that it did not expect: not when its time was over, nor for want of another host (`unreachable`, 3). */
export function isFailure(code: number | undefined): boolean {
    return code !== undefined && code !== 0 && code !== 3 && !isOver(code);
}

/** Text that a host sent, on one line, without control characters and Pulumi's colours (`<{%bold%}>`, fatal where unknown), short enough for a message. */
export function printable(text: string): string {
    return text
        .trim()
        .replace(/\s+/g, " ")
        .replace(/[^ -~]/g, "?")
        .replaceAll("<{%", "<?%")
        .slice(0, 200);
}
