#!/usr/bin/env bash
# A fresh Debian root file system, for the tests that want one; sourced after common.sh.

make_fresh_root() { # TAR: minimal, of the host's release, from the host's package sources and with its settings of apt
  local release sources options=() option
  # shellcheck source=/dev/null
  release=$(. /etc/os-release && echo "$VERSION_CODENAME")
  mapfile -t sources < <(grep -lsE "^(deb|Suites:)(.* )?$release( |\$)" /etc/apt/sources.list /etc/apt/sources.list.d/*.list \
    /etc/apt/sources.list.d/*.sources)
  while read -r option; do options+=("--aptopt=$option"); done \
    < <(apt-config dump | grep -E '^Acquire::(https?::|Check-)[A-Za-z:-]* ".+";')
  mmdebstrap --quiet --variant=minbase "${options[@]}" "$release" "$1" "${sources[@]}"
}

copy_tree() { # FOLDER: what a clone of this tree would hold
  mkdir -p "$1"
  tar -C "$tree" --exclude=./build --exclude=./.git --exclude='*.db*' -cf - . | tar -C "$1" -xf -
}
