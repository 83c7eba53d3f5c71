<?php

declare(strict_types=1);

namespace hrm;

/** $logdir/$logfile in the format of HRM's logger; lines above $log_verbosity are dropped. Not being able to open it is fatal, as in HRM. */
final class Log
{
    private const VERBOSITY = ['ERROR' => 0, 'WARNING' => 1, 'INFO' => 2];

    /** @var resource|null */
    private static $file = null;

    public static function info(string $message): void
    {
        self::write('INFO', $message);
    }

    public static function warning(string $message): void
    {
        self::write('WARNING', $message);
    }

    public static function error(string $message): void
    {
        self::write('ERROR', $message);
    }

    private static function write(string $level, string $message): void
    {
        if (self::VERBOSITY[$level] > (int) Config::text('log_verbosity')) {
            return;
        }
        if (self::$file === null) {
            $path = Config::text('logdir') . '/' . Config::text('logfile');
            self::$file = @fopen($path, 'a') ?: throw new \UnexpectedValueException("The log \"$path\" could not be opened in append mode.");
        }
        $time = (new \DateTimeImmutable())->format('Y-m-d\TH:i:s.uP');
        fwrite(self::$file, "[$time] hrm.$level: " . strtr($message, "\n", ' ') . "  \n");
    }
}
