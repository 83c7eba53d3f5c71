<?php

declare(strict_types=1);

namespace hrm;

/** One mysqli connection for the life of the script. A failed statement throws: when the database goes away, the queue manager dies, as HRM's does. */
final class Database
{
    private static ?\mysqli $connection = null;

    public static function connect(bool $selectDatabase = true): \mysqli
    {
        return self::$connection ??= self::made(
            Config::text('db_host'),
            Config::text('db_user'),
            Config::text('db_password'),
            $selectDatabase ? Config::text('db_name') : null,
        );
    }

    /** HRM has all its connections from ADOdb, which asks a function of the configuration for them, where there is one. Debian has the library for that case. */
    private static function made(string $host, string $user, string $password, ?string $database): \mysqli
    {
        $strict = MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT;
        if (!isset($GLOBALS['ADODB_NEWCONNECTION'])) {
            mysqli_report($strict);
            return new \mysqli($host, $user, $password, $database);
        }
        require_once '/usr/share/php/adodb/adodb.inc.php';
        $adodb = ADONewConnection(Config::text('db_type'));
        $connects = $adodb->PConnect($host, $user, $password, (string) $database);
        mysqli_report($strict);
        if (!$connects) {
            throw new \mysqli_sql_exception('Could not connect to the database!');
        }
        return $adodb->_connectionID;
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
