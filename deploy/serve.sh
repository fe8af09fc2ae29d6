#!/usr/bin/env bash
# Installs what is missing, builds, and serves: the one command from a clone to a stored point. Arguments go to goloca serve.
# The directory you are in is the service's: config.env is read and the SQLite file is kept there.
#
#   deploy/serve.sh [--port 9000 ...]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
"$here/setup.sh" --run
"$here/build.sh" release goloca
exec "$here/../build/release/goloca" serve "$@"
