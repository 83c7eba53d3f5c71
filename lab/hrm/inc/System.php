<?php

declare(strict_types=1);

namespace hrm;

/** The version that the stand-in claims, in the form in which HRM's own file states it. */
final class System
{
    private const HRM_VERSION_MAJOR = 3;
    private const HRM_VERSION_MINOR = 10;
    private const HRM_VERSION_MAINTENANCE = 0;
    private const DB_LAST_REVISION = 21;

    public static function getHRMVersionAsString(): string
    {
        $version = self::HRM_VERSION_MAJOR . '.' . self::HRM_VERSION_MINOR;
        return self::HRM_VERSION_MAINTENANCE > 0 ? $version . '.' . self::HRM_VERSION_MAINTENANCE : $version;
    }

    public static function getDBLastRevision(): int
    {
        return self::DB_LAST_REVISION;
    }
}
