#!/bin/sh
# The hand-written tool: run.sh deploy|rollback VERSION, or run.sh details.
# All hosts at once, one plain ssh each.
set -eu
cd /hand
on_all() {
  pids=
  for host in vm1 vm2 vm3; do
    ssh -o BatchMode=yes -o StrictHostKeyChecking=accept-new "root@$host" "$1" </dev/null &
    pids="$pids $!"
  done
  for pid in $pids; do wait "$pid"; done
}
case $1 in
  deploy)
    docker buildx build --quiet --output=type=registry --platform linux/amd64 --label service=hand \
      -t "registry:5000/hand:$2" -t registry:5000/hand:latest . >/dev/null 2>&1
    on_all "version=$2
$(cat /hand.sh)" ;;
  rollback)
    on_all "version=$2 fetched=yes
$(cat /hand.sh)" ;;
  details)
    on_all "docker ps --filter name=mrsk-proxy && docker ps --filter label=service=hand" ;;
esac
