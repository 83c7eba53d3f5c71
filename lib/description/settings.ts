import type { PhpValue } from "../hosts/quote";

/** How much the queue manager writes to its log. */
export const LogVerbosity = { Errors: 0, Warnings: 1, Information: 2, Debugging: 3 } as const;
export type LogVerbosity = (typeof LogVerbosity)[keyof typeof LogVerbosity];

/** Kinds of archives for downloads. */
export const CompressExt = { Zip: ".zip", Tgz: ".tgz", Tar: ".tar", TarGz: ".tar.gz" } as const;
export type CompressExt = (typeof CompressExt)[keyof typeof CompressExt];

/** Between the addresses of a mail to several people. */
export const EmailListSeparator = { Comma: ",", Semicolon: ";" } as const;
export type EmailListSeparator = (typeof EmailListSeparator)[keyof typeof EmailListSeparator];

/** Who tells whether a password is right. */
export const Authentication = { Integrated: "integrated", ActiveDirectory: "active_dir", Ldap: "ldap" } as const;
export type Authentication = (typeof Authentication)[keyof typeof Authentication];

/** File formats of results. */
export const OutputFormat = { Ics: "ics", Ics2: "ics2", Hdf5: "hdf5", R3d: "r3d", Ome: "ome" } as const;
export type OutputFormat = (typeof OutputFormat)[keyof typeof OutputFormat];

/**
 * HRM's configuration variables that are a matter of taste or of the site; the others follow from the rest of the description.
 * Each has the name of HRM's variable, in camel case, and the default of HRM's sample configuration where nothing else is said.
 */
export interface HrmSettings {
    /** Host that holds the images, as the web host reaches it. @default "localhost" */
    imageHost?: string;
    /** Sub-folder of a user's folder for raw images. @default "src" */
    imageSource?: string;
    /** Sub-folder of a user's folder for results. @default "dst" */
    imageDestination?: string;
    /** Whether users may download results with the browser. @default true */
    allowHttpTransfer?: boolean;
    /** Whether users may upload images with the browser. @default true */
    allowHttpUpload?: boolean;
    /** Largest file that can be uploaded, in MB; 0 leaves it to PHP. @default 0 */
    maxUploadLimit?: number;
    /** Largest POST request, in MB; 0 leaves it to PHP. @default 0 */
    maxPostLimit?: number;
    /** Kind of archive for downloads: ".zip", ".tgz", ".tar" or ".tar.gz". `compressBin` has to fit. @default ".zip" */
    compressExt?: CompressExt;
    /** Archiver, with `%DEST%` for the user's folder and a newline between commands. @default "cd %DEST%\n/usr/bin/zip -0 " */
    compressBin?: string;
    /** Whether archives hold no paths, only files. @default true */
    packExcludePath?: boolean;
    /** MIME type with which a browser gets a download. @default "application/x-force-download" */
    dlMimeType?: string;
    /** Unpackers by extension, with `%DEST%` as in `compressBin`. @default unzip and tar for zip, tgz, tar and tar.gz @example { zip: "cd %DEST%\n/usr/bin/unzip -o " } */
    decompressBin?: Record<string, string>;
    /** Address of HRM's pages. @default "http://HOST/hrm", HOST being the web host @example "https://hrm.example.org/hrm" */
    hrmUrl?: string;
    /** 0 errors, 1 warnings, 2 information, 3 debugging. @default 1 */
    logVerbosity?: LogVerbosity;
    /** Name of the log file in the log folder. @default "hrm.log" */
    logfile?: string;
    /** Size in MB from which HRM's logs are rotated before their week is over. @default 100 */
    logfileMaxSize?: number;
    /** Whether users get a mail when a job has ended. @default true */
    sendMail?: boolean;
    /** Sender of mails. @default "hrm@HOST" */
    emailSender?: string;
    /** Where mails for the administrator go. @default "hrm@HOST" */
    emailAdmin?: string;
    /** "," or ";". @default "," */
    emailListSeparator?: EmailListSeparator;
    /** How users log in, the first being the default: "integrated", "active_dir", "ldap". @default ["integrated"] */
    authenticateAgainst?: Authentication[];
    /** Whether pages show thumbnails of images. @default true */
    useThumbnails?: boolean;
    /** Whether thumbnails are made. @default true */
    genThumbnails?: boolean;
    /** Largest side of preview movies, in pixels; 0 makes none. @default 300 */
    movieMaxSize?: number;
    /** Whether previews as simulated fluorescence projections are made. @default true */
    saveSfpPreviews?: boolean;
    /** Largest side of images in comparisons, in pixels. @default 300 */
    maxComparisonSize?: number;
    /** How a node is pinged before each job. A ping that does not pace itself makes the queue manager spin. @default "ping -c 2 -i 0.5 -w 3" */
    pingCommand?: string;
    /** What follows the name of the node. @default "" */
    pingParameter?: string;
    /** Whether images can be exchanged with OMERO. @default false */
    omeroTransfers?: boolean;
    /** "ics", "ics2", "hdf5", "r3d" or "ome". @default "ics" */
    defaultOutputFormat?: OutputFormat;
    /** In MB. It has no effect in HRM 3.10, by a bug of HRM's. @default 0 */
    minFreeMemLaunchRequirement?: number;
}

