#!/usr/bin/env bash
# Installs what the stack without containers needs and this machine lacks. Debian 12 or 13, root or sudo.
#
#   install.sh            everything: system packages, Kafka's jars, TimescaleDB, Python environment
#   install.sh tests      that, and what only the tests need
#   install.sh cost       the Python environment, and what counts instructions
#   install.sh check      the Python environment, and what docker-compose.yml is checked with
#   install.sh python     only the Python environment (.venv), for `make lint` and the like
#   install.sh lock       make the hashed locks in requirements/ anew
#
# What is there already is left alone; when nothing is missing this takes a fraction of a second and asks no
# registry. Package indexes, proxies and certificates are those that apt, Maven and pip are set up with.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export LC_ALL=C DEBIAN_FRONTEND=noninteractive

readonly LOCAL="$PWD/.local"
readonly STAMPS="$LOCAL/installed"
readonly TIMESCALE_SUITE=trixie # the first Debian release that has TimescaleDB
mkdir -p "$STAMPS"

say() { printf '[%4d s] %s\n' "$SECONDS" "$*"; }
die() { printf 'install: %s\n' "$*" >&2; exit 1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; return; fi
  command -v sudo >/dev/null || die "this needs root for: $*. Install sudo, or run make as root."
  sudo "$@"
}

# Run a long command with its output in a log; show the log's end only when it fails.
quietly() {
  local log="$LOCAL/logs/$1.log"; shift
  mkdir -p "$LOCAL/logs"
  "$@" >"$log" 2>&1 || { tail -n 30 "$log" >&2; die "failed: $* (whole output: $log)"; }
}

# --- system packages -------------------------------------------------------------------------------------------

java_is_current() {
  local version
  version=$(java -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1) || return 1
  [ "${version:-0}" -ge 17 ]
}

# The newest PostgreSQL server on this machine, as its folder of programs; empty if there is none.
postgres_bin() {
  find /usr/lib/postgresql -mindepth 3 -maxdepth 3 -path '*/bin/postgres' 2>/dev/null | sort -V | tail -n 1 | xargs -r dirname
}

has_timescaledb() {
  local bin; bin=$(postgres_bin)
  [ -n "$bin" ] && [ -f "$("$bin/pg_config" --sharedir)/extension/timescaledb.control" ] \
    && [ -f "$("$bin/pg_config" --pkglibdir)/timescaledb.so" ]
}

jars_are_current() { [ "$(cat "$STAMPS/jars" 2>/dev/null)" = "$(sha256sum <deploy/local/pom.xml)" ]; }

apt_updated=no
apt_update() {
  [ "$apt_updated" = no ] || return 0
  say "apt-get update"
  quietly apt-update as_root apt-get -qq update
  apt_updated=yes
}

apt_install() {
  command -v apt-get >/dev/null || die "no apt-get here. Install by hand: $* (README, Requirements)."
  apt_update
  say "apt-get install $*"
  quietly apt-install as_root apt-get -qq -y --no-install-recommends install "$@"
}

# Debian's package starts a cluster of its own on port 5432; we bring our own cluster and want no second one.
no_default_cluster() {
  as_root mkdir -p /etc/postgresql-common/createcluster.d
  echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.d/miyun.conf >/dev/null
}

