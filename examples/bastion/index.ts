import * as pulumi from "@pulumi/pulumi";
import { HrmCluster } from "pulumi-hrm";

const config = new pulumi.Config();

// Pulumi reaches the hosts through the bastion; the queue manager on the web host reaches the nodes directly, as always.
const admin = {
    user: "admin",
    privateKey: config.requireSecret("adminKey"),
    proxy: {
        host: "bastion.example.org",
        user: "jump",
        privateKey: config.requireSecret("bastionKey"),
        hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB0OJ9PvuJLN9MLQhcn1Il4HFzIfSQVu2BNgm4zRi9QO",
    },
};

const cluster = new HrmCluster("hrm", {
    web: {
        host: "hrm.example.org",
        connection: {
            ...admin,
            host: "10.0.0.10",
            hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILFylylNpVsfAf1JQ5GXi1bXBwJBip3zuVZiGSrPOA0n",
        },
    },
    nodes: {
        huygens1: {
            connection: {
                ...admin,
                host: "10.0.0.11",
                hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL03cUi6LjdzgRW7ghT3TpR4CwWKo/XCp7yi5IQqoTbf",
            },
            gpus: [0, 1],
        },
    },
});

export const { url, publicKey, servers } = cluster;
