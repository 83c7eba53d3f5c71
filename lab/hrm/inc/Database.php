<?php

declare(strict_types=1);

namespace hrm;

/** One mysqli connection for the life of the script. A failed statement throws: when the database goes away, the queue manager dies, as HRM's does. */
final class Database
{
    private static ?\mysqli $connection = null;

    public static function connect(bool $selectDatabase = true): \mysqli
    {
        mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
        return self::$connection ??= new \mysqli(
            Config::text('db_host'),
            Config::text('db_user'),
            Config::text('db_password'),
            $selectDatabase ? Config::text('db_name') : null,
        );
    }

    /** @return list<array<string, ?string>> */
    public static function rows(string $sql, int|string ...$values): array
    {
        return self::connect()->execute_query($sql, $values)->fetch_all(MYSQLI_ASSOC);
    }

    /** The first column of the first row, or null. */
    public static function value(string $sql, int|string ...$values): ?string
    {
        $value = self::connect()->execute_query($sql, $values)->fetch_column();
        return $value === false || $value === null ? null : (string) $value;
    }

    public static function run(string $sql, int|string ...$values): void
    {
        self::connect()->execute_query($sql, $values);
    }
}
