import { createHash } from "node:crypto";
import { basename } from "node:path/posix";
import * as pulumi from "@pulumi/pulumi";
import { checkWebQueueHost } from "./description/checkWebHost";
import { claim } from "./description/claims";
import { downloadOf } from "./description/download";
import { tellOfWebHost } from "./description/facts";
import { mailOf, mailSettings } from "./description/mail";
import { phpSettings } from "./description/phpSettings";
import { settingVariables } from "./description/settings";
import { signInOf } from "./description/signIn";
import { type Site, siteOf } from "./description/site";
import { type ApplicationArgs, foldersOfOthers, powers, type WebQueueHostArgs, withDefaults } from "./description/webHost";
import { driftPolicy } from "./hosts/drift/policy";
import { declareDownload } from "./hosts/file";
import { pace } from "./hosts/pace";
import { declarePart, type Step, type StepHost } from "./hosts/part";
import type { PhpValue } from "./hosts/quote";
import { renderTemplate } from "./hosts/templates";
import { declareHuygensCore } from "./huygensCore";
import { adminPasswordOf, databaseOf, keyPairOf } from "./webHostSecrets";

/**
 * The machine with HRM's web pages, database and queue manager. Afterwards the account, folders, database, configuration, schema, ssh key and
 * service are there; the service starts with the first row of the registry (see `ServerRegistry`).
 */
export class WebQueueHost extends pulumi.ComponentResource {
    /** Address of HRM's pages. */
    public readonly url: pulumi.Output<string>;
    /** The queue manager's public key: `ssh-ed25519 AAAA… hrm-cluster`. */
    public readonly publicKey: pulumi.Output<string>;
    /** The first password of HRM's user `admin`, a secret: the one that is described, or a generated one. Who changes it on HRM's pages keeps the other one. */
    public readonly adminPassword: pulumi.Output<string>;

