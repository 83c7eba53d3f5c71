<?php

require __DIR__ . '/login.php';
