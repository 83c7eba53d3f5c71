<?php

/** Every script starts here: class loading, then the installed configuration. PHP dies with 255 where there is none. */

declare(strict_types=1);

require_once dirname(__DIR__) . '/vendor/autoload.php';
require_once dirname(__DIR__) . '/config/hrm_config.inc';
