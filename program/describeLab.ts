import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { LabError } from "../lab/command";
import { Lab, type LabHost } from "../lab/lab";
import { checkName } from "../lab/names";
import { readState } from "../lab/state";

/**
 * The description of a lab's hosts (`npm run lab -- up`), from the lab's own files: names, addresses, host keys, GPUs and the administrator's key.
 * @throws RunError where there is no such lab
 */
export function describeLab(name: unknown): Record<string, unknown> {
    const lab = openLab(String(name));
    return {
        admin: { user: lab.admin.user, privateKey: readFileSync(lab.admin.privateKey, "utf8") },
        web: { host: lab.web.name, connection: reach(lab.web) },
        nodes: Object.fromEntries(lab.nodes.map(node => [node.name, { connection: reach(node), gpus: node.gpus }])),
    };
}

function openLab(name: string): Lab {
    try {
        const state = readState(checkName(name));
        if (state) return new Lab(state);
        throw new LabError(`There is no lab named ${name}. Make it with: npm run lab -- up --name ${name}`);
    } catch (error) {
        throw error instanceof LabError ? new pulumi.RunError(error.message) : error;
    }
}

function reach({ address, hostKey }: LabHost) {
    return { host: address, hostKey };
}
