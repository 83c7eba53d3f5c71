/** What a cluster's hosts look like when they are up, read off them, as Ansible and pyinfra are told to make it. */
import type { Lab, LabHost } from "../lab";
import type { Way } from "./subject";

const hrm = "/var/www/html/hrm";
const home = "/home/hrm";
const [images, logs] = ["/data/hrm_data", "/var/log/hrm"];
const accessFolder = `${home}/.ssh/hrm-cluster.d`;

const folders = {
    web: [images, logs, `${home}/.ssh`, accessFolder, "/usr/local/lib/pulumi-hrm"],
    node: [images, `${home}/.ssh`, `${hrm}/scripts`],
};
const files = {
    web: [
        ...[
            `${hrm}/config/hrm_config.inc`,
            "/etc/hrm.conf",
            "/etc/systemd/system/hrmd.service",
            "/etc/apache2/conf-available/pulumi-hrm.conf",
            "/etc/logrotate.d/pulumi-hrm",
        ],
        ...["/usr/local/lib/pulumi-hrm/queue-manager-start.php", `${home}/.ssh/config`, `${accessFolder}/keys`, `${accessFolder}/key-1`],
    ],
    node: [`${home}/.ssh/authorized_keys`, `${hrm}/scripts/hucore.tcl`],
};

interface Place {
    path: string;
    owner: string;
    group: string;
    mode: string;
}

interface HostState {
    folders: Place[];
    files: (Place & { content: string })[];
}

export interface EndState {
    /** Of nodes, and of the web host without what is about one node. */
    hosts: Map<string, HostState>;
    /** The files on the web host that are about a node, by its name. */
    access: Map<string, HostState["files"]>;
    /** Of each row its name, path and GPU. */
    rows: string[][];
    shared: Record<string, unknown>;
}

export async function readEndState(lab: Lab): Promise<EndState> {
    const configured = await lab.run("web", `php -r 'include "${hrm}/config/hrm_config.inc"; echo "$db_name\n$db_user\n$db_password";'`);
    const [database, databaseUser, password] = configured.split("\n");
    const ask = `mariadb ${database} --batch --skip-column-names -e`;
    const sql = async (statement: string) => (await lab.run("web", `${ask} "${statement}"`)).trimEnd().split("\n");
    const [[revision], [stored]] = await Promise.all([
        sql("SELECT value FROM global_variables WHERE name = 'dbrevision'"),
        sql("SELECT password FROM username WHERE name = 'admin'"),
    ]);
    const privileges = ["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "ALTER", "INDEX"];
    const account = `'${databaseUser}'@'localhost'`;
    return {
        hosts: new Map(
            await Promise.all(lab.hosts.map(async (host): Promise<[string, HostState]> => [host.name, await readHost(lab, host)])),
        ),
        access: new Map(
            await Promise.all(
                lab.nodes.map(async ({ name }): Promise<[string, HostState["files"]]> => {
                    const about = [`${accessFolder}/${name}.conf`, `${accessFolder}/${name}.known_hosts`];
                    return [name, await read(lab, "web", about)];
                }),
            ),
        ),
        rows: (await sql("SELECT name, huscript_path, gpuId FROM server ORDER BY name")).map(row => row.split("\t")),
        shared: {
            ...{ user: "hrm", group: "hrm", home, web_user: "www-data", log_file: `${logs}/hrm.log`, revision, ask },
            ...{ db_name: database, db_user: databaseUser, db_password: password, db_privileges: privileges },
            make_database: [
                `CREATE DATABASE IF NOT EXISTS ${database} CHARACTER SET utf8;`,
                `CREATE USER IF NOT EXISTS ${account} IDENTIFIED BY '${password}';`,
                `GRANT ${privileges.join(", ")} ON ${database}.* TO ${account};`,
            ].join("\n"),
            make_schema: [
                `cd ${hrm}/setup && runuser -u hrm -- php dbupdate.php >/dev/null`,
                `chmod o-w ${logs}/*.log`,
                `${ask} 'DELETE FROM server WHERE name = "localhost"'`,
                `${ask} 'UPDATE username SET password = "${stored}", status = "a" WHERE name = "admin"'`,
            ],
        },
    };
}

async function readHost(lab: Lab, { name, role }: LabHost): Promise<HostState> {
    return {
        folders: (await read(lab, name, folders[role])).map(({ content: _, ...place }) => place),
        files: await read(lab, name, files[role]),
    };
}

async function read(lab: Lab, host: string, paths: readonly string[]): Promise<HostState["files"]> {
    const look = paths.map(path => `stat -Lc '%U %G %a' '${path}'; { [ -d '${path}' ] || base64 -w 0 '${path}'; }; echo`).join("\n");
    const lines = (await lab.run(host, look)).split("\n");
    return paths.map((path, i) => {
        const [owner = "", group = "", mode = ""] = lines[2 * i]!.split(" ");
        return { path, owner, group, mode, content: Buffer.from(lines[2 * i + 1]!, "base64").toString() };
    });
}

/** The inventory of the hosts that are described, as Ansible reads it. */
export function inventory(state: EndState, lab: Lab, nodes: readonly string[], way: Way, knownHosts: string): string {
    const reach = (host: LabHost) => ({ ansible_host: way(host), ...state.hosts.get(host.name)! });
    const rows = state.rows.filter(([name]) => nodes.includes(name!.split(" ")[0]!));
    const values = rows.map(([name, path, gpu]) => `("${name}", "${path}", "free", ${gpu})`).join(", ");
    const web = reach(lab.web);
    const all = {
        vars: {
            ...state.shared,
            ansible_user: lab.admin.user,
            ansible_ssh_private_key_file: lab.admin.privateKey,
            ansible_ssh_common_args: `-o UserKnownHostsFile=${knownHosts} -o StrictHostKeyChecking=yes`,
            known_hosts: knownHosts,
        },
        children: {
            web: {
                hosts: {
                    web: {
                        ...web,
                        files: [...web.files, ...nodes.flatMap(node => state.access.get(node)!)],
                        rows,
                        put_rows: `${state.shared.ask} 'INSERT IGNORE INTO server (name, huscript_path, status, gpuId) VALUES ${values}'`,
                    },
                },
            },
            nodes: {
                hosts: Object.fromEntries(lab.nodes.filter(({ name }) => nodes.includes(name)).map(node => [node.name, reach(node)])),
            },
        },
    };
    return JSON.stringify({ all });
}
