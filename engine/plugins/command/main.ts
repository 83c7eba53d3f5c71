/** Stand-in for the provider plugin `pulumi-resource-command`: see engine/README.md. */
import { serve } from "../../provider/server";
import { commandProvider } from "./provider";

void serve(commandProvider);
