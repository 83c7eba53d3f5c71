<?php

declare(strict_types=1);

require_once __DIR__ . '/../inc/bootstrap.php';

(new hrm\QueueManager())->run();
