import * as pulumi from "@pulumi/pulumi";
import { HuygensNode, ServerRegistry, WebQueueHost } from "pulumi-hrm";

const config = new pulumi.Config();
const admin = { user: "admin", privateKey: config.requireSecret("adminKey") };

const web = new WebQueueHost("web", {
    host: "hrm.example.org",
    connection: { ...admin, hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILFylylNpVsfAf1JQ5GXi1bXBwJBip3zuVZiGSrPOA0n" },
    imageFolder: "/srv/images",
});

// From a list here, as they might come from another part of the program.
const hostKeys = {
    huygens1: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL03cUi6LjdzgRW7ghT3TpR4CwWKo/XCp7yi5IQqoTbf",
    huygens2: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIy+QqXGU5/g3pKqIpPYLIOWSK6mPheWO9xafZb5FqkL",
};
const nodes = Object.entries(hostKeys).map(
    ([name, hostKey]) =>
        new HuygensNode(name, {
            webQueueHost: web,
            connection: { ...admin, host: `${name}.example.org`, hostKey },
            gpus: [0],
        }),
);

// HRM sends jobs to the nodes that are in its registry, and to no other.
const registry = new ServerRegistry("registry", { webQueueHost: web, nodes });

export const { url, publicKey } = web;
export const { servers } = registry;
