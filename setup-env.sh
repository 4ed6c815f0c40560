#!/bin/sh
# `npm run setup` for a fresh checkout: installs the packages first where there are none.
set -eu

cd "$(dirname "$0")"

for program in node npm; do
  if ! command -v "$program" >/dev/null 2>&1; then
    echo "This needs $program. Install Node 20 or later (https://nodejs.org), which brings npm; npm brings the rest." >&2
    exit 1
  fi
done

if [ ! -d node_modules ]; then
  npm ci >&2
fi

exec npm run --silent setup -- "$@"
