import { expect } from "chai";
import { Authentication, CompressExt, type HrmSettings, LogVerbosity } from "../../lib";
import { derivedVariables, removedVariables, settingTable, settingVariables } from "../../lib/description/settings";
import { readPhpFile } from "./support/literals";
import { isInstalled, runScript } from "./support/shell";
import { exampleSteps } from "./support/steps";

// As HRM 3.10's resources/checkConfig.php wants them.
const mandatory =
    `db_type db_host db_name db_user db_password huygens_user huygens_group local_huygens_core image_host image_user image_group
    image_folder image_source image_destination huygens_server_image_folder allowHttpTransfer allowHttpUpload max_upload_limit max_post_limit
    compressExt compressBin packExcludePath dlMimeType decompressBin hrm_url hrm_path log_verbosity logdir logfile logfile_max_size send_mail
    email_sender email_admin email_list_separator authenticateAgainst imageProcessingIsOnQueueManager copy_images_to_huygens_server
    useThumbnails genThumbnails movieMaxSize saveSfpPreviews maxComparisonSize ping_command ping_parameter omero_transfers
    default_output_format min_free_mem_launch_requirement`.split(/\s+/);

const removed = `internal_link external_link adodb enableUserAdmin allow_reservation_users resultImagesOwnedByUser resultImagesRenamed
    runningLocation convertBin enable_code_for_huygens change_ownership useDESEncryption`.split(/\s+/);

/** What the compiler refuses is an error here where it does not. */
const typed: HrmSettings[] = [
    // @ts-expect-error
    { logVerbosity: 7 },
    // @ts-expect-error
    { compressExt: ".rar" },
    // @ts-expect-error
    { emailListSeparator: "|" },
    // @ts-expect-error
    { authenticateAgainst: ["kerberos"] },
    // @ts-expect-error
    { defaultOutputFormat: "tiff" },
    { logVerbosity: LogVerbosity.Debugging, compressExt: CompressExt.TarGz, authenticateAgainst: ["ldap", Authentication.Integrated] },
];

async function installed() {
    const { values } = (await exampleSteps()).find(({ step }) => step === "config")!;
    return { config: readPhpFile(values.hrm_config!), conf: values.hrm_conf! };
}

describe("settings", () => {
    it("HRM's configuration sets the mandatory variables, each once, and no other", async () => {
        const { config } = await installed();
        expect(mandatory).to.have.lengthOf(47);
        expect([...config.keys()]).to.have.members(mandatory);
    });

    it("knows the variables that HRM has removed", () => expect(removedVariables).to.have.members(removed));

    it("each variable is a setting or follows from other arguments", () => {
        const settings = Object.values(settingTable).map(({ variable }) => variable);
        expect([...settings, ...Object.keys(derivedVariables)]).to.have.members(mandatory);
    });

    it("has the defaults of HRM's sample, but a ping that is quick and paced", async () => {
        const { config } = await installed();
        expect(Object.fromEntries(config)).to.deep.include({
            db_type: "mysqli",
            compressBin: "cd %DEST%\n/usr/bin/zip -0 ",
            decompressBin: {
                zip: "cd %DEST%\n/usr/bin/unzip -o ",
                tgz: "cd %DEST%\n/usr/bin/tar xzf ",
                tar: "cd %DEST%\n/usr/bin/tar xf ",
                "tar.gz": "cd %DEST%\n/usr/bin/tar xzf ",
            },
            authenticateAgainst: ["integrated"],
            hrm_url: "http://hrm.example.org/hrm",
            email_admin: "hrm@hrm.example.org",
            ping_command: "ping -c 2 -i 0.5 -w 3",
            ping_parameter: "",
        });
    });

    it("describes nodes that are other machines, with the image folder at the same path", async () => {
        const { config } = await installed();
        expect(config.get("imageProcessingIsOnQueueManager")).to.equal(false);
        expect(config.get("copy_images_to_huygens_server")).to.equal(true);
        expect(config.get("huygens_server_image_folder")).to.equal(config.get("image_folder"));
    });

    it("a setting that is undefined has its default", () =>
        expect(settingVariables({ logVerbosity: undefined, sendMail: false }, "web")).to.deep.include({
            log_verbosity: 1,
            send_mail: false,
        }));

    it("hrm.conf is a shell file that agrees with hrm_config.inc", async () => {
        const { config, conf } = await installed();
        if (isInstalled("bash")) runScript(conf, "bash", ["-n"]);
        const names = ["HRM_HOME", "HRM_DATA", "HRM_SOURCE", "HRM_DEST", "SUSER", "HRM_LOG", "FILE_MODE"];
        const values = runScript(`${conf}\nprintf '%s\\0' ${names.map(name => `"$${name}"`).join(" ")}`).split("\0");
        const variables = ["hrm_path", "image_folder", "image_source", "image_destination", "huygens_user", "logdir"];
        expect(values.slice(0, -1)).to.deep.equal([...variables.map(name => config.get(name)), "0775"]);
    });

    it("have types by which an editor refuses other values, and constants for them", () =>
        expect(typed.at(-1)).to.deep.equal({ logVerbosity: 3, compressExt: ".tar.gz", authenticateAgainst: ["ldap", "integrated"] }));
});
