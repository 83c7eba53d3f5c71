<?php

declare(strict_types=1);

namespace hrm;

/** Questions to hucore, asked through HRM's script scripts/hucore.tcl, which must be on the node under the web host's path. */
final class HuCore
{
    public function __construct(private readonly string $host, private readonly string $hucore)
    {
    }

    /** The value of $key in the answer of a tool, or null; what went wrong is printed, and so ends up in log.txt. */
    public function ask(string $tool, string $key): ?string
    {
        $command = $this->command($tool);
        exec($command, $answer, $status);
        $begin = array_search('BEGIN PROC', $answer, true);
        if ($status !== 0 || !$begin) {
            echo "<pre>ERROR with $command\n" . implode("\n", $answer) . "\n</pre>";
            return null;
        }
        $at = array_search($key, $answer, true);
        return $at !== false && $answer[$at - 1] === 'KEY' && ($answer[$at + 1] ?? '') === 'VALUE' ? $answer[$at + 2] ?? null : null;
    }

    /** Only the name `localhost` does without ssh. */
    private function command(string $tool): string
    {
        $script = Config::text('hrm_path') . '/scripts/hucore.tcl';
        $command = "$this->hucore -noExecLog -checkUpdates disable -task \"$script\" -huCoreTcl \"$script\" -tool $tool  2>&1";
        $user = Config::text('huygens_user');
        return strtolower($this->host) === 'localhost' ? $command : "ssh -f $user@$this->host '$command '";
    }
}
