import { type Arguments, type Form, plain, trueOrFalse, wholeNumber } from "../../description/arguments";

/** How hosts are looked at for changes that somebody made by hand. */
export interface DriftArgs {
    /** Whether they are looked at. The environment variable HRM_DRIFT=off turns it off as well. @default true */
    check?: boolean;
    /** Whether a host that cannot be looked at is a failure, for nightly jobs. HRM_DRIFT=strict turns it on as well. @default false */
    strict?: boolean;
    /** Seconds in which a host has to let us in. @default 3 */
    connectSeconds?: number;
    /** Seconds for each check. @default 10 */
    checkSeconds?: number;
}

export type DriftPolicy = Required<DriftArgs>;

export function driftPolicy(args: DriftArgs = {}): DriftPolicy {
    const { check = true, strict = false, connectSeconds = 3, checkSeconds = 10 } = args;
    const mode = process.env.HRM_DRIFT;
    return { check: check && mode !== "off", strict: strict || mode === "strict", connectSeconds, checkSeconds };
}

export const driftForm: Form<DriftArgs> = {
    check: plain(trueOrFalse),
    strict: plain(trueOrFalse),
    connectSeconds: plain(wholeNumber(1, 600)),
    checkSeconds: plain(wholeNumber(1, 600)),
};

export function checkDriftMode(args: Arguments): void {
    const mode = process.env.HRM_DRIFT;
    if (mode && !["on", "off", "strict"].includes(mode))
        args.add("drift", `the environment variable HRM_DRIFT is '${mode.slice(0, 20)}', want on, off or strict`);
}
