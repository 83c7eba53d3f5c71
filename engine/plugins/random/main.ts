/** Stand-in for the provider plugin `pulumi-resource-random`: see engine/README.md. */
import { serve } from "../../provider/server";
import { randomProvider } from "./provider";

void serve(randomProvider);
