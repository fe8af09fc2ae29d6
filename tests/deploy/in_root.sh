#!/usr/bin/env bash
# in_root.sh ROOT COMMAND...: chroot, in namespaces of its own, so that mounts and processes end with it. SIGTERM to the process
# group reaches COMMAND, whose exit code is this one's.
exec unshare --mount --pid --fork --kill-child bash -ec '
  root=$1
  shift
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  exec chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "$@"' in_root "$@"