    /** @throws RunError with every problem of the arguments, before any host is touched */
    constructor(name: string, args: WebQueueHostArgs, opts?: pulumi.ComponentResourceOptions) {
        checkWebQueueHost(name, args);
        super("hrm:index:WebQueueHost", name, {}, opts);
        claim(name, { name: args.host, connection: args.connection, database: args.database });

        const { host: label, connection, keyVersion = 1, packages: { install } = {} } = args;
        const { user, group, webServerUser, hrmPath, imageFolder, logFolder, hucore } = withDefaults(args);
        const database = databaseOf(name, hrmPath, args.database, this);
        const adminPassword = adminPasswordOf(name, args.adminPassword, this);
        const keys = keyPairOf(name, keyVersion, args.keySeed, this);
        const site = siteOf(label, args);
        const siteUrl = site && `http${site.hasCertificate ? "s" : ""}://${site.serverName}/hrm`;
        const variables: Record<string, PhpValue> = {
            ...settingVariables(
                {
                    ...mailSettings(args.mail),
                    ...(args.signIn && { authenticateAgainst: args.signIn.methods }),
                    ...(siteUrl && { hrmUrl: siteUrl }),
                    ...args.settings,
                },
                label,
            ),
            ...derivedVariables(args),
            db_type: "mysqli",
        };
        const { host: db_host, name: db_name, user: db_user, caFile: database_ca, ca } = database;
        const logFile = String(variables.logfile);
        const [pingCommand, pingParameter] = [String(variables.ping_command), String(variables.ping_parameter)];

        const mail = mailOf(name, args.mail);

        const hrm = { user, hrm_path: hrmPath };
        const host = { label, connection, drift: driftPolicy(args.drift) };
        const identity = declarePart(
            `${name}-identity`,
            {
                host,
                about: `user ${user} in group ${group}, with ssh key ${keyVersion}`,
                steps: [
                    { step: "account", values: { user, group, ...powers } },
                    { step: "identity", values: { ...hrm, key_version: keyVersion, private_key: keys.privateKey }, undo: true },
                ],
            },
            { parent: this },
        );
        const release =
            args.application && declareRelease(name, host, { ...hrm, group }, args.application, { parent: this, dependsOn: [identity] });
        const core = declareHuygensCore(name, host, { user, group }, args.huygensCore, { parent: this, dependsOn: [identity] });
        const hrm_config = database.password.apply(db_password =>
            renderTemplate("hrm_config.inc", { ...variables, db_host, db_name, db_user, db_password, database_ca }),
        );
        const hrm_conf = renderTemplate("hrm.conf", variables);
        const signIn = signInOf(name, args.signIn);
        const directory_files = (args.settings?.authenticateAgainst ?? []).flatMap(way => directoryFiles[way] ?? []);
        const unit = renderTemplate("hrmd.service", { ...variables, restart: pace.restart, database_is_here: db_host === "localhost" });
        const pages = new URL(String(variables.hrm_url));
        const url_path = pages.pathname.replace(/\/+$/, "");
        const application = declarePart(
            name,
            {
                host,
                about: `HRM${args.application ? ` ${args.application.version}` : ""} at ${hrmPath}, its folders, database ${db_name} on ${db_host}, pages and service`,
                steps: [
                    {
                        step: "packages",
                        values: {
                            install: install === undefined ? "bare" : install ? "yes" : "no",
                            hrm_path: hrmPath,
                            database_is_here: db_host === "localhost" ? "yes" : "no",
                            programs: [
                                ...programsOf(variables),
                                // Whoever fetches something, or asks a directory, has to know whom to trust.
                                ...(release?.files.length === 0 ||
                                args.signIn ||
                                (args.huygensCore && core.files.length === 0) ||
                                (database_ca !== "" && ca === "")
                                    ? ["update-ca-certificates"]
                                    : []),
                            ],
                        },
                        // Of a slow mirror.
                        timeLimitSeconds: 3600,
                    },
                    ...(release ? [release.step] : []),
                    ...core.steps,
                    {
                        step: "folders",
                        values: {
                            user,
                            group,
                            folders: [`2770 ${imageFolder}`, `2770 ${logFolder}`],
                            hrm_path: hrmPath,
                            ...foldersOfOthers(args.storage),
                        },
                    },
                    { step: "application", values: { ...hrm, ping_command: pingCommand } },
                    {
                        step: "database",
                        values: { user, group, db_host, db_name, db_user, db_password: database.password, ca_file: database_ca, ca },
                    },
                    ...(signIn ? [{ step: "signIn" as const, values: { ...hrm, group, ...signIn } }] : []),
                    { step: "config", values: { ...hrm, group, hrm_config, hrm_conf, directory_files } },
                    {
                        step: "schema",
                        values: { ...hrm, db_host, db_name, log_folder: logFolder, admin_password: adminPassword },
                    },
                    ...(site ? [siteStep(site, { user, hrm_path: hrmPath, url_path })] : []),
                    {
                        step: "webServer",
                        values: {
                            ...{
                                user,
                                group,
                                web_user: webServerUser,
                                hrm_path: hrmPath,
                                image_folder: imageFolder,
                                log_folder: logFolder,
                            },
                            guard: args.webServer?.guard === false ? "no" : "yes",
                            has_site: site ? "yes" : "no",
                            names: [...new Set([label, pages.hostname])],
                            url_path,
                            ports: portsOf(pages, site),
                        },
                    },
                    ...(release
                        ? [
                              {
                                  step: "phpSettings" as const,
                                  values: {
                                      ...{ user, web_user: webServerUser, hrm_path: hrmPath, url: pages.href },
                                      ...{ settings: phpSettings(variables), time_zone: args.webServer?.timeZone ?? "" },
                                  },
                              },
                          ]
                        : []),
                    {
                        step: "queueManager",
                        values: {
                            ...{ user, group, log_folder: logFolder, log_file: logFile },
                            rotation: renderTemplate("logrotate", {
                                ...variables,
                                other_log: /\.(log|txt)$/.test(logFile) ? "" : `${logFolder}/${logFile} `,
                            }),
                            start_script: renderTemplate("queue-manager-start.php", { look: pace.look }),
                            unit,
                        },
                        undo: true,
                    },
                ],
            },
            { parent: this, dependsOn: [identity, ...(release?.files ?? []), ...core.files], formerly: [`${name}-queueManager`] },
        );

        tellOfWebHost(this, {
            ...{ name, host, user, group, hrmPath, imageFolder, logFolder, logFile, pingCommand, pingParameter, keyVersion },
            storage: args.storage ?? {},
            from: args.authorizedKeys?.from ?? false,
            postQuantumSsh: args.postQuantumSsh ?? false,
            // As the unit makes it of the files, when it starts.
            configuration: hrm_config.apply(config => createHash("sha256").update(unit).update(hrm_conf).update(config).digest("hex")),
            imageProcessingIsOnQueueManager: args.imageProcessingIsOnQueueManager ?? false,
            pages: release && { ...hrm, web_user: webServerUser, url: pages.href, hucore, admin_password: adminPassword },
            mail: mail && {
                ...mail,
                sender: String(variables.email_sender),
                administrator: String(variables.email_admin),
                mail_name: label,
            },
            ...{ publicKey: keys.publicKey, oldPublicKeys: keys.oldPublicKeys, publicKeys: keys.publicKeys, identity, application },
        });
        this.url = pulumi.output(String(variables.hrm_url));
        this.publicKey = keys.publicKey;
        this.adminPassword = adminPassword;
        this.registerOutputs({ url: this.url, publicKey: this.publicKey, adminPassword });
    }
}

