import * as pulumi from "@pulumi/pulumi";
import { type ApplicationArgs, HrmCluster } from "pulumi-hrm";

const config = new pulumi.Config();
// The hosts as `npm run lab -- up` has made them: name, address, hostKey and, for a node, gpus.
const { web, nodes } = config.requireObject<{ web: Host; nodes: Host[] }>("hosts");
// HRM's release, for a web host on which nothing is installed yet.
const application = config.getObject<ApplicationArgs>("application");
const admin = { user: "admin", privateKey: config.requireSecret("adminKey") };
const reach = ({ address, hostKey }: Host) => ({ ...admin, host: address, hostKey });

const cluster = new HrmCluster("hrm", {
    web: { host: web.name, connection: reach(web), application },
    nodes: Object.fromEntries(nodes.map(node => [node.name, { connection: reach(node), gpus: node.gpus }])),
    settings: { logVerbosity: 2 },
});

export const { url, publicKey, adminPassword, servers } = cluster;

interface Host {
    name: string;
    address: string;
    hostKey: string;
    gpus: number[];
}
