<?php

/** php checkConfig.php FILE: does FILE set what HRM 3.10 needs? The exit code is 0 whatever it finds. */

declare(strict_types=1);

require_once __DIR__ . '/../inc/bootstrap.php';

const MANDATORY = [
    'db_type', 'db_host', 'db_name', 'db_user', 'db_password', 'huygens_user', 'huygens_group', 'local_huygens_core', 'image_host', 'image_user',
    'image_group', 'image_folder', 'image_source', 'image_destination', 'huygens_server_image_folder', 'allowHttpTransfer', 'allowHttpUpload',
    'max_upload_limit', 'max_post_limit', 'compressExt', 'compressBin', 'packExcludePath', 'dlMimeType', 'decompressBin', 'hrm_url', 'hrm_path',
    'log_verbosity', 'logdir', 'logfile', 'logfile_max_size', 'send_mail', 'email_sender', 'email_admin', 'email_list_separator',
    'authenticateAgainst', 'imageProcessingIsOnQueueManager', 'copy_images_to_huygens_server', 'useThumbnails', 'genThumbnails', 'movieMaxSize',
    'saveSfpPreviews', 'maxComparisonSize', 'ping_command', 'ping_parameter', 'omero_transfers', 'default_output_format',
    'min_free_mem_launch_requirement',
];
const REMOVED = [
    'internal_link', 'external_link', 'adodb', 'enableUserAdmin', 'allow_reservation_users', 'resultImagesOwnedByUser', 'resultImagesRenamed',
    'runningLocation', 'convertBin', 'enable_code_for_huygens', 'change_ownership', 'useDESEncryption',
];

/** @return array<string, mixed> the variables that the file sets */
function variablesOf(string $file): array
{
    include $file;
    return get_defined_vars();
}

/** @return list<string> */
function problemsOf(array $variables): array
{
    $problems = [];
    foreach (MANDATORY as $name) {
        if (!isset($variables[$name])) {
            $problems[] = "variable $name not set or empty.";
        }
    }
    foreach (REMOVED as $name) {
        if (isset($variables[$name])) {
            $problems[] = "variable $name must be removed from the configuration files!";
        }
    }
    if (!is_array($variables['authenticateAgainst'] ?? null)) {
        $problems[] = "variable 'authenticateAgainst' must be an array!";
    }
    return $problems;
}

if ($argc !== 2) {
    echo "\nUsage: php checkConfig.php /path/to/config/file\n\n";
    return;
}
if (!file_exists($argv[1])) {
    echo "File $argv[1] not found!\n\n";
    return;
}
echo 'Checking against HRM v' . hrm\System::getHRMVersionAsString() . ".\n";
$problems = problemsOf(variablesOf($argv[1]));
foreach ($problems as $problem) {
    echo "* * * Error: $problem\n";
}
echo $problems === []
    ? "Check completed successfully! Your configuration file is valid!\n"
    : "Check completed with errors! Please fix your configuration!\n";
