#!/bin/sh
# Makes the passwords of the containers, each once, in the folder that is given: in it a folder for each user of
# the images, which nobody else may enter (70 is postgres, 472 grafana, 10001 ours). Must run as root.
set -eu
umask 077
cd "$1"
mkdir -p postgres grafana miyun

make_once() {
  [ -s "$1" ] && return
  head -c 32 /dev/urandom | sha256sum | cut -c 1-32 >"$1.new"
  mv "$1.new" "$1"
}

for name in postgres/superuser postgres/miyun postgres/reader grafana/admin miyun/operator; do make_once "$name"; done
cp postgres/reader grafana/reader
printf '*:*:*:postgres:%s\n' "$(cat postgres/superuser)" >postgres/pgpass
printf '*:*:*:miyun:%s\n' "$(cat postgres/miyun)" >miyun/pgpass
chown -R 70:70 postgres
chown -R 472:0 grafana
chown -R 10001:10001 miyun
chmod 755 .
