<?php

declare(strict_types=1);

namespace hrm;

/**
 * How the stand-in waits. Without /etc/hrm-stand-in, as HRM does; tests have a file there (lab/pace.ts), since a queue manager that looks at its nodes all
 * the time is most of what a lab costs.
 */
final class Pace
{
    private const FILE = '/etc/hrm-stand-in';
    private const HRM = ['idle' => 0.0, 'collect_early' => 0.0, 'pid' => 1.0, 'template' => 15.0];
    private const LOOK_MICROSECONDS = 100_000;

    /** @var array<string, float>|null */
    private static ?array $values = null;

    public static function of(string $name): float
    {
        self::$values ??= array_map('floatval', @parse_ini_file(self::FILE) ?: []) + self::HRM;
        return self::$values[$name];
    }

    /** Waits until it holds, for some seconds at most. @return whether it does */
    public static function until(float $seconds, callable $holds): bool
    {
        $end = microtime(true) + $seconds;
        while (!($done = $holds()) && microtime(true) < $end) {
            usleep(self::LOOK_MICROSECONDS);
        }
        return $done;
    }
}
