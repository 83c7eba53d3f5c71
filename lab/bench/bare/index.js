// As many commands as a cluster has steps, on the same hosts and in the same order, each of which does nothing.
const pulumi = require("@pulumi/pulumi");
const { remote } = require("@pulumi/command");

const declared = new Map();
for (const { name, after, ...args } of new pulumi.Config().requireObject("commands")) {
    const dependsOn = after.map(earlier => declared.get(earlier));
    declared.set(name, new remote.Command(name, { ...args, create: "true" }, { dependsOn }));
}
