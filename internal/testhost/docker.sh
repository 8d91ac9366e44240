#!/bin/sh
# Facts are in ~/docker, one file each; what changes something is written to ~/changes.
d=$HOME/docker
change() { printf 'docker %s\n' "$*" >>"$HOME/changes"; }
for last; do :; done
case "$*" in
  'version --format'*) echo '26.1.5 amd64' ;;
  'version') ;;
  'ps '*'--filter name=^kamal-proxy$ '*) [ ! -e "$d/former" ] || echo former ;;
  'ps --quiet --no-trunc') [ ! -e "$d/others" ] || echo others ;;
  'inspect --format {"name"'*) cat "$d/former" ;;
  'inspect --format {"labels"'*) cat "$d/others" ;;
  'ps '*'--filter network=mrsk') ;;
  'ps '*'--no-trunc '*'--filter name=^'*) cat "$d/accessory-ids" 2>/dev/null || : ;;
  'ps '*'--filter name=^'*) cut -c 1-12 "$d/accessory-ids" 2>/dev/null || : ;;
  'ps '*'--no-trunc '*) cat "$d/ids" 2>/dev/null || : ;;
  'ps '*'--format {{.Names}}') cat "$d/neighbours" 2>/dev/null || : ;;
  'ps '*) cut -c 1-12 "$d/ids" 2>/dev/null || : ;;
  'inspect --type container '*mrsk-proxy) cat "$d/proxy" 2>/dev/null || exit 1 ;;
  'inspect --format {"id"'*) cat "$d/containers" ;;
  'inspect --format {"seen"'*) cat "$d/accessories" ;;
  'image inspect --format {"service"'*) cat "$d/accessory-image" 2>/dev/null || exit 1 ;;
  'image inspect --format {{.ID}} '*) [ -e "$d/accessory-image" ] ;;
  'pull '*) change "$@" ;;
  'inspect --format {{.State.Status}} '*) echo running - 0 ;;
  'inspect --format {{with index '*) ;;
  'image ls '*) [ ! -e "$d/images" ] || echo images ;;
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
  'logs '*) shift; echo "log of $last with $*"; echo 'an ERROR'; echo 'on stderr' >&2
    case "$*" in *--follow*) : >"$HOME/.followed-$last" ;; esac ;;
  'run --detach --restart no '*) change "$@" ;;
  'exec '* | 'run '*) [ ! -e "$d/reads" ] || cat; echo "ran: $*"; exit "$(cat "$d/status" 2>/dev/null || echo 0)" ;;
  'rename '* | 'create '* | 'network connect '* | 'network disconnect '* | 'network create '*) change "$@" ;;
  'start '* | 'stop '* | 'rm '* | 'update '* | 'image prune '* | 'image rm '* | 'volume create '* | 'volume rm '*) change "$@" ;;
  *) echo "the fake docker knows no: docker $*" >&2; exit 125 ;;
esac