system_packages() {
  local missing=()
  java_is_current || missing+=(default-jre-headless)
  jars_are_current || command -v mvn >/dev/null || missing+=(maven)
  command -v ps >/dev/null || missing+=(procps)
  [ -n "$(postgres_bin)" ] || { missing+=(postgresql); no_default_cluster; }
  [ ${#missing[@]} = 0 ] || apt_install "${missing[@]}"
  java_is_current || die "java on PATH is older than 17: put a newer one first on PATH."
  [ -n "$(postgres_bin)" ] || die "no PostgreSQL under /usr/lib/postgresql after installing it."
}

# One test lives in another year: libfaketime gives our processes and PostgreSQL another clock. Pages are tried
# in Debian's Chromium.
test_packages() {
  local missing=()
  command -v faketime >/dev/null || missing+=(faketime)
  command -v chromium >/dev/null || missing+=(chromium fonts-noto-cjk)
  [ ${#missing[@]} = 0 ] || apt_install "${missing[@]}"
}

# What counts instructions: perf, where the kernel has counters and lets us, or else Valgrind.
cost_packages() {
  local missing=()
  command -v perf >/dev/null || missing+=(linux-perf)
  command -v valgrind >/dev/null || missing+=(valgrind)
  [ ${#missing[@]} = 0 ] || apt_install "${missing[@]}"
}

# --- Kafka -----------------------------------------------------------------------------------------------------

kafka_jars() {
  jars_are_current && return
  say "Kafka's jars by Maven"
  rm -rf "$LOCAL/kafka/libs"
  quietly maven mvn -q -B -f deploy/local/pom.xml dependency:copy-dependencies \
    -DoutputDirectory="$LOCAL/kafka/libs" -DincludeScope=runtime
  sha256sum <deploy/local/pom.xml >"$STAMPS/jars"
}

# --- TimescaleDB -----------------------------------------------------------------------------------------------

timescaledb() {
  has_timescaledb && return
  local version; version=$(basename "$(dirname "$(postgres_bin)")")
  apt_update
  if apt-cache show "postgresql-$version-timescaledb" >/dev/null 2>&1; then
    apt_install "postgresql-$version-timescaledb"
  else
    timescaledb_from_source "$version"
  fi
  has_timescaledb || die "TimescaleDB is not among the extensions of PostgreSQL $version after installing it."
}

# Debian's binary package belongs to another release and would pull its libc in: so its source, built here.
timescaledb_from_source() {
  apt_install build-essential cmake dpkg-dev libkrb5-dev libssl-dev "postgresql-server-dev-$1"
  local work; work=$(mktemp -d); chmod 755 "$work" # apt's own user reads it
  say "TimescaleDB: source package of Debian $TIMESCALE_SUITE"
  (cd "$work" && quietly timescaledb-source debian_source "$work" timescaledb)
  say "TimescaleDB: building against PostgreSQL $1"
  (cd "$work"/timescaledb-*/ && quietly timescaledb-build build_timescaledb "$(postgres_bin)/pg_config")
  rm -rf "$work"
}

# shellcheck disable=SC1091,SC2016 # os-release is read at run time; $(REPO_URI) is apt's, not the shell's
# Fetch a source package of another suite from the mirror this machine uses, without touching its apt sources.
debian_source() {
  local codename mirror keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Codename: $codename" 'Component: main' | head -n 1)
  [ -n "$mirror" ] || die "no Debian mirror for '$codename' among apt's sources."
  mkdir -p "$1/lists/partial" "$1/cache/archives/partial"
  printf 'deb-src [signed-by=%s] %s %s main\n' "$keyring" "$mirror" "$TIMESCALE_SUITE" >"$1/sources.list"
  local options=(-qq -o "Dir::Etc::SourceList=$1/sources.list" -o "Dir::Etc::SourceParts=/dev/null"
    -o "Dir::State::Lists=$1/lists" -o "Dir::Cache=$1/cache")
  apt-get "${options[@]}" update && apt-get "${options[@]}" source "$2"
}

build_timescaledb() {
  # Joined by &&: bash does not stop at a failure inside a function whose result is asked for.
  BUILD_FORCE_REMOVE=true ./bootstrap -DAPACHE_ONLY=1 -DREGRESS_CHECKS=OFF -DTAP_CHECKS=OFF -DWARNINGS_AS_ERRORS=OFF \
    -DCMAKE_BUILD_TYPE=Release -DGENERATE_DOWNGRADE_SCRIPT=OFF -DPG_CONFIG="$1" \
    && make -C build -j"$(nproc)" && as_root make -C build install
}

# --- Python ----------------------------------------------------------------------------------------------------

find_python() {
  local name
  for name in ${MIYUN_PYTHON:-} python3 python3.13 python3.12 python3.11; do
    if "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; then
      "$name" -c 'import sys; print(sys.executable)'; return
    fi
  done
  die "no Python 3.11, 3.12 or 3.13 on PATH: apt-get install python3, or set MIYUN_PYTHON to one."
}

# uv does not read pip's configuration, so hand it on: the same indexes, certificates and proxy.
uv_like_pip() {
  local key value
  while IFS='=' read -r key value; do
    value=${value#\'}; value=${value%\'}; key=${key##*.}
    [ -n "$value" ] || continue
    case "$key" in
      index-url) export UV_DEFAULT_INDEX="$value" ;;
      extra-index-url) export UV_INDEX="$value" UV_INDEX_STRATEGY=unsafe-best-match ;; # as pip; the lock has hashes
      find-links) export UV_FIND_LINKS="${value// /,}" ;;
      trusted-host) export UV_INSECURE_HOST="$value" ;;
      no-index) export UV_NO_INDEX="$value" ;;
      default-timeout | timeout) export UV_HTTP_TIMEOUT="$value" ;;
      cert) export SSL_CERT_FILE="$value" ;;
      proxy) export HTTPS_PROXY="$value" HTTP_PROXY="$value" ;;
    esac
  done < <("$LOCAL/tools/bin/pip" config list)
  export UV_PYTHON_DOWNLOADS=never UV_NO_CONFIG=1
}

