/** What tests of packages do to a host on which nothing is installed yet. */

/** apt's sources, put back in the end. */
const sources = "/etc/apt/sources.list";
export const instead = (line: string) => `cp -n ${sources} /root/sources; rm -rf /var/lib/apt/lists/*; echo '${line}' >${sources}`;
export const asBefore = `mv /root/sources ${sources}; rm -rf /var/lib/apt/lists/*`;

/** Holds dpkg's lock as dpkg does (fcntl(2)). */
export const holdLock = (seconds: number) =>
    `setsid perl -e 'use Fcntl; open F, ">", "/var/lib/dpkg/lock-frontend"; my $lock = pack("s s x4 q q l x4", F_WRLCK, 0, 0, 0, 0); fcntl F, F_SETLK, $lock or die; sleep ${seconds}' >/dev/null 2>&1 </dev/null & sleep 0.5`;

/** Without pkill, which is not there yet. */
export const killInstallation = `for file in /proc/[0-9]*/comm; do case $(cat "$file" 2>/dev/null) in apt-get | dpkg) kill -9 "$(echo "$file" | cut -d / -f 3)" ;; esac; done
    for file in /proc/[0-9]*/cmdline; do ! tr '\\0' ' ' <"$file" 2>/dev/null | grep -q '^sh -s [e]nsure' || kill -9 "$(echo "$file" | cut -d / -f 3)"; done`;

/** A repository in which `zip` needs a newer `base-of-zip` than the host has. */
export const needsAnUpgrade = `set -e; mkdir -p /srv/newer; cd /srv/newer
make() { mkdir -p "$1/DEBIAN"; printf 'Package: %s\\nVersion: %s\\nArchitecture: all\\nMaintainer: a <a@example.org>\\nDescription: a\\n%s' "$1" "$2" "$3" >"$1/DEBIAN/control"; dpkg-deb -b "$1" "$1_$2.deb"; }
make base-of-zip 1 ''; dpkg -i base-of-zip_1.deb; make base-of-zip 2 ''; make zip 99 "Depends: base-of-zip (>= 2)
"
for deb in base-of-zip_2.deb zip_99.deb; do dpkg-deb -f "$deb"; echo "Filename: ./$deb"; echo "Size: $(stat -c %s "$deb")"; echo "SHA256: $(sha256sum "$deb" | cut -d ' ' -f 1)"; echo; done >Packages
cp -n ${sources} /root/sources; echo 'deb [trusted=yes] file:/srv/newer ./' >>${sources}; apt-get update -q`;
