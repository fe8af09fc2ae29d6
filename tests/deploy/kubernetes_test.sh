#!/usr/bin/env bash
# deploy/kubernetes without a cluster: the API's schemas (kubernetes/schemas.mjs), what must hold between the manifests and goloca
# (kubernetes/rules.py and rules_test.py), and goloca's own look at the settings. The first two also break the manifests on purpose.
# What cannot be done here says SKIP: the schemas without node, npm or its registry, the settings without a build.
. "$(dirname "$0")/common.sh"
here=$tree/tests/deploy/kubernetes modules=$tree/build/kubernetes
schemas=(kubernetes-models@5.1.0 @kubernetes-models/cert-manager@6.0.0 @kubernetes-models/prometheus-operator@6.0.0)

have_schemas() {
  [ "$(cat "$modules/installed" 2>/dev/null)" != "${schemas[*]}" ] || return 0
  mkdir -p "$modules"
  timeout 120 npm install --prefix "$modules" --no-audit --no-fund --no-save --loglevel error --fetch-retries 1 \
    --fetch-retry-mintimeout 1000 "${schemas[@]}" &&
    echo "${schemas[*]}" >"$modules/installed"
}

check_settings() { # ROLE: as a pod has them, but for where the files lie
  local role=$1
  sed "s#=/etc/goloca/#=$scratch/#" "$tree/deploy/kubernetes/$role.env" >"$scratch/$role.env"
  (cd "$scratch" && env -i NODE_NAME="goloca-$role-0" "$binary" check-config --config "$role.env") >"$scratch/log" 2>&1 ||
    { cat "$scratch/log"; fail "goloca refuses deploy/kubernetes/$role.env"; }
  ! grep 'is not used' "$scratch/log" || fail "deploy/kubernetes/$role.env has what goloca has no use for"
}

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  echo "SKIP the API's schemas: there is no node, or no npm"
elif ! have_schemas >"$scratch/log" 2>&1; then
  cat "$scratch/log"
  echo "SKIP the API's schemas: npm could not fetch ${schemas[*]}"
else
  /usr/bin/python3 -B "$here/manifests.py" | node "$here/schemas.mjs" "$modules/node_modules"
fi

/usr/bin/python3 -B -m unittest discover -s "$here" -p '*_test.py'

[ -x "$binary" ] || binary=$tree/build/dev/goloca
if [ ! -x "$binary" ]; then
  echo "SKIP goloca's check of the settings: neither build/release/goloca nor build/dev/goloca is built"
  exit 0
fi
mkdir -p "$scratch/link" "$scratch/database"
"$tree/deploy/link_certificates.sh" "$scratch/made" node
cp "$scratch/made/ca.crt" "$scratch/link/ca.crt"
cp "$scratch/made/node.crt" "$scratch/link/tls.crt"
cp "$scratch/made/node.key" "$scratch/link/tls.key"
echo 'postgresql://goloca:secret@db-1,db-2/goloca' >"$scratch/database/url"
for role in edge writer; do check_settings "$role"; done