export type SettingKind = "string" | "boolean" | "number" | "strings" | "map";

interface Setting {
    /** HRM's name. */
    variable: string;
    kind: SettingKind;
    oneOf?: readonly (string | number)[];
    /** From the name of the web host. */
    default: (webHost: string) => PhpValue;
}

const setting = (variable: string, kind: SettingKind, value: PhpValue, oneOf?: readonly (string | number)[]): Setting => ({
    variable,
    kind,
    oneOf,
    default: () => value,
});

const inFolder = (command: string) => `cd %DEST%\n${command} `;

export const settingTable: Record<keyof HrmSettings, Setting> = {
    imageHost: setting("image_host", "string", "localhost"),
    imageSource: setting("image_source", "string", "src"),
    imageDestination: setting("image_destination", "string", "dst"),
    allowHttpTransfer: setting("allowHttpTransfer", "boolean", true),
    allowHttpUpload: setting("allowHttpUpload", "boolean", true),
    maxUploadLimit: setting("max_upload_limit", "number", 0),
    maxPostLimit: setting("max_post_limit", "number", 0),
    compressExt: setting("compressExt", "string", ".zip", Object.values(CompressExt)),
    compressBin: setting("compressBin", "string", inFolder("/usr/bin/zip -0")),
    packExcludePath: setting("packExcludePath", "boolean", true),
    dlMimeType: setting("dlMimeType", "string", "application/x-force-download"),
    decompressBin: setting("decompressBin", "map", {
        zip: inFolder("/usr/bin/unzip -o"),
        tgz: inFolder("/usr/bin/tar xzf"),
        tar: inFolder("/usr/bin/tar xf"),
        "tar.gz": inFolder("/usr/bin/tar xzf"),
    }),
    hrmUrl: { variable: "hrm_url", kind: "string", default: webHost => `http://${webHost}/hrm` },
    logVerbosity: setting("log_verbosity", "number", 1, Object.values(LogVerbosity)),
    logfile: setting("logfile", "string", "hrm.log"),
    logfileMaxSize: setting("logfile_max_size", "number", 100),
    sendMail: setting("send_mail", "boolean", true),
    emailSender: { variable: "email_sender", kind: "string", default: webHost => `hrm@${webHost}` },
    emailAdmin: { variable: "email_admin", kind: "string", default: webHost => `hrm@${webHost}` },
    emailListSeparator: setting("email_list_separator", "string", ",", Object.values(EmailListSeparator)),
    authenticateAgainst: setting("authenticateAgainst", "strings", ["integrated"], Object.values(Authentication)),
    useThumbnails: setting("useThumbnails", "boolean", true),
    genThumbnails: setting("genThumbnails", "boolean", true),
    movieMaxSize: setting("movieMaxSize", "number", 300),
    saveSfpPreviews: setting("saveSfpPreviews", "boolean", true),
    maxComparisonSize: setting("maxComparisonSize", "number", 300),
    // HRM's sample, `ping -w 4`, takes 4 s for each of several pings before a job; `ping -c 1` makes the idle queue manager spin.
    pingCommand: setting("ping_command", "string", "ping -c 2 -i 0.5 -w 3"),
    pingParameter: setting("ping_parameter", "string", ""),
    omeroTransfers: setting("omero_transfers", "boolean", false),
    defaultOutputFormat: setting("default_output_format", "string", "ics", Object.values(OutputFormat)),
    minFreeMemLaunchRequirement: setting("min_free_mem_launch_requirement", "number", 0),
};

/** HRM's variables that follow from other arguments, and which. */
export const derivedVariables: Record<string, string> = {
    db_type: "it is mysqli",
    db_host: "set web.database.host",
    db_name: "set web.database.name",
    db_user: "set web.database.user",
    db_password: "set web.database.password",
    huygens_user: "set web.user",
    huygens_group: "set web.group",
    image_user: "set web.user",
    image_group: "set web.group",
    local_huygens_core: "set web.hucore",
    image_folder: "set web.imageFolder",
    huygens_server_image_folder: "set web.imageFolder, which HRM expects on the nodes too",
    hrm_path: "set web.hrmPath",
    logdir: "set web.logFolder",
    imageProcessingIsOnQueueManager: "it follows from the nodes",
    copy_images_to_huygens_server: "it follows from the nodes",
};

/** Variables that HRM removed; its `checkConfig.php` refuses a configuration that sets one. */
export const removedVariables: readonly string[] = [
    "internal_link",
    "external_link",
    "adodb",
    "enableUserAdmin",
    "allow_reservation_users",
    "resultImagesOwnedByUser",
    "resultImagesRenamed",
    "runningLocation",
    "convertBin",
    "enable_code_for_huygens",
    "change_ownership",
    "useDESEncryption",
];

/** HRM's variables with the given settings, or their defaults. */
export function settingVariables(settings: HrmSettings, webHost: string): Record<string, PhpValue> {
    return Object.fromEntries(
        Object.entries(settingTable).map(([key, { variable, default: byDefault }]) => [
            variable,
            settings[key as keyof HrmSettings] ?? byDefault(webHost),
        ]),
    );
}
