#!/bin/sh
# Installs what system-packages.txt lists for the tiers given as arguments, if anything is missing.
# It installs only as root with apt at hand; otherwise it says what to install and goes on, so that
# everything that can run without the package still does.
set -eu
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-python3}
export PYTHON

listed() { # tier -> its "package | test" lines
    sed -e 's/^[[:space:]]*#.*//' system-packages.txt |
        awk -v tier="[$1]" '/^\[/ { inside = ($1 == tier); next } inside && NF'
}

missing=""
for tier in "$@"; do
    lines=$(listed "$tier")
    [ -n "$lines" ] || continue
    while IFS= read -r line; do
        package=$(printf '%s' "${line%%|*}" | tr -d '[:space:]')
        present=${line#*|}
        sh -c "$present" >/dev/null 2>&1 </dev/null || missing="$missing $package"
    done <<LINES
$lines
LINES
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing system packages:$missing"
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086  # a list of package names
    if apt-get update -qq && apt-get install -qq -y --no-install-recommends $missing; then
        exit 0
    fi
    # One name that this system does not know refuses them all: each for itself, then.
    left=""
    for package in $missing; do
        apt-get install -qq -y --no-install-recommends "$package" || left="$left $package"
    done
    missing=$left
    [ -n "$missing" ] || exit 0
fi

echo "Missing on this machine:$missing" >&2
if command -v apt-get >/dev/null 2>&1; then
    echo "Install with: sudo apt-get install$missing" >&2
else
    echo "These are Debian's names; install the same with your system's package manager." >&2
fi
echo "Going on without; whatever needs it will fail and say so." >&2
