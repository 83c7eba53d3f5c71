/** Stand-in for the provider plugin `pulumi-resource-command`: see engine/README.md. */
import { serve } from "../../provider/server";
import { command } from "./command";
import { copyToRemote } from "./copy";

void serve({ version: "1.2.1", resources: { "command:remote:Command": command, "command:remote:CopyToRemote": copyToRemote } });
