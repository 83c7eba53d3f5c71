<?php

/**
 * The tables that the stand-in has, with the columns and types of HRM 3.10's schema at revision 21 on MariaDB.
 * 'kept' are those that a new installation leaves alone where they exist; all others it drops and makes again.
 */

declare(strict_types=1);

$levels = ['sampleSizesX', 'sampleSizesY', 'sampleSizesZ', 'sampleSizesT', 'iFacePrim', 'iFaceScnd', 'pinhole', 'chanCnt', 'imagingDir',
    'pinholeSpacing', 'objQuality', 'lambdaEx', 'lambdaEm', 'mType', 'NA', 'RIMedia', 'RILens', 'photonCnt', 'exBeamFill'];
$stedLevels = ['stedMode', 'stedLambda', 'stedSatFact', 'stedImmunity', 'sted3D'];

return [
    'kept' => [
        'global_variables' => 'name varchar(30) NOT NULL PRIMARY KEY, value varchar(30) NOT NULL',
        'server' => "name varchar(191) NOT NULL PRIMARY KEY, huscript_path varchar(60) NOT NULL,
            status varchar(12) NOT NULL DEFAULT 'free', job varchar(30) DEFAULT NULL, gpuId int(11) DEFAULT NULL",
        'username' => "id int(11) NOT NULL AUTO_INCREMENT PRIMARY KEY, name varchar(191) NOT NULL,
            password varchar(255) NOT NULL, email varchar(255) NOT NULL, research_group varchar(255) NOT NULL,
            institution_id int(11) DEFAULT NULL, role int(11) NOT NULL DEFAULT 3, authentication varchar(30) NOT NULL DEFAULT 'integrated',
            creation_date datetime DEFAULT NULL, last_access_date datetime DEFAULT NULL, status varchar(10) DEFAULT NULL,
            seedid varchar(255) DEFAULT NULL, UNIQUE KEY idx_name (name)",
        'statistics' => "id varchar(30) NOT NULL DEFAULT '0' PRIMARY KEY, owner varchar(255) DEFAULT NULL,
            research_group varchar(30) DEFAULT '0', start datetime DEFAULT NULL, stop datetime DEFAULT NULL,
            ImageFileFormat varchar(255) DEFAULT '0', OutputFileFormat varchar(255) DEFAULT '0', PointSpreadFunction varchar(255) DEFAULT '0',
            MicroscopeType varchar(255) DEFAULT '0', ColocAnalysis varchar(1) DEFAULT NULL",
    ],
    'fresh' => [
        'queuemanager' => "field varchar(30) NOT NULL DEFAULT '0' PRIMARY KEY, value varchar(3) NOT NULL DEFAULT 'on'",
        'job_queue' => "id varchar(30) NOT NULL DEFAULT '0' PRIMARY KEY, username varchar(255) DEFAULT NULL, queued datetime DEFAULT NULL,
            start datetime DEFAULT NULL, stop datetime DEFAULT NULL, server varchar(255) DEFAULT NULL, process_info varchar(30) DEFAULT NULL,
            status varchar(8) NOT NULL DEFAULT 'queued', priority int(11) NOT NULL DEFAULT 0, settings_id varchar(30) DEFAULT NULL",
        'job_files' => "job varchar(30) NOT NULL DEFAULT '0', owner varchar(255) DEFAULT NULL, file varchar(191) NOT NULL,
            autoseries varchar(1) DEFAULT 'f', PRIMARY KEY (job, file)",
        'hucore_license' => "feature varchar(30) NOT NULL DEFAULT '0' PRIMARY KEY",
        'confidence_levels' => 'fileFormat varchar(16) NOT NULL PRIMARY KEY, '
            . implode(' varchar(16) NOT NULL, ', $levels) . ' varchar(16) NOT NULL, '
            . implode(' varchar(16) DEFAULT NULL, ', $stedLevels) . ' varchar(16) DEFAULT NULL',
    ],
];
