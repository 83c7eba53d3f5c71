/** Clusters of the Huygens Remote Manager (HRM) as code. `HrmCluster` is the sum of the three other components. */

export { clusterFromConfig } from "./description/fromConfig";
export type { HuygensCoreArgs } from "./description/huygensCore";
export type { MailArgs, MailRelayArgs } from "./description/mail";
export { Authentication, CompressExt, EmailListSeparator, type HrmSettings, LogVerbosity, OutputFormat } from "./description/settings";
export type { ActiveDirectoryArgs, LdapArgs, SignInArgs } from "./description/signIn";
export type {
    ApplicationArgs,
    AuthorizedKeysArgs,
    DatabaseArgs,
    DatabaseTlsArgs,
    HttpsArgs,
    PackagesArgs,
    StorageArgs,
    WebHostArgs,
    WebQueueHostArgs,
    WebServerArgs,
} from "./description/webHost";
export type { ConnectionArgs, LoginArgs } from "./hosts/connection";
export type { DriftArgs } from "./hosts/drift/policy";
export { HrmCluster, type HrmClusterArgs } from "./hrmCluster";
export { HuygensNode, type HuygensNodeArgs, type NodeArgs } from "./huygensNode";
export { type Server, ServerRegistry, type ServerRegistryArgs } from "./serverRegistry";
export { WebQueueHost } from "./webQueueHost";
