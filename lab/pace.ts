/** How the stand-in HRM waits: `lab/hrm/inc/Pace.php` reads it, and goes as HRM does where nothing is said. Real HRM knows nothing of it. */
export interface Pace {
    /** Seconds for which nodes are left alone while nothing changes in queue and registry. HRM has no such pause. */
    idle?: number;
    /** 1: a running job is looked at as soon as its ssh client has ended. HRM looks once in 5 seconds. */
    collect_early?: number;
    /** Seconds after which the process number of a job is read. HRM: 1. */
    pid?: number;
    /** Seconds after which a template that cannot be written is tried again. HRM: 15. */
    template?: number;
}

/** For tests that are not about HRM's own pace. */
export const quickPace: Pace = { idle: 10, collect_early: 1, pid: 0, template: 3 };

/** The file of a web host, as PHP's parse_ini_file reads it. */
export const paceFile = "etc/hrm-stand-in";

export function paceText(pace: Pace): string {
    return Object.entries(pace)
        .map(([name, value]) => `${name} = ${value}\n`)
        .join("");
}
