import * as pulumi from "@pulumi/pulumi";
import { HrmCluster } from "pulumi-hrm";

const config = new pulumi.Config();
// The hosts as `npm run lab -- up` has made them: name, address, hostKey and, for a node, gpus.
const { web, nodes } = config.requireObject<{ web: Host; nodes: Host[] }>("hosts");
const admin = { user: "admin", privateKey: config.requireSecret("adminKey") };
const reach = ({ address, hostKey }: Host) => ({ ...admin, host: address, hostKey });

const cluster = new HrmCluster("hrm", {
    web: { host: web.name, connection: reach(web) },
    nodes: Object.fromEntries(nodes.map(node => [node.name, { connection: reach(node), gpus: node.gpus }])),
    settings: { logVerbosity: 2 },
});

export const { url, publicKey, servers } = cluster;

interface Host {
    name: string;
    address: string;
    hostKey: string;
    gpus: number[];
}
