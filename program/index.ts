/** The program of the root Pulumi.yaml, for people who write no TypeScript: one cluster from the stack's configuration. */
import * as pulumi from "@pulumi/pulumi";
import { clusterFromValues, configured } from "../lib/description/fromConfig";
import { describeLab } from "./describeLab";

const namespace = pulumi.getProject();
const { lab, ...values } = configured(namespace);
// A stack with the key `lab` describes the hosts of that lab, where it says nothing else.
const cluster = clusterFromValues("hrm", namespace, { ...(lab !== undefined && describeLab(lab)), ...values });

export const { url, publicKey, servers } = cluster;
