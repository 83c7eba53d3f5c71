<?php

declare(strict_types=1);

namespace hrm;

/** The loop that sends queued jobs to free server rows and collects what is done, one thing at a time. */
final class QueueManager
{
    /** HRM's loop has no pause of its own but for its pings, and spins when there is nothing to ping; this keeps the stand-in from it. */
    private const PAUSE_MICROSECONDS = 200_000;
    private const SECONDS_BETWEEN_POLLS = 5;

    public function run(): void
    {
        if (!Startup::succeeds()) {
            return;
        }
        $this->logStatus();
        while (JobQueue::switch() !== 'off') {
            usleep(self::PAUSE_MICROSECONDS);
            $this->collect();
            $this->dispatch();
            $this->rest();
        }
        Log::warning('Huygens Remote Manager stopped via database switch on ' . date('Y-m-d H:i:s'));
    }

    /** HRM goes on at once, and pings and asks the first free node again. */
    private function rest(): void
    {
        if (Pace::of('idle') <= 0) {
            return;
        }
        // Before the look for work: what comes between the two is a change.
        $before = JobQueue::summary();
        if (!JobQueue::hasWork()) {
            Pace::until(Pace::of('idle'), static fn (): bool => JobQueue::summary() !== $before);
        }
    }

    private function logStatus(): void
    {
        $locked = JobQueue::switch() === 'lck' ? 'true' : 'false';
        $free = $this->freeServer() === null ? 'false' : 'true';
        Log::info("Queue status -> locked: $locked, free server: $free, nextJobId: " . (JobQueue::next()?->id ?? 'null'));
    }

    /** The first row that is free and answers a ping; HRM pings it twice. */
    private function freeServer(): ?string
    {
        foreach (Servers::names() as $name) {
            if (!Servers::isFree($name) || !(new Node($name))->answersPing()) {
                continue;
            }
            if ((new Node($name))->answersPing()) {
                (new Node($name))->askFreeMemory();
            }
            return $name;
        }
        return null;
    }

    private function dispatch(): void
    {
        while (JobQueue::switch() !== 'lck' && ($server = $this->freeServer()) !== null) {
            $job = $this->nextJob();
            if ($job === null) {
                return;
            }
            $job->server = $server;
            Log::info("Using Huygens server: $server");
            Log::info("Processing job $job->id on $server");
            if ($this->writeTemplate($job)) {
                $this->launch($job);
            }
        }
    }

    /** A job whose user has no folders (a missing mount, say) becomes 'paused', and nothing ever resumes it. */
    private function nextJob(): ?Job
    {
        $job = JobQueue::next();
        if ($job === null || $job->hasFolders()) {
            return $job;
        }
        Log::error("fileserver not reachable: {$job->sourceFolder()} or {$job->destinationFolder()} do not exist");
        JobQueue::pause($job);
        return null;
    }

    private function writeTemplate(Job $job): bool
    {
        $file = "{$job->sourceFolder()}/{$job->templateName()}";
        if (@file_put_contents($file, $job->template(Servers::gpuOf($job->server))) === false) {
            Log::error("Error opening file $file, verify permissions! Waiting 15 seconds...");
            Pace::until(Pace::of('template'), static fn (): bool => false);
            return false;
        }
        Log::info("Wrote template $file");
        return true;
    }

    /** All this time the row is 'free' and the job 'queued'; only what comes last changes both. */
    private function launch(Job $job): void
    {
        $node = new Node($job->server);
        $debris = "{$job->destinationFolder()}/scheduler_client0.log";
        $node->ask("if [ -f \"$debris\" ]; then rm \"$debris\"; fi");
        if (Config::copiesImages()) {
            Transfer::toNode($job, $node);
        }
        $node = new Node($job->server);
        $job->pid = $node->startHucore($job, "{$job->nodeSourceFolder()}/{$job->templateName()}");
        Log::info("Running template (pid $job->pid)");
        JobQueue::start($job);
        Log::info("Job with id $job->id has been started on " . date('Y-m-d H:i:s') . '.');
    }

    private function collect(): void
    {
        JobQueue::removeDeleted();
        JobQueue::killMarked();
        $running = JobQueue::running();
        if ($running === []) {
            return;
        }
        Log::info(count($running) === 1 ? '1 job is running' : count($running) . ' jobs are running');
        Pace::until(self::SECONDS_BETWEEN_POLLS, fn (): bool => Pace::of('collect_early') > 0 && $this->hasEnded($running));
        foreach ($running as $job) {
            $this->poll($job);
        }
    }

    /** The client that started a job's hucore lives as long as that. @param list<Job> $running */
    private function hasEnded(array $running): bool
    {
        $clients = implode("\n", array_map(static fn (string $file): string => (string) @file_get_contents($file), glob('/proc/[0-9]*/cmdline')));
        return array_filter($running, static fn (Job $job): bool => !str_contains($clients, $job->templateName())) !== [];
    }

    private function poll(Job $job): void
    {
        $node = new Node($job->server);
        if (!$job->hasFolders()) {
            Log::error('The file server is not reachable!');
        } elseif (!$node->answersPing()) {
            Log::error('The processing server is not reachable!');
        } elseif ($this->isFinished($job, $node)) {
            Log::info('Huygens process completed successfully.');
            $this->finish($job, $node);
        }
    }

    /** A node whose ssh fails has no such process either, so its job counts as finished. */
    private function isFinished(Job $job, Node $node): bool
    {
        $markerIsThere = !Config::runsLocally() && $node->fileExists($job->finishedMarker());
        if ($node->isRunning($job->pid)) {
            if ($node->isSleeping($job->pid)) {
                $node->wakeUp();
            }
            return false;
        }
        if (!$markerIsThere) {
            return true;
        }
        Transfer::marker($job, $node);
        clearstatcache();
        return file_exists($job->finishedMarker());
    }

    private function finish(Job $job, Node $node): void
    {
        if (Config::copiesImages()) {
            Transfer::results($job, $node);
        }
        $result = "{$job->destinationFolder()}/{$job->resultName()}";
        clearstatcache();
        $isThere = file_exists($result);
        $startTime = JobQueue::startTime($job);
        if ($isThere) {
            Log::info("File {$job->resultName()} available");
            Log::info("Job $job->id completed on $job->server");
            JobQueue::recordStatistics($job);
        } else {
            Log::error("Problem: no result file {$job->resultName()} in destination directory {$job->destinationFolder()}");
            Log::error("finishing job $job->id with error on $job->server");
        }
        JobQueue::stop($job);
        Log::info("Completed and cleaned job with id $job->id (" . date('l d F Y H:i:s') . ')');
        if ($isThere && Config::copiesImages()) {
            Transfer::cleanNode($job, $node);
        }
        $this->keepLogs($job, $startTime, $isThere);
    }

    /** The report goes beside the result; of a failed job it is added to the row's own error log, where HRM would put only hucore's errors. */
    private function keepLogs(Job $job, string $startTime, bool $isThere): void
    {
        $folder = Config::text('logdir');
        [$out, $error] = ["$folder/{$job->logName('out')}", "$folder/{$job->logName('error')}"];
        $report = "Job id: $job->id (pid $job->pid on $job->server), started at $startTime and finished at " . date('Y-m-d H:i:s') . "\n\n"
            . @file_get_contents($error) . @file_get_contents($out);
        if ($isThere) {
            file_put_contents("{$job->destinationFolder()}/{$job->resultRoot()}.log.txt", $report);
        } else {
            file_put_contents("$folder/{$job->server}_error.txt", $report, FILE_APPEND);
        }
        @unlink($out);
        @unlink($error);
    }
}
