<?php

/**
 * The login page as far as a proof from outside meets it: it answers 200 and shows its form always, and a warning of class dbOutDated until
 * hucore's version and licence are known. As with HRM 3.10, the warning keeps nobody from logging in, whatever it says.
 */

declare(strict_types=1);

use hrm\Config;
use hrm\Database;
use hrm\System;

require_once __DIR__ . '/inc/bootstrap.php';

function passwordFits(string $name, string $password): bool
{
    // HRM's Validator.
    if (str_contains($password, ' ') || htmlspecialchars($password) !== $password) {
        return false;
    }
    $hash = Database::value("SELECT password FROM username WHERE name = ? AND status = 'a'", $name);
    return $hash !== null && password_verify($password, $hash);
}

function warning(): string
{
    if (Database::value("SELECT value FROM global_variables WHERE name = 'huversion'") === null) {
        return 'Warning: unknown HuCore version! Please ask the administrator to start the queue manager.';
    }
    if (Database::value("SELECT feature FROM hucore_license WHERE feature = 'freeware'") !== null) {
        return 'Warning: no valid HuCore license found! Please contact the administrator.';
    }
    return '';
}

$message = '';
if (isset($_POST['username'], $_POST['password'])) {
    if (passwordFits((string) $_POST['username'], (string) $_POST['password'])) {
        session_start();
        session_regenerate_id();
        $_SESSION['user'] = (string) $_POST['username'];
        header('Location: home.php');
        exit();
    }
    $message = 'Sorry, wrong user name or password, or not authorized.';
}
$warning = warning();
?>
<!DOCTYPE html>
<html lang="en">
<head><title>Huygens Remote Manager</title></head>
<body>
<h1>Huygens Remote Manager <?= System::getHRMVersionAsString() ?> (stand-in)</h1>
<p><?= htmlspecialchars($message) ?></p>
<?php if ($warning !== '') : ?>
<div class="dbOutDated"><?= $warning ?></div>
<?php endif; ?>
<form method="post" action="">
    <input type="text" name="username">
    <input type="password" name="password">
    <button type="submit">login</button>
</form>
<p><a href="mailto:<?= htmlspecialchars(Config::text('email_admin')) ?>">Administrator</a></p>
</body>
</html>
