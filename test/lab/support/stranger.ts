/** What a stranger gets: the status, and whether the password of the database is in the answer. */
export const get = (path: string, host = "web") =>
    `php -r '$c = stream_context_create(["http" => ["ignore_errors" => true, "header" => "Host: ${host}"]]);
    $body = file_get_contents("http://127.0.0.1${path}", false, $c); echo explode(" ", $http_response_header[0])[1], str_contains($body, "db_password") ? " password" : "", "\\n";'`;
