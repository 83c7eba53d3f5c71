// The cluster that a lab test describes, as it stands in the stack's configuration.
const pulumi = require("@pulumi/pulumi");
const { HrmCluster } = require("pulumi-hrm");

const config = new pulumi.Config();
const privateKey = config.requireSecret("adminKey");
const password = config.getSecret("databasePassword");
const keySeed = config.getSecret("keySeed");
const { web, nodes, ...rest } = config.requireObject("cluster");

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
const cluster = new HrmCluster("hrm", {
    web: { ...withLogin(web), ...(password && { database: { ...web.database, password } }), keySeed },
    nodes: Object.fromEntries(Object.entries(nodes).map(([name, node]) => [name, withLogin(node)])),
    ...rest,
});

exports.url = cluster.url;
exports.publicKey = cluster.publicKey;
exports.servers = cluster.servers;
