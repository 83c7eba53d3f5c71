<?php

declare(strict_types=1);

namespace hrm;

/**
 * A server row's machine, reached as HRM reaches it: `ssh`, `scp` and `sftp` without options, the commands in HRM's words. Which row is
 * meant, and which hucore, is looked up when the object is made, so it may have gone since.
 */
final class Node
{
    private const HUCORE_TASK = '-noExecLog -checkUpdates disable -template';
    private const SECONDS_FOR_A_PID = 5;

    public readonly string $host;
    private readonly string $hucore;

    public function __construct(private readonly string $row)
    {
        $this->host = explode(' ', $row)[0];
        $this->hucore = Servers::hucoreOf($row);
    }

    public function address(): string
    {
        return Config::text('huygens_user') . "@$this->host";
    }

    public function answersPing(): bool
    {
        if (Config::runsLocally()) {
            return true;
        }
        return $this->succeeds(Config::text('ping_command') . " $this->host " . Config::text('ping_parameter'));
    }

    /** HRM looks before each dispatch; its limit has no effect, by a quoting error, so the answer is not used here. */
    public function askFreeMemory(): void
    {
        $this->ask('free -m | awk "/Mem:/ {print \$7}"');
    }

    public function isRunning(int $pid): bool
    {
        return $this->succeeds($this->plain("ps -p $pid") . ' | grep -e hucore');
    }

    public function isSleeping(int $pid): bool
    {
        return !Config::runsLocally() && $this->succeeds($this->plain("ps -lf -p $pid") . ' | grep -e hucore | grep -e S');
    }

    /**
     * HRM's rescue of hanging jobs: it ends the newest ssh session of the account on the node, whoever's it is.
     *
     * HRM sorts by text, state before number, so its own session, if it happens to be in state R, comes before the job's, and the job dies:
     * 1 of 150 times on an idle machine. No test could live with that, so the stand-in sorts by number.
     */
    public function wakeUp(): void
    {
        $session = $this->ask('ps -Alfd | sort -n -k 4,4 | grep [s]shd | grep ' . Config::text('huygens_user'));
        $pid = preg_split('/ +/', $session)[3] ?? '';
        $this->ask("kill $pid");
    }

    public function fileExists(string $path): bool
    {
        return exec($this->plain("ls $path")) === $path;
    }

    /** The last line of what a command prints. */
    public function ask(string $command): string
    {
        return (string) exec(Config::runsLocally() ? $command : "ssh {$this->address()} '$command'");
    }

    /**
     * Starts hucore and leaves it running; its output goes to the job's log, with its process number among it.
     *
     * HRM waits one second for that number and dies of a TypeError where none came; the stand-in is patient, lest a busy machine fail a test.
     */
    public function startHucore(Job $job, string $template): int
    {
        $log = Config::text('logdir') . '/' . $job->logName('out');
        $this->start("$this->hucore " . self::HUCORE_TASK . " \"$template\"", $job->logName('out'), $job->logName('error'));
        usleep((int) (Pace::of('pid') * 1e6));
        $pid = static fn (): int => (int) current(array_filter(file($log), static fn (string $line): bool => (int) $line > 0));
        if (Pace::until(self::SECONDS_FOR_A_PID, static fn (): bool => $pid() > 0)) {
            return $pid();
        }
        throw new \TypeError("fclose(): no process number from {$this->address()}, the queue manager cannot go on");
    }

    /** Starts a command in the background, through a shell that reads it from its input. */
    public function start(string $command, string $outLog, string $errorLog): void
    {
        $folder = Config::text('logdir');
        $streams = [['pipe', 'r'], ['file', "$folder/$outLog", 'a'], ['file', "$folder/$errorLog", 'a']];
        $shell = proc_open(Config::runsLocally() ? 'sh' : 'bash', $streams, $pipes);
        $line = Config::runsLocally() ? "$command & echo $!" : "ssh -f {$this->address()} '$command 2>&1 & echo $!'";
        Log::info($line);
        fwrite($pipes[0], "$line\n");
        fclose($pipes[0]);
        proc_close($shell);
    }

    private function plain(string $command): string
    {
        return Config::runsLocally() ? $command : "ssh {$this->address()} $command";
    }

    private function succeeds(string $command): bool
    {
        system("$command > " . Config::text('logdir') . '/hrm_tmp', $status);
        return $status === 0;
    }
}
