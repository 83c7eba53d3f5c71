/** Stand-in for the provider plugin `pulumi-resource-random`: see engine/README.md. */
import { serve } from "../../provider/server";
import { randomBytes } from "./bytes";
import { randomPassword } from "./password";

void serve({
    version: "4.21.2",
    resources: { "random:index/randomBytes:RandomBytes": randomBytes, "random:index/randomPassword:RandomPassword": randomPassword },
});
