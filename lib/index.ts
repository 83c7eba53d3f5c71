/** Clusters of the Huygens Remote Manager (HRM) as code. `HrmCluster` is the sum of the three other components. */
export type { ConnectionArgs, LoginArgs } from "./connection";
export type { DriftArgs } from "./drift/policy";
export { clusterFromConfig } from "./fromConfig";
export { HrmCluster, type HrmClusterArgs } from "./hrmCluster";
export { HuygensNode, type HuygensNodeArgs, type NodeArgs } from "./huygensNode";
export { type Server, ServerRegistry, type ServerRegistryArgs } from "./serverRegistry";
export { Authentication, CompressExt, EmailListSeparator, type HrmSettings, LogVerbosity, OutputFormat } from "./settings";
export type { DatabaseArgs, StorageArgs, WebHostArgs, WebQueueHostArgs, WebServerArgs } from "./webHost";
export { WebQueueHost } from "./webQueueHost";
