<?php

declare(strict_types=1);

namespace hrm;

/** The tables job_queue, job_files, queuemanager and statistics. */
final class JobQueue
{
    private const JOBS = 'SELECT id, username, file, server, process_info FROM job_queue
        LEFT JOIN job_files ON job_queue.id = job_files.job AND job_queue.username = job_files.owner';

    /** @return list<Job> */
    private static function jobs(string $condition): array
    {
        $toJob = static fn (array $row): Job =>
            new Job($row['id'], (string) $row['username'], (string) $row['file'], (string) $row['server'], (int) $row['process_info']);
        return array_map($toJob, Database::rows(self::JOBS . " WHERE $condition"));
    }

    /** The lowest priority number goes first, then the file's name. A job without a file is never started. */
    public static function next(): ?Job
    {
        return self::jobs("status = 'queued' AND file IS NOT NULL ORDER BY priority, file LIMIT 1")[0] ?? null;
    }

    /** @return list<Job> */
    public static function running(): array
    {
        return self::jobs("status = 'started'");
    }

    public static function pause(Job $job): void
    {
        Database::run("UPDATE job_queue SET status = 'paused' WHERE id = ?", $job->id);
    }

    public static function start(Job $job): void
    {
        Servers::reserve($job->server, $job->pid);
        Database::run(
            "UPDATE job_queue SET start = NOW(), server = ?, process_info = ?, status = 'started' WHERE id = ?",
            $job->server,
            (string) $job->pid,
            $job->id,
        );
    }

    /** The server row is free again, and the job gone from the queue. */
    public static function stop(Job $job): void
    {
        Servers::free($job->server);
        self::remove($job->id);
    }

    public static function remove(string $id): void
    {
        Database::run('DELETE FROM job_files WHERE job = ?', $id);
        Database::run('DELETE FROM job_queue WHERE id = ?', $id);
    }

    /** Jobs that a user deleted before they started. */
    public static function removeDeleted(): void
    {
        foreach (Database::rows("SELECT id FROM job_queue WHERE status = 'delete'") as $row) {
            self::remove($row['id']);
            Log::info("Job {$row['id']} successfully removed.");
        }
    }

    /**
     * Jobs that a user deleted while they ran. The process number is that of a process on the node, but the signal goes to the web host's
     * process of that number, if the account has one: the hucore on the node runs on.
     *
     * Then HRM 3.10 asks for the owner of the job that it has just deleted, and dies of it. The row stays 'busy' until the next start.
     */
    public static function killMarked(): void
    {
        $marked = Database::rows("SELECT id, process_info FROM job_queue WHERE status = 'kill'");
        foreach ($marked as ['id' => $id, 'process_info' => $pid]) {
            if ((int) $pid <= 0 || !posix_kill((int) $pid, SIGKILL)) {
                Log::error('Failed killing parent process.');
            }
            self::remove($id);
            Log::error('Cannot get a proxy: no name known.');
            throw new \Error("job $id has no owner any more, the queue manager cannot go on");
        }
    }

    /** What HRM does when it starts; it frees all rows, with or without a job. */
    public static function cleanUp(): void
    {
        Database::run("DELETE FROM job_files WHERE job IN (SELECT id FROM job_queue WHERE status IN ('delete', 'kill'))");
        Database::run("DELETE FROM job_queue WHERE status IN ('delete', 'kill')");
        Servers::freeAll();
        Log::warning('Performed database maintenance and cleanup.');
    }

    public static function recordStatistics(Job $job): void
    {
        Database::run(
            "INSERT INTO statistics SELECT id, username, '', start, NOW(), 'all', ?, '', '', '' FROM job_queue WHERE id = ?",
            Config::text('default_output_format'),
            $job->id,
        );
    }

    public static function startTime(Job $job): string
    {
        return (string) Database::value('SELECT start FROM job_queue WHERE id = ?', $job->id);
    }

    public static function hasWork(): bool
    {
        return Database::rows('SELECT id FROM job_queue LIMIT 1') !== [];
    }

    /** Changes with whatever the queue manager may have to act on. */
    public static function summary(): string
    {
        return (string) Database::value("SELECT CONCAT_WS(' ', (SELECT GROUP_CONCAT(name, status ORDER BY name) FROM server),
            (SELECT GROUP_CONCAT(id, status ORDER BY id) FROM job_queue), (SELECT value FROM queuemanager WHERE field = 'switch'))");
    }

    /** 'on', 'off' (the queue manager ends) or 'lck' (it dispatches nothing). */
    public static function switch(): string
    {
        return (string) Database::value("SELECT value FROM queuemanager WHERE field = 'switch'");
    }
}
