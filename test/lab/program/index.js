// The cluster that a lab test describes, as it stands in the stack's configuration.
const pulumi = require("@pulumi/pulumi");
// Of an earlier version, for the test of upgrades.
const library = process.env.HRM_TEST_LIBRARY || "pulumi-hrm";
const { HrmCluster } = require(library);
const { pace } = require(`${library}/dist/lib/hosts/pace`);

// Not what the library does by itself, so that tests which are not about its pauses need not sit through them.
const quick = { look: 0.3, settle: 0.7, quietLooks: 8, quietLooksBeside: 15, silence: 5, death: 20, login: 20, restart: 2, idle: 1 };
if (process.env.HRM_TEST_PACE !== "real") Object.assign(pace, quick);

const config = new pulumi.Config();
const privateKey = config.requireSecret("adminKey");
const password = config.getSecret("databasePassword");
const keySeed = config.getSecret("keySeed");
const { name = "hrm", web, nodes, ...rest } = config.requireObject("cluster");

// The administrator's key, unless the description says otherwise.
const login = ({ password, agentSocketPath, ...given }) => {
    const own = given.privateKey ?? password ?? agentSocketPath;
    return { user: "admin", ...(own === undefined && { privateKey }), ...given, password, agentSocketPath };
};
// A node that is the web host itself has no connection.
const withLogin = ({ connection, ...host }) => ({
    ...host,
    ...(connection && { connection: { ...login(connection), ...(connection.proxy && { proxy: login(connection.proxy) }) } }),
});
const cluster = new HrmCluster(name, {
    web: { ...withLogin(web), ...(password && { database: { ...web.database, password } }), keySeed },
    nodes: Object.fromEntries(Object.entries(nodes).map(([name, node]) => [name, withLogin(node)])),
    ...rest,
});

exports.url = cluster.url;
exports.publicKey = cluster.publicKey;
exports.servers = cluster.servers;
exports.adminPassword = cluster.adminPassword;
