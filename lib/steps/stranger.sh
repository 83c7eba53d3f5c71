# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # for the step; of webConfig.sh
# For the step that looks after the web server: what of HRM's inner folders a stranger gets to see.
# user: HRM's account. hrm_path: HRM's tree. image_folder, log_folder: HRM's folders. names: of the web host, for people, one a line. url_path: of HRM's pages.
: "${user:?}" "${hrm_path:?}" "${image_folder:?}" "${log_folder:?}" "${names:?}" "${url_path?}" "${tab:?}"

# `closed FOLDER` and `opened FOLDER` of the .htaccess files that say so, below HRM's tree.
find_htaccess() {
    # Also where the path of HRM's tree is a link to the present release.
    find -H "$hrm_path" -maxdepth 5 -name .htaccess -exec grep -aHioE '^[[:space:]]*(deny from all|require all denied|allow from all|require all granted)' {} + 2>/dev/null |
        awk -v tree="$hrm_path/" '
            { says = $0; sub(/.*:/, "", says); sub(/\/*\.htaccess:[^:]*$/, ""); print tolower(says) ~ /den/ ? "closed" : "opened", substr($0, length(tree) + 1) }' | sort -u
}

# What HRM's .htaccess files close, and .git, which they hide by other means. Without what lies in another one of them.
find_inner() {
    {
        printf '%s\n' config inc setup bin run resources .git
        printf '%s\n' "$htaccess" | sed -n 's/^closed //p'
    } | sort -u | while IFS= read -r folder; do
        [ -z "$folder" ] || [ ! -d "$hrm_path/$folder" ] || echo "$folder"
    done | awk '{ for (each in seen) if (index($0 "/", each "/") == 1) next; seen[$0] = 1; print }'
}

# Below them, what HRM's pages need and its .htaccess files open again: inc/extern/calendar.
find_opened() {
    printf '%s\n' "$inner" "$htaccess" | awk '
        !/^opened / { inner[$0]; next }
        { sub(/^opened /, ""); for (each in inner) if (index($0, each "/") == 1) { print; next } }'
}

# Lines as a part of a regular expression.
alternatives() {
    awk '{ gsub(/[.+]/, "\\\\&"); printf "%s%s", (NR > 1 ? "|" : ""), $0 }'
}

# Of their paths below HRM's tree, for Apache and nginx.
make_pattern() {
    except=$(printf '%s' "$opened" | sed 's/$/(\/|$)/' | alternatives)
    printf '%s\n' "${except:+(?!$except)}($(printf '%s\n' "$inner" | alternatives))(/|\$)"
}

# Looked at once: the tree stays as it is meanwhile.
htaccess=$(find_htaccess)
inner=$(find_inner)
opened=$(find_opened)
pattern=$(make_pattern)

all_names() {
    printf '%s\n' "$names" localhost "$(hostname)" nobodys.invalid ---
    configured_names
}

all_addresses() {
    echo 127.0.0.1
    for each in $(hostname -I 2>/dev/null); do echo "$each" 2>/dev/null; done | head -n 16
}

# spellings PATH: by links, it has several.
spellings() {
    way_of "$1" | while read -r path _; do printf '%s\n' "$path"; done
}

# Of paths, each as `KIND PATH` and a line for each way to it (way_of): `URL<tab>PATH`, at which a web server may show them.
# at: it is a site's root, or below it at any depth, or by an alias. into: an alias leads into it, or into a folder in it, which is told then. in: either of them.
urls() {
    # Not in the environment, nor as an argument: there may be more than either takes.
    { printf '%s\n' "$aliases" ---; cat; } | awk -v tab="$tab" '
        !begun { if ($0 == "---") begun = 1; else if ($0 != "") alias[++count] = $0; next }
        !/^\// { kind = $1; path = substr($0, length(kind) + 2); next }
        kind != "into" { at($1) }
        kind != "at" { into($1) }
        function at(way,   rest, i, of) {
            for (rest = way; rest != ""; sub(/\/[^\/]*$/, "", rest)) print substr(way, length(rest) + 1) tab path
            for (i = 1; i <= count; i++) if (split(alias[i], of, " ") && index(way "/", of[2] "/") == 1) print of[1] substr(way, length(of[2]) + 1) tab path
        }
        function into(way,   i, of) {
            for (i = 1; i <= count; i++) if (split(alias[i], of, " ") && index(of[2] "/", way "/") == 1) print of[1] tab of[2]
        }'
}

# ways KIND PATH…: for `urls`.
ways() {
    kind=$1
    shift
    for each in "$@"; do
        printf '%s %s\n' "$kind" "$each"
        way_of "$each"
    done
}

prefixes() {
    printf '%s\n' "$url_path"
    ways at "$hrm_path" | urls | cut -f 1
}

# something_in FOLDER TEST…: a path in it that find finds.
something_in() {
    below=$1
    shift
    as "$user" find -H "$below" -mindepth 1 -maxdepth 3 "$@" ! -path '*/.*' ! -name '*[[:cntrl:]]*' -printf '%P\n' -quit 2>/dev/null || :
}

# `URL<tab>FOLDER<tab>ENTRY`: where else a folder would be that nobody is to see, and something in it by which that is seen: the folders of images and of logs
# anywhere, inner ones by an alias of their own. Without anything in it there is nothing to be seen yet.
folders_elsewhere() {
    before=
    {
        {
            ways in "$image_folder" "$log_folder"
            printf '%s\n' "$inner" | while IFS= read -r folder; do
                [ -z "$folder" ] || ways into "$hrm_path/$folder"
            done
        } | urls
        other_trees | while IFS= read -r tree; do ways at "$tree"; done | urls | sed "s|$tab|/config$tab|; s|\$|/config|"
    } | sed "s|^$tab|/$tab|" | sort -u -t "$tab" -k 2,2 -k 1,1 | while IFS=$tab read -r url folder; do
        if [ "$folder" != "$before" ]; then
            before=$folder
            entry=hrm_config.inc
            # By a file, whose text is compared; a folder that somebody's site has by the same name would answer alike.
            [ -f "$folder/$entry" ] || entry=$(something_in "$folder" -type f -size +0)
            [ -n "$entry" ] || entry=$(something_in "$folder" -maxdepth 1 -type d)
        fi
        [ -z "$entry" ] || printf '%s\t%s\t%s\n' "$url" "$folder" "$entry"
    done
}

# `FOLDER<tab>FILE`: with a file in it that is no program, where there is one.
folders_with_file() {
    set --
    while IFS= read -r folder; do
        [ -z "$folder" ] || set -- "$@" "$hrm_path/$folder"
    done <<END
$inner
END
    [ $# = 0 ] || find -H "$@" ! -path '*[[:cntrl:]]*' \( -type f ! -name '*.php' ! -name '.*' ! -name '*.hrm-new' -size -200k -o -name hrm_config.inc -xtype f \) -printf '%H\t%p\t%y\n' 2>/dev/null |
        inner=$inner opened=$opened awk -F "$tab" -v tree="$hrm_path/" '
            BEGIN { count = split(ENVIRON["inner"], inner, "\n"); except = split(ENVIRON["opened"], opened, "\n") }
            { for (i = 1; i <= except; i++) if (index($2, tree opened[i] "/") == 1) next }
            $2 == $1 "/hrm_config.inc" { best[$1] = 1; file[$1] = $2 }
            $3 == "l" { next }
            !($1 in best) && (!($1 in file) || $2 < file[$1]) { file[$1] = $2 }
            END { for (i = 1; i <= count; i++) print inner[i] FS file[tree inner[i]] }'
}

# Seconds for a look. Less than a check may take (drift.checkSeconds); a step has more.
budget=6

# stranger: asks over HTTP as anybody could, by each name and address, and prints each address at which something of the inner folders is to be had, with the
# answer. A name that is not there is asked for, since a program would be run: 403 where the folder is closed, 404 where it is open. And a file that is there
# and no program, whose text must not come. A connection that ends without an answer (0, as nginx does with 444) is one; no answer in time (-1) is none.
# shellcheck disable=SC2016
stranger() {
    php_says '
        [, $hrm, $budget, $names, $places, $prefixes, $folders, $elsewhere] = array_map(fn($list) => array_unique(explode("\n", $list)), $argv);
        $hrm = $hrm[0];
        $seconds = min(4, $budget[0] / 2);
        // What HRM itself has comes first, and is asked at each address.
        $own = array_search("---", array_values($names));
        $names = array_values(array_diff($names, ["---"]));
        $asked = [];
        $connect = function ($address, $port, $tls, $name) {
            $context = stream_context_create(["ssl" => ["verify_peer" => false, "verify_peer_name" => false, "peer_name" => $name]]);
            $to = str_contains($address, ":") ? "[$address]" : $address;
            return @stream_socket_client(($tls ? "tls" : "tcp") . "://$to:$port", $code, $text, 2, STREAM_CLIENT_CONNECT, $context);
        };
        // One connection for as long as the server keeps it: setting up TLS takes it longer than its answers.
        $kept = [];
        $ask = function ($address, $port, $tls, $name, $path, $mode = "keep-alive") use ($connect, $seconds, &$kept, &$ask) {
            $key = "$address $port $tls $name";
            $old = $kept[$key] ?? null;
            // A server may have time for one alone.
            $kept = [];
            $socket = $old ?? $connect($address, $port, $tls, $name);
            if (!$socket) return [$tls ? 0 : -2, "", ""];
            $answer = $head = "";
            $length = PHP_INT_MAX;
            $hangs = false;
            // Some answers never end, and some come a byte a second.
            $end = hrtime(true) + $seconds * 1e9;
            stream_set_timeout($socket, (int) ceil($seconds));
            @fwrite($socket, "GET $path HTTP/1.0\r\nHost: $name\r\nUser-Agent: pulumi-hrm\r\nConnection: $mode\r\n\r\n");
            while (!feof($socket) && strlen($answer) < min($length, 400000) && !($hangs = hrtime(true) > $end)) {
                $answer .= fread($socket, 65536);
                if ($head !== "" || ($head = (string) strstr($answer, "\r\n\r\n", true)) === "") continue;
                if (preg_match("~^HTTP/\S+ [23]04\b|^Content-Length: *(\d{1,9})\s*$~mi", $head, $found)) $length = strlen($head) + 4 + ($found[1] ?? 0);
                // Nothing tells where the answer ends.
                elseif ($mode !== "close" && preg_match("~^(Connection: *keep-alive|Transfer-Encoding: )~mi", $head)) {
                    fclose($socket);
                    return $ask($address, $port, $tls, $name, $path, "close");
                }
            }
            if ($hangs || $answer === "" && stream_get_meta_data($socket)["timed_out"]) return [-1, "", ""];
            // One that was kept may have ended meanwhile, or say what belongs to the answer before.
            if (!preg_match("~^HTTP/\S+ (\d+)~", $answer, $status)) {
                fclose($socket);
                return $old ? $ask($address, $port, $tls, $name, $path) : [0, "", ""];
            }
            if (strlen($answer) === $length && preg_match("~^Connection: *keep-alive\s*$~mi", $head)) $kept[$key] = $socket;
            [$head, $body] = explode("\r\n\r\n", "$answer\r\n\r\n", 2);
            return [(int) $status[1], substr($body, 0, -4), preg_match("~^Location: *(\S+)~mi", $head, $found) ? $found[1] : ""];
        };
        $sign = trim((string) @file_get_contents("$hrm/scripts/hucore.tcl"));
        $answered = false;
        $begun = hrtime(true);
        $hung = [];
        foreach ($places as $place) {
            [$address, $port, $kind] = explode(" ", $place);
            if (isset($hung[$port])) continue;
            // Who speaks first speaks another language: mail, a database behind a proxy.
            if ($kind !== "web") {
                $socket = $connect($address, $port, false, "localhost");
                $reads = [$socket];
                $none = null;
                if (!$socket || stream_select($reads, $none, $none, 0, 200000) > 0) continue;
                fclose($socket);
            }
            $hangs = 0;
            foreach (array_unique([...$names, $address]) as $index => $name) {
                if ($index >= $own && $name !== $address && isset($asked["$port $name"])) continue;
                if (hrtime(true) - $begun > $budget[0] * 1e9) {
                    if ($kind === "web") fwrite($out, "unasked $name at $address:$port\n");
                    continue 2;
                }
                $asked["$port $name"] = true;
                // By each name: a server may end the connection of whoever asks by another one.
                $tls = in_array($port, ["443", "8443"]);
                [$status] = $ask($address, $port, $tls, $name, "/");
                if (in_array($status, [0, 400])) [$status] = $ask($address, $port, $tls = !$tls, $name, "/");
                // It hangs, by whatever name, or is not at this address.
                if ($status === -1 && $kind === "web" && ++$hangs < 3) {
                    fwrite($out, "unasked $name at $address:$port\n");
                    continue;
                }
                if ($status === -1) $hung[$port] = true;
                if ($status < 0) continue 2;
                if ($status === 0) continue;
                $answered = true;
                $here = ($tls ? "https" : "http") . "://$name" . ($port === ($tls ? "443" : "80") ? "" : ":$port");
                foreach (array_filter($elsewhere) as $line) {
                    [$url, $folder, $entry] = explode("\t", $line);
                    [$status, $body, $location] = $ask($address, $port, $tls, $name, $path = rtrim($url, "/") . "/" . implode("/", array_map("rawurlencode", explode("/", $entry))));
                    $url = rtrim($url, "/");
                    // Of a folder it says that a slash is missing, which some say of everything.
                    $isRedirected = fn() => str_ends_with($ask($address, $port, $tls, $name, $none = "$url/pulumi-hrm-none")[2], "$none/");
                    $isServed = is_dir("$folder/$entry") ? $status > 300 && $status < 400 && str_ends_with($location, "$path/") && !$isRedirected()
                        : $status === 200 && $body !== "" && @file_get_contents("$folder/$entry", false, null, 0, 1000) === substr($body, 0, 1000);
                    if ($isServed) fwrite($out, "$here$url/ ($folder is served)\n");
                }
                foreach ($prefixes as $prefix) {
                    $url = $here . $prefix;
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
        }
        if (!$answered) fwrite($out, "no-answer\n");' "$hrm_path" "$budget" "$(all_names)" "$(places)" "$(prefixes)" "$(folders_with_file)" "$(folders_elsewhere)" </dev/null ||
        fail "the web server could not be asked what it shows: PHP ends with $?" "run 'php -r 1;' as $user on this host"
}

# Leaves `open`, what is open, by the first address of each folder, since a server has many names; `no-answer` where nothing answers that is a web server for sure;
# and `unasked`, what it could not be asked for in the time.
look_at_web() {
    learn
    answers=$(stranger)
    unasked=$(printf '%s\n' "$answers" | sed -n 's/^unasked //p' | head -n 3)
    open=$(printf '%s\n' "$answers" | grep -v '^unasked ' | awk '{ folder = $1; sub(/\/$/, "", folder); sub(/.*\//, "", folder); if (!(folder in seen)) { seen[folder] = 1; print } }') || :
    [ "$open" != no-answer ] || [ -n "$(running)" ] || open=
}
