# One host's part of a deploy by hand. What a person would write: it does the same work in
# Docker as a deploy of mrsk, has one connection for it, and no way back when something fails.
set -eu
image=registry:5000/hand:$version
alias=h-$version-$$
old=$(docker ps --quiet --filter label=service=hand)
[ -n "${fetched-}" ] || docker pull --quiet "$image" >/dev/null
docker run --detach --name "hand-web-$version-$$" --network mrsk --network-alias "$alias" \
  --restart unless-stopped --label service=hand --env GREETING=hello "$image" >/dev/null
docker exec mrsk-proxy sh -c 'until wget -qO /dev/null "http://$0/up"; do sleep 0.05; done' "$alias" 2>/dev/null
docker exec -i mrsk-proxy sh -c 'cat >/mrsk/routes/hand.tmp && mv /mrsk/routes/hand.tmp /mrsk/routes/hand.yml' <<end
{"http": {
  "routers": {"hand": {"rule": "Host(\`hand.example.com\`)", "entryPoints": ["http"], "service": "$alias"}},
  "services": {"$alias": {"loadBalancer": {"servers": [{"url": "http://$alias"}]}}}
}}
end
docker exec mrsk-proxy sh -c 'until wget -qO - http://127.0.0.1:8080/api/http/routers/hand@file | grep -q "$0"; do sleep 0.05; done' "$alias" 2>/dev/null
[ -z "$old" ] || docker stop -t 5 $old >/dev/null
docker tag "$image" registry:5000/hand:latest
docker ps --all --quiet --filter label=service=hand --filter status=exited | tail -n +6 | xargs -r docker rm >/dev/null
docker image prune --force --filter label=service=hand >/dev/null
