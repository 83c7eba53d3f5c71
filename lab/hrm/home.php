<?php

/** Where the login page leads. As with HRM, who has not logged in is sent back there. */

declare(strict_types=1);

require_once __DIR__ . '/inc/bootstrap.php';

session_start();
if (!isset($_SESSION['user'])) {
    header('Location: login.php');
    exit();
}
?>
<!DOCTYPE html>
<html lang="en">
<head><title>Huygens Remote Manager</title></head>
<body>
<h1>Home</h1>
<p id="user"><?= htmlspecialchars($_SESSION['user']) ?></p>
</body>
</html>
