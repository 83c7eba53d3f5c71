import type { Provider } from "../../provider/server";
import { randomBytes } from "./bytes";
import { randomPassword } from "./password";

export const randomProvider: Provider = {
    version: "4.21.2",
    resources: { "random:index/randomBytes:RandomBytes": randomBytes, "random:index/randomPassword:RandomPassword": randomPassword },
};
