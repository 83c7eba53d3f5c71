import { renderPart, type StepText } from "../../../lib/hosts/stepText";
import { readPartText } from "./literals";

/** The text of a step, as the shell of its part puts it together. */
export function stepAlone(step: StepText): string {
    return readPartText(renderPart([step])).steps[0]!.text;
}
