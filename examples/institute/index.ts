import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { HrmCluster } from "pulumi-hrm";

// pulumi config set --secret adminKey < KEYFILE, and so on.
const config = new pulumi.Config();
const admin = { user: "admin", privateKey: config.requireSecret("adminKey") };

const cluster = new HrmCluster("hrm", {
    // Bare Debian hosts, but for sshd, sudo and the driver of the GPUs.
    web: {
        host: "hrm.example.org",
        connection: { ...admin, hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILFylylNpVsfAf1JQ5GXi1bXBwJBip3zuVZiGSrPOA0n" },
        application: { release: "hrm_3.10.0.zip", version: "3.10.0" },
        webServer: {
            serverName: "hrm.example.org",
            https: { certificate: readFileSync("hrm.example.org.pem", "utf8"), privateKey: config.requireSecret("webServerKey") },
        },
        signIn: {
            methods: ["ldap", "integrated"],
            ldap: {
                host: "ldap.example.org",
                root: "dc=example,dc=org",
                userSearchDn: "ou=people",
                manager: "hrm",
                managerOu: "ou=services",
                password: config.requireSecret("ldapPassword"),
                authorizedGroups: ["imaging"],
            },
            testUser: "alice",
        },
        mail: {
            relay: { host: "mail.example.org", user: "hrm", password: config.requireSecret("mailPassword") },
            sender: "hrm@example.org",
            administrator: "facility@example.org",
        },
    },
    huygensCore: { package: "huygens_24.10.0_amd64.deb", licence: config.requireSecret("huygensLicence") },
    nodes: {
        huygens1: {
            connection: {
                ...admin,
                host: "192.0.2.11",
                hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL03cUi6LjdzgRW7ght3TpR4CwWKo/XCp7yi5IQqoTbf",
            },
            gpus: [0, 1],
        },
        huygens2: {
            connection: {
                ...admin,
                host: "192.0.2.12",
                hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIy+QqXGU5/g3pKqIpPYLIOWSK6mPheWO9xafZb5FqkL",
            },
            gpus: [0],
        },
    },
    settings: { maxUploadLimit: 4096, maxPostLimit: 4096 },
});

export const { url, adminPassword, servers } = cluster;
