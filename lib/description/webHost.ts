import type * as pulumi from "@pulumi/pulumi";
import type { ConnectionArgs } from "../hosts/connection";
import type { DriftArgs } from "../hosts/drift/policy";
import type { HuygensCoreArgs } from "./huygensCore";
import type { MailArgs } from "./mail";
import type { HrmSettings } from "./settings";
import type { SignInArgs } from "./signIn";
import { powerfulGroups, programFolders, systemFolders } from "./systemNames";

/** HRM's database. Without arguments: MariaDB on the web host, with a generated password. */
export interface DatabaseArgs {
    /** Where it runs. On another host than "localhost" it must exist, with the user and the privileges. @default "localhost" */
    host?: string;
    /** Its name. @default "hrm" */
    name?: string;
    /** HRM's user in the database. @default "hrm" */
    user?: string;
    /** A secret: any text without control characters. @default a generated one @example config.requireSecret("databasePassword") */
    password?: pulumi.Input<string>;
    /**
     * TLS to a database on another host, for HRM and for this library; the server's certificate has to be made out to `host`. HRM itself has no setting for it, so
     * `hrm_config.inc` gets the hook of ADOdb, HRM's library for databases (`$ADODB_NEWCONNECTION`). @default none: password and data travel in plain text
     */
    tls?: DatabaseTlsArgs;
}

/** TLS to HRM's database. */
export interface DatabaseTlsArgs {
    /** PEM: the authority of the server's certificate. @default those that the web host trusts @example readFileSync("database-ca.pem", "utf8") */
    ca?: string;
}

/**
 * A release of HRM for this library to install where there is no HRM yet. It is unpacked beside `hrmPath`, in `HRM_PATH.d/VERSION-CHECKSUM`, and `hrmPath` becomes a link to
 * it. The site's own files (`config/`, `user/login_user.inc`, `css/custom.css`, `images/logo_custom.png`, `images/hrm_custom.ico`, `bin/ome_hrm.py` and edited `.htaccess`
 * files) live in `HRM_PATH.d/site`, linked into it. An HRM that somebody has put at `hrmPath` stays as it is, and has to be of this version.
 */
export interface ApplicationArgs {
    /**
     * HRM's release, a zip file with HRM's PHP libraries (`vendor/`): a path on the machine that runs Pulumi, from the folder in which the program runs; or an address from
     * which the web host fetches it, `https://` without a user and a password. @example "hrm_3.10.0.zip"
     */
    release: string;
    /**
     * SHA-256 of the zip file, 64 hexadecimal digits, without which nothing is unpacked. @default that of the file, where it is on the machine that runs Pulumi; for an address
     * it is required @example "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
     */
    sha256?: string;
    /** HRM's version, three numbers, as its `inc/System.php` has it (HRM_VERSION_MAJOR, …). @example "3.10.0" */
    version: string;
}

/** What becomes of programs that HRM needs and that are not there. */
export interface PackagesArgs {
    /**
     * Whether they are installed, by one run of `apt-get` without questions that upgrades and removes nothing: Apache, PHP with its extensions, MariaDB where the database
     * is on the web host, archivers. Otherwise `up` fails where something is missing, with the command to run. On Debian and Ubuntu; elsewhere it always fails.
     * @default true where there is no HRM at `hrmPath` yet: a host with an HRM is its administrator's
     */
    install?: boolean;
}

/** What becomes of the web server on the web host. */
export interface WebServerArgs {
    /**
     * Whether, where Apache is, a file of our own in its configuration closes HRM's inner folders (`config/`, `inc/`, `setup/`, …) for every site. Otherwise, and
     * with other web servers, `up` only looks whether they are closed, and fails with the lines to add where they are not. @default true
     */
    guard?: boolean;
    /**
     * Name of a site of our own in Apache, which shows HRM's pages: a virtual host beside those that are there. Apache has to be as Debian has it. @default none; `host`, where
     * one of the three arguments after this is given @example "hrm.example.org"
     */
    serverName?: string;
    /** Other names of that site. @default none @example ["deconvolution.example.org"] */
    aliases?: string[];
    /** Its certificate. Without one it is asked over HTTP alone. @default none */
    https?: HttpsArgs;
    /** Whether who comes over HTTP is sent to HTTPS. @default true where there is a certificate */
    redirectHttp?: boolean;
    /** Time zone of PHP, as tz names it, where `application` is described. @default the host's @example "Europe/Zurich" */
    timeZone?: string;
}

/** Certificate and key of HRM's pages. */
export interface HttpsArgs {
    /** PEM: the certificate, which has to be valid and made out to each of the site's names, then those of who has signed it, but for the root. @example readFileSync("fullchain.pem", "utf8") */
    certificate: pulumi.Input<string>;
    /** PEM, without a passphrase, of that certificate; a secret. @example config.requireSecret("hrmKey") */
    privateKey: pulumi.Input<string>;
}

/** How the queue manager's key is authorised on the nodes. */
export interface AuthorizedKeysArgs {
    /**
     * Whether the key opens a node from the web host's addresses alone, as the node's sshd sees them when the node proves itself (OpenSSH's `from=`). A web host that
     * gets another address is locked out then, until this is `false` for one `up`. @default false
     */
    from?: boolean;
}

