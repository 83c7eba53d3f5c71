import * as pulumi from "@pulumi/pulumi";
import { clusterFromConfig } from "pulumi-hrm";

// Pulumi.example.yaml has the description, under `hrm:`; other values of this program's own have the project's namespace as usual.
const cluster = clusterFromConfig("hrm", new pulumi.Config("hrm"));

export const { url, publicKey, servers } = cluster;
