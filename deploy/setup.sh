#!/usr/bin/env bash
# Installs the Debian packages (12 or 13) that goloca is built, tested and run with. Asks no network when none is missing.
#
#   deploy/setup.sh            all that deploy/serve.sh and deploy/test.sh need
#   deploy/setup.sh --run      only what building and running the service needs
#   deploy/setup.sh --deploy   also what deploy/test.sh --deploy needs
#   deploy/setup.sh --cluster  what deploy/cluster.sh needs
#   deploy/setup.sh --bench    what deploy/bench.sh needs: the peers and the load clients too; says what cannot be had
#
# Several options at once install what each of them does.
set -euo pipefail

build=(g++ cmake ninja-build ccache pkg-config ca-certificates curl
  libcaf-dev libboost-dev libpqxx-dev libpq-dev libsqlite3-dev nlohmann-json3-dev libspdlog-dev libcli11-dev libssl-dev
  prometheus-cpp-dev)
smoke=(postgresql nginx-light python3 python3-matplotlib) # of deploy/bench.sh --quick
manifests=(python3 python3-yaml) # of deploy/kubernetes; with nodejs and npm, of --deploy, their schemas too
fuzz=(clang-16 libclang-rt-16-dev llvm) # the sanitizers' builds, and the fuzzers: Debian 12's clang is 14, which cannot read Asio's coroutines
grep -qs '^VERSION_ID="12"' /etc/os-release || fuzz=(clang libclang-rt-dev llvm)
browser=(chromium chromium-driver) # the page at /live is looked at in it
tests=(libgtest-dev libgmock-dev librapidcheck-dev openssl sqlite3 patch clang-format clang-tidy "${fuzz[@]}" "${smoke[@]}"
  "${manifests[@]}" "${browser[@]}")
slow=(mmdebstrap buildah systemd nodejs)
cluster=(postgresql patroni etcd-server iproute2 iptables procps openssl)
yardstick=(wrk golang-go golang-github-gorilla-websocket-dev nodejs
  erlang-base erlang-p1-pgsql erlang-jiffy erlang-crypto erlang-ssl)
# Other packagings of nodejs bring their own npm, and conflict with Debian's.
command -v npm >/dev/null || { yardstick+=(npm); slow+=(npm); }

wanted=("${build[@]}")
[ $# -gt 0 ] || wanted+=("${tests[@]}")
for option in "$@"; do
  case $option in
    --run) ;;
    --deploy) wanted+=("${tests[@]}" "${slow[@]}") ;;
    --cluster) wanted+=("${cluster[@]}") ;;
    --bench) wanted+=("${smoke[@]}" "${yardstick[@]}") ;;
    *) sed -n '4,8s/^# *//p' "$0" >&2; exit 64 ;;
  esac
done

missing() { # those of the arguments that are not installed, one a line
  dpkg-query --show --showformat '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null |
    awk -v wanted="$*" '$2 == "installed" { have[$1] = 1 }
      END { count = split(wanted, name, " "); for (i = 1; i <= count; ++i) if (!(name[i] in have)) print name[i] }'
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

apt_install() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -y -qq --no-install-recommends \
    -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120 install "$@" >/dev/null # errors go to stderr
}

# A PostgreSQL server is wanted for the tests only, which start one of their own: no cluster is made, nothing listens.
leave_postgresql_without_a_cluster() {
  apt_install postgresql-common
  as_root sed -i -E 's/^#? *create_main_cluster *=.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf
}

mapfile -t lacking < <(missing "${wanted[@]}" || true)
[ ${#lacking[@]} -gt 0 ] || exit 0

if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
  echo "setup: missing: ${lacking[*]}; run $0 as root" >&2
  exit 1
fi
echo "setup: installing ${lacking[*]}"
as_root apt-get -qq update

# Nothing that is installed here (PostgreSQL, nginx) is started by being installed.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null
  as_root chmod 755 $policy
  trap 'as_root rm -f $policy' EXIT
fi
case " ${lacking[*]} " in *" postgresql "*) leave_postgresql_without_a_cluster ;; esac

# The peers and load clients one by one: what this Debian does not have is no reason to do without the rest.
needed=() refused=()
for package in "${lacking[@]}"; do
  [[ " ${yardstick[*]} " == *" $package "* ]] || needed+=("$package")
done
[ ${#needed[@]} = 0 ] || apt_install "${needed[@]}"
for package in "${lacking[@]}"; do
  [[ " ${yardstick[*]} " == *" $package "* ]] || continue
  apt_install "$package" || refused+=("$package")
done
if [ ${#refused[@]} -gt 0 ]; then
  echo "setup: cannot be had here: ${refused[*]}; what needs them is left out" >&2
fi
