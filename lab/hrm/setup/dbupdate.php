<?php

/**
 * php dbupdate.php: makes the database's tables, or brings them to the revision that this HRM needs.
 *
 * The exit code is 0 also when nothing worked; global_variables.dbrevision tells. A database whose revision is missing or 0 counts as
 * new: the queue and other tables are dropped. Each step commits by itself.
 */

declare(strict_types=1);

use hrm\Config;
use hrm\Database;
use hrm\System;

require_once __DIR__ . '/../inc/bootstrap.php';

function tell(string $message, string $file = 'dbupdate.log'): void
{
    echo "$message\n";
    file_put_contents(Config::text('logdir') . "/$file", "$message\n", FILE_APPEND);
}

/** Both logs are writable by all, since the web server may be next to run this. */
function openLogs(): bool
{
    $folder = Config::text('logdir');
    if (!is_dir($folder)) {
        echo '<strong>Error: the log directory specified in the configuration does not exist!</strong>';
        return false;
    }
    foreach (["$folder/dbupdate.log", "$folder/dbupdate_error.log"] as $log) {
        $isNew = !file_exists($log);
        if (@file_put_contents($log, date('l jS \of F Y h:i:s A') . "\n", FILE_APPEND) === false) {
            echo "<strong>Cannot create file $log.</strong>";
            return false;
        }
        if ($isNew) {
            chmod($log, 0666);
        }
    }
    return true;
}

/** Once inserted, the default row makes the queue manager send jobs to the web host itself: whoever installs must remove it. */
function createServerTable(string $columns): void
{
    Database::run("CREATE TABLE server ($columns)");
    Database::run("INSERT INTO server VALUES ('localhost', '/usr/local/bin/hucore', 'free', '', NULL)");
}

/** @param array{kept: array<string, string>, fresh: array<string, string>} $schema */
function createTables(array $schema): void
{
    foreach ($schema['fresh'] as $table => $columns) {
        Database::run("DROP TABLE IF EXISTS $table");
        Database::run("CREATE TABLE $table ($columns)");
    }
    Database::run("INSERT INTO queuemanager VALUES ('switch', 'on')");
    foreach ($schema['kept'] as $table => $columns) {
        if ($table === 'server' && Database::rows("SHOW TABLES LIKE 'server'") === []) {
            createServerTable($columns);
        } else {
            Database::run("CREATE TABLE IF NOT EXISTS $table ($columns)");
        }
    }
    if (Database::value("SELECT id FROM username WHERE name = 'admin'") === null) {
        // Status 'o' and this MD5 sum of the initial password are what HRM's own schema starts with: it asks for a new password at first.
        Database::run("INSERT INTO username (name, password, email, research_group, institution_id, role, creation_date, last_access_date, status)
            VALUES ('admin', 'e903fece385fd2167780216958310b0d', ?, ' ', 1, 0, NOW(), NOW(), 'o')", Config::text('email_admin'));
    }
}

function currentRevision(string $globalVariables): int
{
    Database::run("CREATE TABLE IF NOT EXISTS global_variables ($globalVariables)");
    $revision = Database::value("SELECT value FROM global_variables WHERE name = 'dbrevision'");
    if ($revision === null) {
        Database::run("INSERT INTO global_variables VALUES ('dbrevision', '0')");
        tell("Initialized database revision to 0.\n");
    }
    return (int) $revision;
}

function selectDatabase(): void
{
    $name = Config::text('db_name');
    if (!in_array($name, array_column(Database::rows('SHOW DATABASES'), 'Database'), true)) {
        Database::run("CREATE DATABASE `$name`");
        tell("Executed database creation query.\n");
    }
    Database::connect()->select_db($name);
}

function update(): void
{
    $schema = require __DIR__ . '/schema.php';
    selectDatabase();
    $current = currentRevision($schema['kept']['global_variables']);
    if ($current === 0) {
        createTables($schema);
    }
    $last = System::getDBLastRevision();
    tell('Needed database revision for HRM v' . System::getHRMVersionAsString() . " is number $last.\n"
        . "Current database revision is number $current.\n" . ($current === $last ? "Nothing to do.\n" : "Updating...\n"));
    for ($revision = $current + 1; $revision <= $last; $revision++) {
        Database::run("UPDATE global_variables SET value = ? WHERE name = 'dbrevision'", (string) $revision);
        tell("Database successfully updated to revision $revision.");
    }
}

function connects(): bool
{
    try {
        Database::connect(selectDatabase: false);
        return true;
    } catch (mysqli_sql_exception) {
        tell('Cannot connect to the database server on ' . Config::text('db_host') . '.', 'dbupdate_error.log');
        return false;
    }
}

if (openLogs() && connects()) {
    try {
        update();
    } catch (mysqli_sql_exception $problem) {
        tell('An error occurred while updating the database: ' . $problem->getMessage(), 'dbupdate_error.log');
    }
}
