# shellcheck shell=sh
# For the step that looks after the web server: what of this host keeps people from HRM's pages, though the web server shows them. Nothing of it is ours to change, nor sure
# enough to fail for: it is told.
# user: HRM's account. ports: the ports of HRM's pages, one a line.
: "${user:?}" "${ports?}"

# closed_by_nft: `PORT TABLE CHAIN` where the rules end a new connection from outside. What this does not know in a rule may fit or not: that lets in, and keeps nobody out.
# shellcheck disable=SC2016
closed_by_nft() {
    command -v nft >/dev/null || return 0
    nft -j list ruleset 2>/dev/null | php_says '
        $all = json_decode(stream_get_contents(STDIN), true)["nftables"] ?? [];
        $name = fn($of, $chain) => "$of[family] $of[table] $chain";
        $rules = [];
        foreach ($all as $each) if (isset($each["rule"])) $rules[$name($each["rule"], $each["rule"]["chain"])][] = $each["rule"];
        $has = function ($right, $value) use (&$has) {
            foreach ((array) ($right["set"] ?? (is_array($right) && array_is_list($right) ? $right : [$right])) as $item) {
                if (isset($item["range"]) ? $value >= $item["range"][0] && $value <= $item["range"][1] : $item === $value) return true;
            }
            return false;
        };
        // true, false, or null where that is not known.
        $fits = function ($match, $port) use ($has) {
            ["left" => $left, "right" => $right] = $match;
            $turn = fn($answer) => ($match["op"] ?? "==") === "!=" ? !$answer : $answer;
            if (is_string($right) && str_starts_with($right, "@")) return null;
            if (isset($left["payload"]["protocol"])) {
                $protocol = $left["payload"]["protocol"];
                if ($protocol === "tcp" || $protocol === "th") return $left["payload"]["field"] === "dport" ? $turn($has($right, $port)) : null;
                if (in_array($left["payload"]["field"], ["protocol", "nexthdr"])) return $turn($has($right, "tcp"));
                return in_array($protocol, ["udp", "icmp", "icmpv6", "igmp", "sctp", "dccp"]) ? false : null;
            }
            if (($left["meta"]["key"] ?? "") === "l4proto") return $turn($has($right, "tcp"));
            if (in_array($left["meta"]["key"] ?? "", ["iifname", "iif"])) return $right === "lo" ? $turn(false) : null;
            if (($left["ct"]["key"] ?? "") === "state") return $turn($has($right, "new"));
            return null;
        };
        $ends = function ($chain, $port, $depth = 0) use (&$ends, &$rules, $fits, $name) {
            foreach ($depth < 16 ? $rules[$chain] ?? [] : [] as $rule) {
                $sure = true;
                foreach ($rule["expr"] as $expression) {
                    $key = array_key_first($expression);
                    if ($key === "match") {
                        $fit = $fits($expression["match"], $port);
                        if ($fit === false) continue 2;
                        if ($fit === null) $sure = false;
                    } elseif ($key === "accept") return "accept";
                    elseif ($key === "drop" || $key === "reject") { if ($sure) return "drop"; }
                    elseif ($key === "jump" || $key === "goto") {
                        $end = $ends($name($rule, $expression[$key]["target"]), $port, $depth + 1);
                        if ($end === "accept" || $end === "drop" && $sure) return $end;
                    } elseif ($key === "return") { if ($sure) return ""; }
                    elseif (!in_array($key, ["counter", "log", "comment"])) $sure = false;
                }
            }
            return "";
        };
        foreach (explode("\n", $argv[1]) as $port)
            foreach ($all as $each) {
                $chain = $each["chain"] ?? [];
                if (($chain["hook"] ?? "") !== "input" || $chain["type"] !== "filter" || !in_array($chain["family"], ["ip", "inet"])) continue;
                $end = $ends($name($chain, $chain["name"]), (int) $port) ?: ($chain["policy"] ?? "accept");
                if ($end === "drop") { fwrite($out, "$port $chain[table] $chain[name]\n"); break; }
            }' "$ports"
}

# closed_by_ufw: the ports that it lets nobody come to.
closed_by_ufw() {
    command -v ufw >/dev/null || return 0
    status=$(LC_ALL=C ufw status verbose 2>/dev/null) || return 0
    printf '%s\n' "$status" | grep -q '^Status: active' || return 0
    printf '%s\n' "$status" | grep -qE '^Default: (deny|reject) \(incoming\)' || return 0
    printf '%s\n' "$ports" | while read -r port; do
        # What is not plainly for other ports may let in.
        printf '%s\n' "$status" | awk -v port="$port" '
            !/ (ALLOW|LIMIT) IN /  { next }
            {
                sub(/ +(ALLOW|LIMIT) IN .*/, "")
                other = $0 ~ /^OpenSSH( |$)/
                for (i = 1; i <= NF; i++) if ($i ~ /^[0-9][0-9,:]*(\/(tcp|udp))?$/) {
                    split($i, of, "/")
                    other = of[2] == "udp" || !holds(of[1])
                }
                if (!other) { open = 1; exit }
            }
            function holds(list,   parts, ends, n, k) {
                n = split(list, parts, ",")
                for (k = 1; k <= n; k++) {
                    if (split(parts[k], ends, ":") == 1) ends[2] = ends[1]
                    if (port + 0 >= ends[1] + 0 && port + 0 <= ends[2] + 0) return 1
                }
                return 0
            }
            END { exit open }' && echo "$port"
    done || :
}

# Programs that serve HRM's pages and that AppArmor confines: `PROGRAM PROFILE`.
confined() {
    each_process profile_of | sort -u
}

# profile_of PID NAME
profile_of() {
    case $2 in apache2 | nginx | httpd | php-fpm* | mariadbd | mysqld) ;; *) return 0 ;; esac
    profile=
    read -r profile <"/proc/$1/attr/current" || :
    case $profile in *' (enforce)') echo "$2 ${profile% (enforce)}" ;; esac
}

obstacles() {
    [ -z "$ports" ] || closed_by_nft | while read -r port table chain; do
        echo "nft's table $table (chain $chain) drops what comes to port $port from outside: nobody gets to HRM's pages ('nft list ruleset'; add an accept for tcp dport $port)"
    done
    [ -z "$ports" ] || closed_by_ufw | while read -r port; do
        echo "ufw lets nobody come to port $port: nobody gets to HRM's pages ('ufw allow $port/tcp')"
    done
    confined | while read -r program profile; do
        echo "AppArmor confines $program ($profile): what it denies stands in 'journalctl -k' ('aa-complain $profile', or rules for HRM's folders)"
    done
}
