#!/usr/bin/env bash
# nginx with deploy/nginx.conf in front of a running service: HTTP and WebSocket through it, and its own refusals are goloca's.
. "$(dirname "$0")/common.sh"
service=$(free_port) front=$(free_port)

mkdir "$scratch/temp"
sed -e "s/listen 80 /listen 127.0.0.1:$front /; s/127\.0\.0\.1:8080/127.0.0.1:$service/" "$tree/deploy/nginx.conf" >"$scratch/goloca.conf"
for listening in "listen 127.0.0.1:$front " "server 127.0.0.1:$service "; do
  grep -qF "$listening" "$scratch/goloca.conf" || fail "deploy/nginx.conf has another form than this test rewrites"
done
cat >"$scratch/nginx.conf" <<CONF
daemon off;
pid $scratch/nginx.pid;
error_log $scratch/log;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path $scratch/temp/body; proxy_temp_path $scratch/temp/proxy; fastcgi_temp_path $scratch/temp/f;
  uwsgi_temp_path $scratch/temp/u; scgi_temp_path $scratch/temp/s;
  include $scratch/goloca.conf;
}
CONF
chmod -R a+rwX "$scratch" # as root, nginx's workers are www-data
nginx=$(command -v nginx || echo /usr/sbin/nginx)
"$nginx" -t -q -p "$scratch" -c "$scratch/nginx.conf"

start_service "$service"
start "$nginx" -p "$scratch" -c "$scratch/nginx.conf"
wait_for_ready "http://127.0.0.1:$front/readyz" 10

post_point "http://127.0.0.1:$front" 201
post_point "http://127.0.0.1:$front" 200 # again: a duplicate
over_websocket "$front"
head -c 9000000 /dev/zero | tr '\0' ' ' >"$scratch/big"
post_point "http://127.0.0.1:$front" 413 "@$scratch/big"
grep -q '"code":"too_large"' "$scratch/reply"

kill -TERM "${started[0]}"
wait "${started[0]}"
post_point "http://127.0.0.1:$front" 504
grep -q '"code":"timeout"' "$scratch/reply"
