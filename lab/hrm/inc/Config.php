<?php

declare(strict_types=1);

namespace hrm;

/** The variables of config/hrm_config.inc, which that file leaves in the global scope. */
final class Config
{
    public static function text(string $name): string
    {
        return (string) ($GLOBALS[$name] ?? '');
    }

    public static function isOn(string $name): bool
    {
        return (bool) ($GLOBALS[$name] ?? false);
    }

    /** Only then are files copied to nodes and back. */
    public static function copiesImages(): bool
    {
        return !self::runsLocally() && self::isOn('copy_images_to_huygens_server');
    }

    /** A one-machine set-up: hucore is started without ssh. */
    public static function runsLocally(): bool
    {
        return self::isOn('imageProcessingIsOnQueueManager');
    }
}
