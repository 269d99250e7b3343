#!/bin/bash
# Installs what the tests need and runs them. The last line is "N passed, N failed"; the exit status is 0 if none failed.
#
#   ./test [PART…]   pure    types, lint and the tests that run anywhere, without root (under a minute)
#                      kernel  the tests that need root and this kernel's BPF, and that nothing is left in the kernel
#                      guest   the tests that run in virtual machines with Debian's kernels
#                      all     all of these (default)
#
# A part that fails does not stop the next. Needs Node 20.19 and, for all but `pure`, root on Debian 12: missing packages
# are installed with apt-get. Everything else goes to node_modules/ and .cache/.
set -uo pipefail
cd "$(dirname "$0")" || exit
exec </dev/null
export PATH=$PWD/node_modules/.bin:$PATH
export CI=true BEETRACE_TEST_RUN=$$.$EPOCHSECONDS
[ -t 1 ] || export NO_COLOR=1
trap 'kill $(jobs -p) 2>/dev/null; wait; exit 130' INT TERM
passed=0 failed=0 skipped=0

# The Debian package of each command that the tests run.
declare -A packages=(
  [g++]=g++ [qemu-system-x86_64]=qemu-system-x86 [busybox]=busybox-static [xz]=xz-utils [zstd]=zstd
  [nginx]=nginx-core [bpftrace]=bpftrace [ip]=iproute2
)

count() {
  passed=$((passed + $1))
  failed=$((failed + $2))
  skipped=$((skipped + $3))
}

# title NAME / timed: a heading, and the time since.
title() {
  heading=$1 started=${EPOCHREALTIME/./}
  echo
  echo "== $heading"
}

timed() {
  local ms=$(((${EPOCHREALTIME/./} - started) / 1000))
  printf '== %s: %s in %d.%d s\n' "$heading" "$1" $((ms / 1000)) $((ms % 1000 / 100))
}

# check NAME COMMAND…: a part that passes or fails as one.
check() {
  title "$1"
  if "${@:2}"; then
    count 1 0 0
    timed passed
  else
    count 0 1 0
    timed FAILED
    return 1
  fi
}

# need NAME COMMAND…: what the parts need first; it counts only if it fails.
need() {
  title "$1"
  if "${@:2}"; then timed done; else
    count 0 1 0
    timed FAILED
    return 1
  fi
}

# suite PROJECT SECONDS: a Vitest project, of which each test counts. Vitest cannot end a test that never yields, so
# all its processes are ended when the time is up.
suite() {
  local report=.cache/report-$1.json status counts
  title "tests: $1"
  mkdir -p .cache
  rm -f "$report"
  timeout -k 10 "$2" vitest run --project "$1" --reporter=default --reporter=json --outputFile.json="$report" &
  wait $!
  status=$?
  [ "$status" != 124 ] || echo "no end within $2 s"
  counts=$(node tests/tally.mjs "$report" "$status") || counts='0 1 0'
  # shellcheck disable=SC2086
  set -- $counts
  count "$1" "$2" "$3"
  timed "$1 passed, $2 failed, $3 skipped"
}

# npm notes in node_modules/.package-lock.json what it installed. A lock file that was written where the registry lacks
# some platform's optional package does not name that package, and npm ci then refuses it; npm install does not, and
# takes the same locked versions.
install_modules() {
  [ package-lock.json -nt node_modules/.package-lock.json ] || return 0
  mkdir -p .cache
  npm ci --no-audit --no-fund >.cache/npm-ci.log 2>&1 || npm install --no-save --no-audit --no-fund
}

need_root() {
  [ "$(id -u)" = 0 ] || { echo "this part needs root" >&2 && return 1; }
}

# RUNLEVEL=1 keeps the packages' services from being started.
install_packages() {
  local command missing=()
  for command in "${!packages[@]}"; do
    PATH=$PATH:/usr/sbin:/sbin command -v "$command" >/dev/null || missing+=("${packages[$command]}")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  echo "installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
  apt-get install -qq -y --no-install-recommends "${missing[@]}" ||
    { apt-get update -qq && apt-get install -qq -y --no-install-recommends "${missing[@]}"; }
}

prepare() { need_root && install_packages && tests/workloads/build; }

prepare_guest() { prepare && tests/guest/kernel 6.1 && tests/guest/kernel 6.12; }

pure() {
  check "types" tsc -b
  check "lint" biome check .
  suite pure 300
}

kernel() {
  local before
  need "packages and workloads" prepare || return
  before=$(mktemp)
  tests/leaks/leaks before "$before"
  suite kernel 1800
  check "nothing left in the kernel" tests/leaks/leaks after "$before" "$BEETRACE_TEST_RUN"
  rm -f "$before"
}

guest() {
  need "packages, workloads and guest kernels" prepare_guest || return
  suite guest 3600
}

[ $# -gt 0 ] || set -- all
for part; do
  case $part in
    pure | kernel | guest | all) ;;
    *) sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//;p}' "$0" >&2 && exit 2 ;;
  esac
done
need "modules" install_modules
for part; do
  case $part in
    all) pure; kernel; guest ;;
    *) "$part" ;;
  esac
done

echo
if [ "$skipped" -gt 0 ]; then echo "$passed passed, $failed failed, $skipped skipped"; else echo "$passed passed, $failed failed"; fi
[ "$failed" = 0 ]
