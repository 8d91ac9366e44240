#!/bin/sh
# Facts are in ~/docker, one file each; what changes something is written to ~/changes.
d=$HOME/docker
joined() { if [ -e "$d/network" ]; then echo true; else echo false; fi; }
change() { printf 'docker %s\n' "$*" >>"$HOME/changes"; }
for last; do :; done
case "$*" in
  'info --format '*) [ ! -e "$d/no-info" ] || exit 1; cat "$d/mirror" 2>/dev/null || : ;;
  'version --format'*) echo '26.1.5 amd64' ;;
  'version') ;;
  'ps '*'--filter name=^kamal-proxy$ '*) [ ! -e "$d/former" ] || echo former ;;
  'ps --quiet --no-trunc') [ ! -e "$d/others" ] || echo others ;;
  'inspect --format {"name"'*) cat "$d/former" ;;
  'inspect --format {"labels"'*) cat "$d/others" ;;
  'ps '*'--filter network=mrsk') ;;
  'ps '*'--filter label=service --format {{.ID}} {{.Label "service"}}')
    cat "$d/containers" "$d/accessories" 2>/dev/null | sed -n 's/.*"id":"\([^"]*\)".*"service":"\([^"]*\)".*/\1 \2/p' | grep -hF "$(cat "$d/ids" "$d/accessory-ids" 2>/dev/null || echo none)" || : ;;
  'ps '*'--no-trunc '*'--filter name=^'*) cat "$d/accessory-ids" 2>/dev/null || : ;;
  'ps '*'--filter name=^'*) cut -c 1-12 "$d/accessory-ids" 2>/dev/null || : ;;
  'ps '*'--no-trunc '*) cat "$d/ids" 2>/dev/null || : ;;
  'ps '*'--format {{.Names}}') cat "$d/neighbours" 2>/dev/null || : ;;
  'ps '*) cut -c 1-12 "$d/ids" 2>/dev/null || : ;;
  'inspect --type container --format {"id"'*)
    # The proxy's file is short: it names what matters.
    sed 's|"image":|"name":"/mrsk-proxy","reference":|; s|"config":"\([^"]*\)"|"labels":{"mrsk.config":"\1"}|' "$d/proxy" 2>/dev/null || :
    cat "$d/containers" "$d/accessories" 2>/dev/null | { grep -F "$(printf '"id":"%s"\n' ${*##*mrsk-proxy})" || :; } | sed "s/\"health\":/\"joined\":$(joined),&/" ;;
  'inspect --type container --format {{.State.Running}} {{.HostConfig.NetworkMode}} '*) [ -e "$d/proxy" ] && echo 'true mrsk endpoint' ;;
  'inspect --type container '*mrsk-proxy) cat "$d/proxy" 2>/dev/null || exit 1 ;;
  'image inspect --format {"service"'*) cat "$d/accessory-image" 2>/dev/null || exit 1 ;;
  'image inspect --format {{.ID}} '*) [ -e "$d/accessory-image" ] ;;
  'pull '*) change "$@" ;;
  'inspect --format {{.State.Status}} '*) echo running - 0 0 ;;
  'inspect --format {{with index '*) ;;
  'image ls --all --quiet --no-trunc --filter dangling=true '*) ;;
  'image ls --all --no-trunc --digests '*) cat "$d/images" 2>/dev/null || : ;;
  'image ls '*) [ ! -e "$d/images" ] || echo images ;;
  'image inspect --format {{index .Config.Labels "service"}}'*) echo shop; cat "$d/images" ;;
  'image inspect --format {"id"'*) cat "$d/images" ;;
  'network ls '*) cat "$d/network" 2>/dev/null || : ;;
  'volume ls '*) [ ! -e "$d/freeze" ] || echo "mrsk-freeze.${*##*mrsk-freeze.}" ;;
  'volume inspect '*) cat "$d/freeze" ;;
  'exec '*' mrsk report') cat "$d/routes" 2>/dev/null || : ;;
  'exec '*' mrsk issued '* | 'exec '*' mrsk acme '*) cat "$d/issued" 2>/dev/null || : ;;
  'exec '*' mrsk store '*) change "exec … ${*##* mrsk }"; cat >>"$HOME/changes" ;;
  'exec '*' mrsk confirm'*) ;;
  'exec '*' mrsk drop '*) change "exec … ${*##* mrsk }" ;;
  'exec '*' mrsk lead '*) change "exec … ${*##* mrsk }"; cat >>"$HOME/changes" ;;
  'logs '*) shift; echo "log of $last with $*"; echo 'an ERROR'; echo 'on stderr' >&2 ;;
  'run --detach --restart no '*) change "$@" ;;
  'exec '* | 'run '*) [ ! -e "$d/reads" ] || cat; echo "ran: $*"; exit "$(cat "$d/status" 2>/dev/null || echo 0)" ;;
  'rename '* | 'create '* | 'network connect '* | 'network disconnect '* | 'network create '* | 'network rm '*) change "$@" ;;
  'start '* | 'stop '* | 'rm '* | 'update '* | 'image rm '* | 'volume create '* | 'volume rm '*) change "$@" ;;
  *) echo "the fake docker knows no: docker $*" >&2; exit 125 ;;
esac
