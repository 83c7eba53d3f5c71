<?php

declare(strict_types=1);

namespace hrm;

/** The table server: the registry of rows, one job at a time each. */
final class Servers
{
    /** @return list<string> */
    public static function names(): array
    {
        return array_column(Database::rows('SELECT name FROM server'), 'name');
    }

    /** @return array<string, ?string>|null the row that is asked for hucore's version, licence and formats */
    public static function first(): ?array
    {
        return Database::rows('SELECT * FROM server')[0] ?? null;
    }

    public static function isFree(string $name): bool
    {
        return Database::value('SELECT status FROM server WHERE name = ?', $name) === 'free';
    }

    /** Empty when the row is gone. */
    public static function hucoreOf(string $name): string
    {
        return (string) Database::value('SELECT huscript_path FROM server WHERE name = ?', $name);
    }

    /** NULL counts as GPU 0, as in HRM. */
    public static function gpuOf(string $name): int
    {
        return (int) Database::value('SELECT gpuId FROM server WHERE name = ?', $name);
    }

    public static function reserve(string $name, int $pid): void
    {
        Database::run("UPDATE server SET status = 'busy', job = ? WHERE name = ?", (string) $pid, $name);
    }

    public static function free(string $name): void
    {
        Database::run("UPDATE server SET status = 'free', job = NULL WHERE name = ?", $name);
    }

    public static function freeAll(): void
    {
        Database::run("UPDATE server SET status = 'free', job = NULL");
    }
}
