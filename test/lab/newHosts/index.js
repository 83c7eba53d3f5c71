// A cluster whose node is made by the same program: what a cloud would tell of it (here, the configuration) is unknown until it is there.
const pulumi = require("@pulumi/pulumi");
const random = require("@pulumi/random");
const { HrmCluster } = require("pulumi-hrm");

const config = new pulumi.Config();
const admin = { user: "admin", privateKey: config.requireSecret("adminKey") };
const { web, node } = config.requireObject("hosts");

const machine = new random.RandomPassword("machine", { length: config.requireNumber("machine") });
const toldBy = (resource, value) => resource.id.apply(() => value);

const cluster = new HrmCluster("hrm", {
    web: { host: "web", connection: { ...admin, ...web } },
    nodes: { huygens1: { connection: { ...admin, host: toldBy(machine, node.host), hostKey: toldBy(machine, node.hostKey) } } },
});

exports.servers = cluster.servers;