uv_tool() {
  local stamp; stamp=$(sha256sum <requirements/tools.txt)
  [ "$(cat "$STAMPS/tools" 2>/dev/null)" = "$stamp" ] && [ -x "$LOCAL/tools/bin/uv" ] && return
  local python; python=$(find_python)
  "$python" -c 'import ensurepip, venv' 2>/dev/null || apt_install python3-venv
  say "uv by pip"
  "$python" -m venv --clear "$LOCAL/tools"
  quietly uv "$LOCAL/tools/bin/pip" install --require-hashes -r requirements/tools.txt
  echo "$stamp" >"$STAMPS/tools"
}

python_environment() {
  local packages project
  packages=$(cat requirements/{runtime,dev,stack}.txt | sha256sum)$PWD
  project=$(sha256sum <pyproject.toml)$packages
  [ "$(cat "$STAMPS/project" 2>/dev/null)" = "$project" ] && [ -x .venv/bin/miyun ] && return
  uv_tool
  uv_like_pip
  local uv="$LOCAL/tools/bin/uv"
  if [ "$(cat "$STAMPS/packages" 2>/dev/null)" != "$packages" ] || [ ! -x .venv/bin/miyun ]; then
    say "Python environment .venv from the hashed locks"
    .venv/bin/python -c '' 2>/dev/null || quietly venv "$uv" venv --clear --python "$(find_python)" .venv
    quietly packages "$uv" pip sync --python .venv/bin/python --require-hashes requirements/{runtime,dev,stack}.txt
    echo "$packages" >"$STAMPS/packages"
  fi
  say "this project into .venv"
  quietly project "$uv" pip install --python .venv/bin/python --no-deps --no-build-isolation --no-index -e .
  echo "$project" >"$STAMPS/project"
}

# The operators' page, built from TypeScript.
pages() { bash deploy/local/web.sh; }

# What docker-compose.yml is checked with.
compose_check() { bash deploy/local/web.sh packages deploy/local/compose-check; }

# Locks name packages, versions and hashes, never where they came from.
make_locks() {
  local options=(--quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header
    --python-version 3.11 "$@")
  uv_tool
  uv_like_pip
  unset UV_FIND_LINKS # a lock made from this machine's own wheels would not install elsewhere
  say "hashed locks in requirements/"
  "$LOCAL/tools/bin/uv" pip compile "${options[@]}" pyproject.toml -o requirements/runtime.txt
  local group
  for group in build dev stack tools; do
    "$LOCAL/tools/bin/uv" pip compile "${options[@]}" -c requirements/runtime.txt --group "$group" \
      -o "requirements/$group.txt"
  done
}

part=${1:-all}
shift || true
case "$part" in
  all) system_packages; kafka_jars; timescaledb; python_environment; pages ;;
  tests) system_packages; test_packages; kafka_jars; timescaledb; python_environment; pages; compose_check ;;
  cost) cost_packages; python_environment ;;
  check) python_environment; compose_check ;;
  python) python_environment ;;
  lock) make_locks "$@" ;;
  *) die "unknown part '$part': all, tests, cost, check, python or lock" ;;
esac
