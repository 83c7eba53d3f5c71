// As many commands as a cluster has steps, on the same hosts and in the same order, each of which does nothing.
const { readFileSync } = require("node:fs");
const pulumi = require("@pulumi/pulumi");
const { remote } = require("@pulumi/command");

const declared = new Map();
for (const { name, after, ...args } of JSON.parse(readFileSync(new pulumi.Config().require("commands"), "utf8"))) {
    const dependsOn = after.map(earlier => declared.get(earlier));
    declared.set(name, new remote.Command(name, { ...args, create: "true" }, { dependsOn }));
}