/** The step that installs HRM, and the file that it takes, where that is brought from here. */
function declareRelease(
    name: string,
    host: StepHost,
    values: Step["values"],
    { release, sha256, version }: ApplicationArgs,
    opts: { parent: pulumi.Resource; dependsOn: pulumi.Resource[] },
) {
    return declareDownload(
        `${name}-release`,
        host,
        downloadOf(release, sha256),
        { step: "release", values: { ...values, version }, timeLimitSeconds: 1800 },
        opts,
    );
}

/** By which people come to HRM's pages; where TLS ends at a proxy elsewhere, nobody knows how that comes here. */
function portsOf({ protocol, port }: URL, site: Site | undefined): number[] {
    if (port !== "") return [Number(port)];
    return protocol === "https:" ? (site?.hasCertificate ? (site.redirects ? [80, 443] : [443]) : []) : [80];
}

function siteStep(
    { serverName: server_name, aliases, redirects, hasCertificate: has_certificate, ...pem }: Site,
    paths: Record<"user" | "hrm_path" | "url_path", string>,
): Step {
    const { user, hrm_path, url_path } = paths;
    const site = renderTemplate("site.conf", { server_name, aliases, redirects, has_certificate, hrm_path, url_path });
    return { step: "site", values: { user, server_name, site, certificate: pem.certificate, private_key: pem.privateKey } };
}

/** What the settings have HRM call besides what every HRM calls: the first word of each command. */
function programsOf({ compressBin, decompressBin, ping_command }: Record<string, PhpValue>): string[] {
    const commands = [compressBin, ...Object.values((decompressBin ?? {}) as object), ping_command].map(String);
    const words = commands.flatMap(command => command.split("\n")).map(line => line.trim().split(" ")[0]!);
    return [...new Set(words.map(word => basename(word)).filter(word => word !== "" && word !== "cd"))].sort();
}

/** What HRM reads in its folder `config` to ask a directory for its users (inc/auth of HRM 3.10). */
const directoryFiles: Record<string, string> = { ldap: "ldap_config.inc", active_dir: "active_directory_config.inc" };

/** HRM's variables that follow from the arguments, but for the database's. */
function derivedVariables(args: WebQueueHostArgs) {
    const { user, group, imageFolder, hucore, hrmPath, logFolder } = withDefaults(args);
    return {
        huygens_user: user,
        huygens_group: group,
        image_user: user,
        image_group: group,
        image_folder: imageFolder,
        // HRM looks for the marker of a finished job on the node under the web host's path, so both are the same.
        huygens_server_image_folder: imageFolder,
        local_huygens_core: hucore,
        hrm_path: hrmPath,
        logdir: logFolder,
        imageProcessingIsOnQueueManager: args.imageProcessingIsOnQueueManager ?? false,
        copy_images_to_huygens_server: !args.imageProcessingIsOnQueueManager && !args.storage?.shared,
    };
}
