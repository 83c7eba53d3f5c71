import type { Provider } from "../../provider/server";
import { command } from "./command";
import { copyToRemote } from "./copy";

export const commandProvider: Provider = {
    version: "1.2.1",
    resources: { "command:remote:Command": command, "command:remote:CopyToRemote": copyToRemote },
};
