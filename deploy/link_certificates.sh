#!/usr/bin/env bash
# Certificates for the links between nodes: an authority of their own, made once, and one certificate a node. Who has the
# authority's key makes members: keep it off the nodes.
#
#   deploy/link_certificates.sh FOLDER NODE...    FOLDER/ca.crt and ca.key (kept when there), FOLDER/NODE.crt and NODE.key
#   DAYS=30 deploy/link_certificates.sh …         valid so long; 365 when not set
#
# On a node: LINK_CERTIFICATE=NODE.crt LINK_KEY=NODE.key LINK_AUTHORITY=ca.crt. A running node reads new files by itself.
set -euo pipefail
[ $# -ge 2 ] || { sed -n '5,6s/^# *//p' "$0" >&2; exit 64; }
folder=$1 days=${DAYS:-365}
shift
umask 077
mkdir -p "$folder"
cd "$folder"
new_key=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes)

if [ ! -e ca.key ]; then
  openssl req -x509 "${new_key[@]}" -days "$((days * 10))" -subj "/CN=goloca link authority" \
    -addext basicConstraints=critical,CA:TRUE,pathlen:0 -addext keyUsage=critical,keyCertSign,cRLSign \
    -keyout ca.key -out ca.crt 2>/dev/null
fi
for node in "$@"; do # made beside, then renamed: a node that looks meanwhile sees whole files
  openssl req "${new_key[@]}" -subj "/CN=$node" -keyout ".$node.key" -out ".$node.csr" 2>/dev/null
  openssl x509 -req -in ".$node.csr" -CA ca.crt -CAkey ca.key -days "$days" -out ".$node.crt" 2>/dev/null -extfile <(
    echo "keyUsage=critical,digitalSignature"
    echo "extendedKeyUsage=serverAuth,clientAuth"
  )
  rm ".$node.csr"
  mv ".$node.key" "$node.key"
  mv ".$node.crt" "$node.crt"
done
