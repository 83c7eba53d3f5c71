import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StepName, StepValue } from "../../../lib/hosts/stepText";
import { type Ended, isInstalled, skipLoudly, start } from "./shell";
import { stepAlone } from "./stepAlone";

/** Runs steps in a folder of their own instead of /run and /var/lib, so that no root is needed. */
export class StepFolder {
    readonly path = mkdtempSync(join(tmpdir(), "pulumi-hrm-step-"));

    /** For a test, which is skipped where steps cannot run. */
    static of(test: Mocha.Context): StepFolder {
        if (!isInstalled("flock")) skipLoudly(test, "there is no flock here, as on macOS; steps run on Linux hosts");
        return new StepFolder();
    }

    remove(): void {
        rmSync(this.path, { recursive: true, force: true });
    }

    private here(text: string): string {
        const replaced = text
            .replace(/^\d+\n/, "")
            .replace("\nstate=/var/lib/pulumi-hrm\n", `\nstate=${this.path}/state\n`)
            .replace("\nlocks=/run/pulumi-hrm\n", `\nlocks=${this.path}/locks\n`);
        if (replaced.includes("=/var/lib/pulumi-hrm") || replaced.includes("=/run/pulumi-hrm"))
            throw new Error("the prelude's folders are named otherwise");
        return replaced;
    }

    /** A small step of a test, with the real prelude. @param functions its `check` and `ensure` */
    text(functions: string, values: Record<string, StepValue> = {}): string {
        const text = stepAlone({
            step: "folders",
            host: "web",
            declaredBy: "project/stack/step",
            timeLimitSeconds: 5,
            values: { folder: this.path, ...values },
        });
        // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
        const begin = text.indexOf(': "${user:?}"');
        const end = text.lastIndexOf('main "$@"');
        if (begin < 0) throw new Error("the step folders begins otherwise");
        return this.here(`${text.slice(0, begin)}${functions}\n${text.slice(end)}`);
    }

    /** A real step, in which some functions are the test's. */
    realText(step: StepName, values: Record<string, StepValue>, functions: string): string {
        const text = stepAlone({ step, host: "web", declaredBy: "project/stack/step", timeLimitSeconds: 5, values });
        const end = text.lastIndexOf('main "$@"');
        return this.here(`${text.slice(0, end)}${functions}\n${text.slice(end)}`);
    }

    run(text: string, verb: "check" | "ensure" | "undo"): Promise<Ended> {
        return start("sh", ["-s", verb], text).ended;
    }
}