/** The web host, as it stands in the description of a cluster. */
export interface WebHostArgs {
    /** Its DNS name, for people and links. @example "hrm.example.org" */
    host: string;
    /** How the administrator logs in. */
    connection: ConnectionArgs;
    /** HRM's account: the queue manager runs as it here, and hucore on the nodes. @default "hrm" */
    user?: string;
    /** Its group, which the web server's user joins. @default "hrm" */
    group?: string;
    /** User of the web server. @default "www-data" */
    webServerUser?: string;
    /** Where HRM is. Absolute; the nodes get `scripts/hucore.tcl` at the same path. @default "/var/www/html/hrm" */
    hrmPath?: string;
    /** The users' images, here and on the nodes. Absolute. @default "/data/hrm_data" */
    imageFolder?: string;
    /** HRM's log files. Absolute. @default "/var/log/hrm" */
    logFolder?: string;
    /** Huygens Core on this host, for previews; the free reader licence will do. @default "/usr/local/bin/hucore" */
    hucore?: string;
    /** Huygens Core's package and licence for this host. @default none: somebody else has installed what `hucore` names */
    huygensCore?: HuygensCoreArgs;
    /** A release of HRM to install at `hrmPath`. @default none: HRM is there already */
    application?: ApplicationArgs;
    /** Programs that HRM needs and that are not there. @default they are installed where HRM is not there yet */
    packages?: PackagesArgs;
    /** HRM's database. @default MariaDB on this host, with a generated password */
    database?: DatabaseArgs;
    /** How HRM's pages are shown, and its inner folders kept off the web. @default no site of our own; where Apache is, HRM's inner folders are closed for every site */
    webServer?: WebServerArgs;
    /** Who may log in to HRM's pages. @default `settings.authenticateAgainst`, with files that somebody else has written */
    signIn?: SignInArgs;
    /** How HRM's mails leave this host. @default nobody looks after that */
    mail?: MailArgs;
    /** How the queue manager's key is authorised on the nodes. @default from any address */
    authorizedKeys?: AuthorizedKeysArgs;
    /**
     * Whether the queue manager's ssh prefers the key exchange that OpenSSH prefers, which withstands quantum computers, too (sntrup761, mlkem768). It takes most of a
     * login's time, of which HRM gives a node one second; without it, curve25519 is preferred. @default false
     */
    postQuantumSsh?: boolean;
    /**
     * Password of HRM's user `admin`, which takes the place of the one that every HRM begins with, and never of another: 8 characters to 72 bytes, 5 of them different, without
     * blanks, control characters and `& < > " '`, with which HRM's login page lets nobody in.
     * @default a generated one, in the output `adminPassword`
     * @example config.requireSecret("hrmAdminPassword")
     */
    adminPassword?: pulumi.Input<string>;
    /**
     * Secret text of at least 32 characters, none of them a blank, from which the queue manager's ssh keys are computed. Kept outside of Pulumi's
     * state, it brings back the same keys should the state be lost. @default a generated one, in the state
     * @example config.requireSecret("keySeed")
     */
    keySeed?: pulumi.Input<string>;
}

/** Where the images of users are. */
export interface StorageArgs {
    /**
     * Whether the image folder is on storage that all hosts share (NFS): nothing is copied then. Without it HRM copies images to the nodes, each
     * of which has an image folder of its own. @default false
     */
    shared?: boolean;
    /**
     * The image folder and log folder, where they are to become HRM's though they hold files already and belong to somebody else: the folder itself gets the
     * account and the group as its owner, what is inside stays as it is. Without its name here `up` refuses such a folder. @default none
     * @example ["/data/hrm_data"]
     */
    takeOver?: string[];
    /**
     * What has to be free in the image folder of each node, in GiB, where a job's images are copied to: a whole number from 0. With less `up` fails, and a preview differs.
     * @default 1
     */
    minFreeGb?: number;
}

/** The web host with what stands beside it in the description of a cluster. */
export interface WebQueueHostArgs extends WebHostArgs {
    /** HRM's configuration, where it differs from HRM's sample. @default HRM's sample @example { logVerbosity: 2 } */
    settings?: HrmSettings;
    /** Version of the queue manager's ssh key, from 1. The next number rotates the key. @default 1 */
    keyVersion?: number;
    /** Where the images of users are. @default a folder on each host */
    storage?: StorageArgs;
    /** Whether this host is its own and only node, which is named `localhost` then. @default false */
    imageProcessingIsOnQueueManager?: boolean;
    /** How this host and its nodes are looked at for changes that somebody made by hand. @default with each preview and `up` */
    drift?: DriftArgs;
}

/** Names and paths on the web host. */
export const defaults = {
    ...{ user: "hrm", group: "hrm", webServerUser: "www-data" },
    ...{ hrmPath: "/var/www/html/hrm", imageFolder: "/data/hrm_data", logFolder: "/var/log/hrm", hucore: "/usr/local/bin/hucore" },
};

export function withDefaults(args: WebQueueHostArgs): typeof defaults {
    const names = Object.keys(defaults) as (keyof typeof defaults)[];
    return Object.fromEntries(names.map(name => [name, args[name] ?? defaults[name]])) as typeof defaults;
}

/** What the step `account` needs to tell an account that can be HRM's. */
export const powers = { powerful_groups: powerfulGroups };

/** What the step `folders` needs to leave the folders of others alone. */
export const foldersOfOthers = (storage: StorageArgs = {}) => ({
    system_folders: systemFolders,
    program_folders: programFolders,
    take_over: storage.takeOver ?? [],
});
