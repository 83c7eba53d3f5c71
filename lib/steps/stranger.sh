# shellcheck shell=sh
# shellcheck disable=SC2034 # for the step
# For the step that looks after the web server: what of HRM's inner folders a stranger gets to see.
# user: HRM's account. hrm_path: HRM's tree. names: of the web host, for people, one a line. url_path: of HRM's pages.
: "${user:?}" "${hrm_path:?}" "${names:?}" "${url_path?}"

servers='apache2|httpd|nginx|lighttpd|caddy'

# with_htaccess WORDS: the folders whose .htaccess says so, below HRM's tree.
with_htaccess() {
    # Also where the path of HRM's tree is a link to the present release.
    find -H "$hrm_path" -maxdepth 5 -name .htaccess -exec grep -liE "^[[:space:]]*($1)" {} + 2>/dev/null | sed "s|^$hrm_path/||; s|/*\.htaccess\$||" | sort
}

# What HRM's .htaccess files close, and .git, which they hide by other means. Without what lies in another one of them.
find_inner() {
    {
        printf '%s\n' config inc setup bin run resources .git
        with_htaccess 'deny from all|require all denied'
    } | sort -u | while IFS= read -r folder; do
        [ -z "$folder" ] || [ ! -d "$hrm_path/$folder" ] || echo "$folder"
    done | awk '{ for (each in seen) if (index($0 "/", each "/") == 1) next; seen[$0] = 1; print }'
}

