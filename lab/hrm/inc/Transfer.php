<?php

declare(strict_types=1);

namespace hrm;

/** Copy mode: a job's files to the node, its results back, and the node tidied up. As in HRM, nothing here looks at an exit code. */
final class Transfer
{
    /** The finished marker and the result are what decides, later, whether this worked. */
    public static function toNode(Job $job, Node $node): void
    {
        Log::info('Copying images to IP server');
        [$source, $destination] = [Config::text('image_source'), Config::text('image_destination')];
        $batch = 'cd "' . Config::text('huygens_server_image_folder') . "\"\n"
            . "-mkdir \"$job->user\"\ncd \"$job->user\"\n-mkdir \"$source\"\ncd \"$source\"\n"
            . "put \"{$job->sourceFolder()}/{$job->templateName()}\"\nput \"{$job->sourceFolder()}/$job->file\"\n"
            . "cd ..\n-mkdir \"$destination\"\nquit\n";
        $file = Config::text('image_folder') . "/$job->user/batchfile_$job->id";
        file_put_contents($file, $batch);
        exec("sftp -b $file {$node->address()}");
        unlink($file);
        Log::info('images copied to IP server');
    }

    public static function marker(Job $job, Node $node): void
    {
        exec('(cd ' . $job->destinationFolder() . " && scp {$node->address()}:{$job->finishedMarker()} .)");
    }

    public static function results(Job $job, Node $node): void
    {
        $folder = $job->destinationFolder();
        $image = $job->nodeDestinationFolder() . '/' . str_replace('.ics', '.i*s', $job->resultName()) . '*';
        $previews = $job->nodeDestinationFolder() . "/hrm_previews/*{$job->id}_hrm*";
        exec('mkdir -p ' . escapeshellarg("$folder/hrm_previews"));
        exec('(cd ' . escapeshellarg($folder) . " && scp {$node->address()}:" . escapeshellarg($image) . ' .)');
        exec('(cd ' . escapeshellarg("$folder/hrm_previews") . " && scp {$node->address()}:" . escapeshellarg($previews) . ' .)');
    }

    /** The results only: source images stay on the node, as with HRM. Nothing is done where the node has the web host's own name. */
    public static function cleanNode(Job $job, Node $node): void
    {
        if (strcasecmp($node->host, (string) gethostname()) === 0) {
            return;
        }
        $find = "find {$job->nodeDestinationFolder()}/ -name '*$job->id*' -delete;";
        $node->start($find, "{$job->server}_remote_cleanup_out.txt", "{$job->server}_remote_cleanup_error.txt");
    }
}
