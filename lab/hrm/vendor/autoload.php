<?php

/** A release of HRM brings its PHP dependencies here; the stand-in has none and finds its own classes only. */

declare(strict_types=1);

spl_autoload_register(static function (string $class): void {
    if (str_starts_with($class, 'hrm\\')) {
        require_once dirname(__DIR__) . '/inc/' . strtr(substr($class, 4), '\\', '/') . '.php';
    }
});
