<?php

declare(strict_types=1);

namespace hrm;

/** One image to be deconvolved: a row of job_queue and its row of job_files. */
final class Job
{
    private const EXTENSIONS = ['ics' => 'ics', 'ics2' => 'ics', 'hdf5' => 'h5', 'r3d' => 'r3d', 'ome' => 'ome'];

    public function __construct(
        public readonly string $id,
        public readonly string $user,
        public readonly string $file,
        public string $server = '',
        public int $pid = 0,
    ) {
    }

    public function sourceFolder(): string
    {
        return Config::text('image_folder') . "/$this->user/" . Config::text('image_source');
    }

    public function destinationFolder(): string
    {
        return Config::text('image_folder') . "/$this->user/" . Config::text('image_destination');
    }

    public function nodeSourceFolder(): string
    {
        return Config::text('huygens_server_image_folder') . "/$this->user/" . Config::text('image_source');
    }

    public function nodeDestinationFolder(): string
    {
        return Config::text('huygens_server_image_folder') . "/$this->user/" . Config::text('image_destination');
    }

    /** HRM calls a user's file area reachable when both folders exist. */
    public function hasFolders(): bool
    {
        clearstatcache();
        return file_exists($this->sourceFolder()) && file_exists($this->destinationFolder());
    }

    public function templateName(): string
    {
        return ".hrm_$this->id.hgsb";
    }

    /** The result's name without extension. */
    public function resultRoot(): string
    {
        return pathinfo($this->file, PATHINFO_FILENAME) . "_{$this->id}_hrm";
    }

    public function resultName(): string
    {
        return $this->resultRoot() . '.' . (self::EXTENSIONS[Config::text('default_output_format')] ?? 'ics');
    }

    /**
     * What hucore writes last. HRM looks for it on the node under the web host's path, so both image folders should be the same.
     */
    public function finishedMarker(): string
    {
        return $this->destinationFolder() . '/' . $this->resultRoot() . '.hgsb';
    }

    /** The output of what runs on a node for this job; $kind is 'out' or 'error'. */
    public function logName(string $kind): string
    {
        return "{$this->server}_{$this->id}_$kind.txt";
    }

    /** A Huygens batch template with the entries of HRM's that the stand-in hucore reads. */
    public function template(int $gpu): string
    {
        $format = Config::text('default_output_format');
        return "info {title {Batch Processing template} version 2.4 templateName batch_$this->id}\n"
            . "taskList {setEnv  taskID:0}\n"
            . "setEnv {resultDir {{$this->nodeDestinationFolder()}} exportFormat {type $format multidir 0 cmode scale} gpuDevice $gpu}\n"
            . ' taskID:0 {info {state readyToRun} taskList {imgOpen imgSave}'
            . " imgOpen {path {{$this->nodeSourceFolder()}/$this->file} series off index 0} imgSave {rootName {{$this->resultRoot()}}}}\n";
    }
}
