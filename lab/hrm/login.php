<?php

/** The login page as far as a proof from outside meets it: the form is there only when hucore's version is known. */

declare(strict_types=1);

use hrm\Config;
use hrm\Database;
use hrm\System;

require_once __DIR__ . '/inc/bootstrap.php';

function passwordFits(string $name, string $password): bool
{
    $hash = Database::value("SELECT password FROM username WHERE name = ? AND status = 'a'", $name);
    return $hash !== null && password_verify($password, $hash);
}

function whyNobodyMayLogIn(): string
{
    if (Database::value("SELECT value FROM global_variables WHERE name = 'huversion'") === null) {
        return 'Warning: unknown HuCore version! Please ask the administrator to start the queue manager.';
    }
    if (Database::value("SELECT feature FROM hucore_license WHERE feature = 'freeware'") !== null) {
        return 'Warning: no valid HuCore license found! Please contact the administrator.';
    }
    return '';
}

$message = whyNobodyMayLogIn();
$showForm = $message === '';

if ($showForm && isset($_POST['username'], $_POST['password'])) {
    if (passwordFits((string) $_POST['username'], (string) $_POST['password'])) {
        header('Location: home.php');
        exit();
    }
    $message = 'Sorry, wrong user name or password, or not authorized.';
}
?>
<!DOCTYPE html>
<html lang="en">
<head><title>Huygens Remote Manager</title></head>
<body>
<h1>Huygens Remote Manager <?= System::getHRMVersionAsString() ?> (stand-in)</h1>
<p><?= htmlspecialchars($message) ?></p>
<?php if ($showForm) : ?>
<form method="post" action="">
    <input type="text" name="username">
    <input type="password" name="password">
    <button type="submit">login</button>
</form>
<?php endif; ?>
<p><a href="mailto:<?= htmlspecialchars(Config::text('email_admin')) ?>">Administrator</a></p>
</body>
</html>
