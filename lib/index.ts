/** Clusters of the Huygens Remote Manager (HRM) as code. `HrmCluster` is the sum of the three other components. */
export type { ConnectionArgs, LoginArgs } from "./connection";
export type { DriftArgs } from "./drift/policy";
export { clusterFromConfig } from "./fromConfig";
export { HrmCluster, type HrmClusterArgs } from "./hrmCluster";
export { HuygensNode, type HuygensNodeArgs, type NodeArgs } from "./huygensNode";
export { type Server, ServerRegistry, type ServerRegistryArgs } from "./serverRegistry";
export type { HrmSettings } from "./settings";
export { type DatabaseArgs, type StorageArgs, type WebHostArgs, WebQueueHost, type WebQueueHostArgs } from "./webQueueHost";
