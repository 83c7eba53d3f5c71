#!/bin/sh
# Fetches packages, with all that they need and a host has not, from Debian's mirror, and makes a repository of them: repository.sh ROOT FOLDER PACKAGE...
# ROOT is a copy of a host's image, spoilt afterwards. FOLDER gets the packages and their index.
set -eu
root=$1 folder=$2
shift 2

inside() {
    chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}

cp /etc/resolv.conf "$root/etc/resolv.conf"
mount -t proc proc "$root/proc"
mkdir "$root/packages"
mount --bind "$folder" "$root/packages"
mkdir "$folder/partial"
inside apt-get update -q
inside apt-get install -q -y --no-install-recommends --download-only -o Dir::Cache::archives=/packages "$@"
inside apt-get install -q -y --no-install-recommends apt-utils
rm -rf "$folder/partial" "$folder/lock"
inside sh -c 'cd /packages && apt-ftparchive packages . >Packages && apt-ftparchive release . >Release'
