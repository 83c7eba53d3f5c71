<?php

declare(strict_types=1);

namespace hrm;

/** What must be in order before the queue manager's loop begins. Each failure is one line in the log, and the end, with exit code 0. */
final class Startup
{
    private const LEVELS = ['iFacePrim', 'iFaceScnd', 'pinhole', 'chanCnt', 'imagingDir', 'pinholeSpacing', 'objQuality', 'lambdaEx', 'lambdaEm',
        'mType', 'NA', 'RIMedia', 'RILens', 'photonCnt', 'exBeamFill', 'stedMode', 'stedLambda', 'stedSatFact', 'stedImmunity', 'sted3D'];

    public static function succeeds(): bool
    {
        Servers::freeAll();
        Log::info('Huygens Remote Manager started on ' . date('Y-m-d H:i:s'));
        if (!self::makeWebFolders()) {
            return self::refuse('The upload and download folders do not exist or are not writable!');
        }
        $first = Servers::first();
        if ($first === null) {
            return self::refuse('There are no processing servers configured in the database!');
        }
        JobQueue::cleanUp();
        return self::askFirstRow(new HuCore(explode(' ', $first['name'])[0], $first['huscript_path']));
    }

    private static function refuse(string $reason): bool
    {
        Log::error("$reason The Queue Manager was shut down!");
        return false;
    }

    private static function makeWebFolders(): bool
    {
        $wanted = [
            '.hrm_downloads' => Config::isOn('allowHttpTransfer'),
            '.hrm_chunks' => Config::isOn('allowHttpUpload'),
            '.hrm_files' => Config::isOn('allowHttpUpload'),
        ];
        foreach (array_keys(array_filter($wanted)) as $name) {
            $folder = Config::text('image_folder') . "/$name";
            if (!is_dir($folder) && !@mkdir($folder, 0775)) {
                Log::error("Error creating $folder");
                return false;
            }
            @chmod($folder, 0775);
            if (!is_writable($folder)) {
                return false;
            }
        }
        return true;
    }

    private static function askFirstRow(HuCore $hucore): bool
    {
        $version = $hucore->ask('reportVersionNumberAsInteger', 'version');
        if ($version === null) {
            return self::refuse('An error occurred while reading HuCore version.');
        }
        Database::run("REPLACE INTO global_variables VALUES ('huversion', ?)", $version);
        Log::info("HuCore version = $version");

        $license = $hucore->ask('reportHuCoreLicense', 'license');
        if ($license === null) {
            return self::refuse('An error occurred while saving HuCore license details.');
        }
        self::storeLicense($license);

        $formats = $hucore->ask('reportFormatInfo', 'formatInfo');
        if ($formats === null || !self::storeConfidenceLevels($formats)) {
            return self::refuse('An error occurred while storing the confidence levels in the database.');
        }
        Log::info('Successfully updated confidence levels in the database.');
        return true;
    }

    private static function storeLicense(string $features): void
    {
        Database::run('DELETE FROM hucore_license');
        foreach (explode(' ', $features) as $feature) {
            $isServer = in_array($feature, ['desktop', 'small', 'medium', 'large', 'extreme'], true);
            Database::run('INSERT INTO hucore_license VALUES (?)', $isServer ? "server=$feature" : $feature);
        }
        Log::info('Successfully updated license details in the database.');
    }

    /** The answer is a list `FORMAT {sampleSizes {L L L L} iFacePrim {L} … sted3D {L}} …`; a format without one of the names spoils it all. */
    private static function storeConfidenceLevels(string $answer): bool
    {
        foreach (explode('<cut> ', str_replace('}}', '}}<cut>', $answer)) as $text) {
            if (!preg_match('/^(\w{2,16}) \{sampleSizes \{(\w+) (\w+) (\w+) (\w+)\}/', $text, $start)) {
                Log::error('Could not parse confidence levels!');
                return false;
            }
            $values = array_slice($start, 1);
            foreach (self::LEVELS as $name) {
                if (!preg_match("/ $name \{(asIs|reported|estimated|default|verified)\}/", $text, $level)) {
                    Log::error("Could not find confidence level for file format $start[1] and parameter $name!");
                    return false;
                }
                $values[] = $level[1];
            }
            Database::run('REPLACE INTO confidence_levels VALUES (' . implode(', ', array_fill(0, count($values), '?')) . ')', ...$values);
        }
        return true;
    }
}