# Below them, what HRM's pages need and its .htaccess files open again: inc/extern/calendar.
find_opened() {
    with_htaccess 'allow from all|require all granted' | while IFS= read -r reopened; do
        printf '%s\n' "$inner" | while IFS= read -r folder; do
            case $reopened in "$folder"/*) echo "$reopened" ;; esac
        done
    done
}

# Lines as a part of a regular expression.
alternatives() {
    sed 's/[.+]/\\&/g' | tr '\n' '|' | sed 's/|$//'
}

# Of their paths below HRM's tree, for Apache and nginx.
make_pattern() {
    except=$(printf '%s' "$opened" | sed 's/$/(\/|$)/' | alternatives)
    printf '%s\n' "${except:+(?!$except)}($(printf '%s\n' "$inner" | alternatives))(/|\$)"
}

# Looked at once: the tree stays as it is meanwhile.
inner=$(find_inner)
opened=$(find_opened)
pattern=$(make_pattern)

# Where the web servers listen, else where one would.
ports() {
    found=$(ss -Hltnp 2>/dev/null | grep -E "\"($servers)\"" | awk '{ sub(/.*:/, "", $4); print $4 }' | sort -u)
    echo "${found:-80 443}"
}

all_names() {
    printf '%s\n' "$names" localhost "$(hostname)" nobodys.invalid
}

all_addresses() {
    echo 127.0.0.1
    hostname -I 2>/dev/null | tr ' ' '\n' | grep -v '^$' | head -n 4
}

# Under which paths HRM's tree may be: it is the site's root, or below it at any depth.
prefixes() {
    path=$hrm_path found=
    printf '%s\n' "$url_path"
    while [ "$path" != / ]; do
        printf '%s\n' "$found"
        found=/$(basename "$path")$found
        path=$(dirname "$path")
    done
}

# `FOLDER<tab>FILE`: with a file in it that is no program, where there is one.
folders_with_file() {
    except=$(printf '%s' "$opened" | sed "s|^|$hrm_path/|; s|\$|/|")
    printf '%s\n' "$inner" | while IFS= read -r folder; do
        file=$hrm_path/$folder/hrm_config.inc
        [ -f "$file" ] || file=$(find -H "$hrm_path/$folder" -type f ! -name '*.php' ! -name '.*' ! -name '*.hrm-new' -size -200k 2>/dev/null | grep -vF -e "${except:-//}" | sort | head -n 1)
        printf '%s\t%s\n' "$folder" "$file"
    done
}

# stranger: asks over HTTP as anybody could, by each name and address, and prints each address at which something of the inner folders is to be had, with the
# answer. A name that is not there is asked for, since a program would be run: 403 where the folder is closed, 404 where it is open. And a file that is there
# and no program, whose text must not come. A connection that ends without an answer (0, as nginx does with 444) is one; no answer in time (-1) is none.
# shellcheck disable=SC2016
stranger() {
    php_says '
        [, $hrm, $names, $addresses, $ports, $prefixes, $folders] = array_map(fn($list) => array_unique(explode("\n", $list)), $argv);
        $hrm = $hrm[0];
        $ask = function ($address, $port, $tls, $name, $path) {
            $context = stream_context_create(["ssl" => ["verify_peer" => false, "verify_peer_name" => false, "peer_name" => $name]]);
            $to = str_contains($address, ":") ? "[$address]" : $address;
            $socket = @stream_socket_client(($tls ? "tls" : "tcp") . "://$to:$port", $code, $text, 2, STREAM_CLIENT_CONNECT, $context);
            if (!$socket) return [$tls ? 0 : -1, ""];
            stream_set_timeout($socket, 4);
            fwrite($socket, "GET $path HTTP/1.0\r\nHost: $name\r\nUser-Agent: pulumi-hrm\r\nConnection: close\r\n\r\n");
            $answer = (string) stream_get_contents($socket, 400000);
            if ($answer === "" && stream_get_meta_data($socket)["timed_out"]) return [-1, ""];
            return preg_match("~^HTTP/\S+ (\d+)~", $answer, $status) ? [(int) $status[1], explode("\r\n\r\n", $answer, 2)[1] ?? ""] : [0, ""];
        };
        $sign = trim((string) @file_get_contents("$hrm/scripts/hucore.tcl"));
        $answered = false;
        foreach ($ports as $port) foreach ($addresses as $address) foreach (array_unique([...$names, $address]) as $name) {
            // By each name: a server may end the connection of whoever asks by another one.
            $tls = in_array($port, ["443", "8443"]);
            [$status] = $ask($address, $port, $tls, $name, "/");
            if (in_array($status, [0, 400])) [$status] = $ask($address, $port, $tls = !$tls, $name, "/");
            // It hangs, by whatever name.
            if ($status === -1) continue 3;
            if ($status === 0) continue;
            $answered = true;
            foreach ($prefixes as $prefix) {
                $url = ($tls ? "https" : "http") . "://$name" . ($port === ($tls ? "443" : "80") ? "" : ":$port") . $prefix;
                [$status, $body] = $ask($address, $port, $tls, $name, "$prefix/scripts/hucore.tcl");
                $isThere = $status === 200 && $sign !== "" && trim($body) === $sign;
                // Somebody has closed that folder as well.
                if (!$isThere && in_array($status, [0, 401, 403, 410])) {
                    [$status, $body] = $ask($address, $port, $tls, $name, "$prefix/login.php");
                    $isThere = $status === 200 && stripos($body, "Huygens Remote Manager") !== false;
                }
                foreach ($folders as $line) {
                    [$folder, $file] = explode("\t", "$line\t");
                    // Where the tree does not seem to be, one question will do.
                    if ($folder === "" || (!$isThere && $folder !== "config")) continue;
                    $hidden = false;
                    if ($file !== "") {
                        [$status, $body] = $ask($address, $port, $tls, $name, $prefix . substr($file, strlen($hrm)));
                        $text = trim((string) @file_get_contents($file));
                        if ($status === 200 && $text !== "" && trim($body) === $text) {
                            fwrite($out, "$url/$folder/ (" . basename($file) . " is served)\n");
                            continue;
                        }
                        $hidden = $status === 404;
                    }
                    if (!$isThere) continue;
                    [$status] = $ask($address, $port, $tls, $name, "$prefix/$folder/pulumi-hrm-" . bin2hex(random_bytes(6)));
                    $isClosed = in_array($status, [401, 403, 410, 444, 0]) || ($status >= 300 && $status < 400) || ($status === 404 && $hidden);
                    if (!$isClosed) fwrite($out, "$url/$folder/ (answers $status)\n");
                }
            }
        }
        if (!$answered) fwrite($out, "no-answer\n");' "$hrm_path" "$(all_names)" "$(all_addresses)" "$(ports | tr ' ' '\n')" "$(prefixes)" "$(folders_with_file)" </dev/null ||
        fail "the web server could not be asked what it shows: PHP ends with $?" "run 'php -r 1;' as $user on this host"
}

# What is open, by the first address of each folder: a server has many names.
open_folders() {
    answers=$(stranger)
    printf '%s' "$answers" | awk '{ folder = $1; sub(/\/$/, "", folder); sub(/.*\//, "", folder); if (!(folder in seen)) { seen[folder] = 1; print } }'
}
