# docker WORD…: docker, with a time limit: the client waits forever for a daemon that hangs. A command
# has a minute, unless it is listed here as one that may take longer. What may take as long as it needs
# is watched; only a follower of a log is not, because it may outlive the one who reads it.
docker() {
  case "$1 ${2-}" in
    'logs '*) case " $* " in *' --follow '*) command docker "$@" ;; *) _watched "$@" ;; esac ;;
    'run '* | 'exec '* | 'pull '* | 'login '*) _watched "$@" ;;
    'stop -t') _within $((600 + $3)) "$@" ;;
    'create '* | 'start '* | 'unpause '* | 'stop '* | 'kill '* | 'rm '* | 'cp '*) _within 600 "$@" ;;
    'image rm' | 'image prune' | 'container '* | 'network rm' | 'volume rm') _within 600 "$@" ;;
    *) _within 60 "$@" ;;
  esac
}

# _within SECONDS WORD…: docker with a limit, and a word about it when it is over. It gets none of the
# descriptors that locks and ends of output hang on: the timeout of busybox leaves a process behind for up
# to a second.
_within() {
  _limit=$1
  shift
  timeout "$_limit" docker "$@" 5>&- 6>&- 7>&- 8<&- 9<&-
  set -- $? "$1"
  [ "$1" -ne 124 ] && [ "$1" -ne 143 ] || echo "docker $2: no answer within $_limit s; the Docker daemon on this host hangs" >&2
  return "$1"
}

# _watched WORD…: docker without a limit. It ends the client when the daemon hangs meanwhile. A client in the
# background would have no input, and in braces exec needs no further process. A signal that the shell catches ends
# wait, and not the client.
_watched() {
  {
    { exec docker "$@"; } <&4 4<&- &
    _client=$!
    _await_hang "$_client" &
    _watcher=$!
  } 4<&0
  wait "$_client"
  set -- $? "$1"
  while kill -0 "$_client" 2>/dev/null; do
    wait "$_client"
    set -- $? "$2"
  done
  kill "$_watcher" 2>/dev/null
  wait "$_watcher" 2>/dev/null
  [ $? -eq 9 ] || return "$1"
  echo "docker $2: the Docker daemon on this host hangs: it did not answer docker version within 60 s" >&2
  return 125
}

# _await_hang CLIENT: ask the daemon once a minute as long as the client runs. When there is no answer, end
# the client and exit with 9. It has none of the descriptors that locks and ends of output hang on.
_await_hang() {
  trap 'kill "$_nap"; exit' TERM
  while kill -0 "$1"; do
    sleep 60 &
    _nap=$!
    wait "$_nap"
    timeout 60 docker version &
    _nap=$!
    wait "$_nap"
    case $? in
      124 | 143)
        trap '' TERM
        kill -9 "$1"
        exit 9
        ;;
    esac
  done
} </dev/null >/dev/null 2>&1 3<&- 4<&- 5<&- 6<&- 7<&- 8<&- 9<&-

# await_docker SECONDS: wait until the daemon answers, which may be starting again.
await_docker() {
  _until=$(($(date +%s) + $1))
  until docker version >/dev/null 2>&1; do
    [ "$(date +%s)" -lt "$_until" ] || return 1
    sleep 1
  done
}

# state_of CONTAINER: its state, health (- without a health check), exit status, and how often docker
# has restarted it.
state_of() {
  docker inspect --format '{{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{else}}-{{end}} {{.State.ExitCode}} {{.RestartCount}}' "$1"
}

# unwell CONTAINER WHY [MORE]: give a new container up. What the operator reads at once goes to
# stderr, the whole log to stdout. It returns $status_unwell.
unwell() {
  {
    printf 'container %s %s\n' "$1" "$2"
    [ -z "${3-}" ] || printf '%s\n' "$3"
    docker inspect --format '{{if .State.Health}}{{range .State.Health.Log}}health check: exit status {{.ExitCode}}: {{.Output}}
{{end}}{{end}}' "$1" | sed '/^$/d' | tail -n 5
    printf 'the last lines of its log:\n'
    docker logs --tail 20 "$1" 2>&1 | sed 's/^/  | /'
  } >&2
  docker logs "$1" 2>&1 | tail -c 1000000
  return "$status_unwell"
}

# told_probe LIMIT ANSWER: report the first line of an answer to a probe, unless it is the one in $_told.
told_probe() {
  set -- "$1" "$(printf '%s\n' "$2" | sed 1q)"
  [ "$2" = "$_told" ] || report probed "$@"
  _told=$2
}

# await_up CONTAINER DELAY TIMEOUT [once]: wait until its health check says so or, without one, until
# it has been running for DELAY seconds. With once it may also have ended with exit status 0.
# shellcheck disable=SC2046 # the words are counted on
await_up() {
  _since='' _until=$(($(date +%s) + $3)) _once=${4-} _told=''
  while :; do
    set -- "$1" "$2" "$3" $(state_of "$1")
    [ $# -eq 7 ] || return 1 # docker has said why
    [ "$4 $6 $_once" != 'exited 0 once' ] || return 0
    case "$4 $5" in
      'running healthy') return 0 ;;
      'running -')
        _since=${_since:-$(date +%s)}
        [ $(($(date +%s) - _since)) -lt "$2" ] || return 0
        ;;
      running* | created*)
        told_probe "$3" "it is $4, health check: $5"
        [ "$(date +%s)" -lt "$_until" ] || {
          unwell "$1" "was not up within $3 seconds: it is $4, $5"
          return
        }
        ;;
      *)
        unwell "$1" "ended with exit status $6"
        return
        ;;
    esac
    pause 1 || return "$status_gave_up"
  done
}

# still_runs CONTAINER: fail when a container that was up has ended since, even if it runs again.
# shellcheck disable=SC2046 # the words are counted on
still_runs() {
  set -- "$1" $(state_of "$1")
  [ $# -eq 5 ] || return 1 # docker has said why
  case "$2 $5" in
    'running 0') return 0 ;;
    running* | restarting*) unwell "$1" "ended after it had been up; docker has restarted it, count $5" ;;
    *) unwell "$1" "ended with exit status $4 after it had been up" ;;
  esac
}

# still_up CONTAINER: still_runs, and its own health check says nothing else.
# shellcheck disable=SC2046 # the words are counted on
still_up() {
  still_runs "$1" || return
  set -- "$1" $(state_of "$1")
  [ "$3" != unhealthy ] || unwell "$1" 'is no longer healthy'
}

# watch_up SECONDS CONTAINER: still_up once a second.
watch_up() {
  _watched=$(($(date +%s) + $1))
  while [ "$(date +%s)" -lt "$_watched" ]; do
    pause 1 || return "$status_gave_up"
    still_up "$2" || return
  done
}

# halt CONTAINER [SECONDS]: stop it; one that docker cannot stop is killed. What fails may have ended
# nevertheless, and what is to stop may be gone already.
halt() {
  docker stop ${2:+-t "$2"} "$1" && return
  _runs=$(docker ps --quiet --filter "id=$1") || return
  [ -n "$_runs" ] || return 0
  docker kill "$1" && report killed && return
  _runs=$(docker ps --quiet --filter "id=$1") || return
  [ -n "$_runs" ] || return 0
  echo 'it still runs: docker can neither stop nor kill it' >&2
  return 1
}

# see SERVICES FORMAT NAME…: tell of the containers of these services, and of those with the names.
# One of the names may not be there, and something can vanish between the two programs; but where
# docker does not list them, nobody may take it for a host without any.
# shellcheck disable=SC2033 # xargs runs the program, not the function
see() {
  _services=" $1 " _format=$2
  shift 2
  _listed=$(docker ps --all --no-trunc --filter label=service --format '{{.ID}} {{.Label "service"}}') || return 1
  printf '%s\n' "$_listed" |
    while read -r _id _of; do case $_services in *" $_of "*) echo "$_id" ;; esac done |
    xargs docker inspect --type container --format "$_format" "$@" 2>/dev/null || :
}

# is_there CONTAINER: succeed when there is one of that name or id.
is_there() { docker inspect --type container --format '{{.Id}}' "$1" >/dev/null 2>&1; }

# remove_containers CONTAINER…: remove those that are there.
remove_containers() {
  for _name; do ! is_there "$_name" || docker rm --force "$_name" || return 1; done
}

# leave_network NETWORK CONTAINER: disconnect the container, if it is connected.
leave_network() {
  _joined=$(docker inspect --format "{{if index .NetworkSettings.Networks \"$1\"}}yes{{end}}" "$2" 2>/dev/null)
  [ -z "$_joined" ] || docker network disconnect "$1" "$2"
}

# by_label LABEL: the ids of all containers with it.
by_label() { docker ps --all --quiet --no-trunc --filter "label=$1"; }

# discard LABEL SECONDS: stop and remove the containers with this label, if there are any.
discard() {
  _ids=$(by_label "$1") || return 1
  for _id in $_ids; do
    [ "$2" -eq 0 ] || docker stop -t "$2" "$_id" || :
    docker rm --force "$_id" || return 1
  done
}

# remove_untagged LABEL: remove the images with this label that have no tag, one by one, where no
# container uses them. docker image prune may mark images of running containers for removal.
# Without --all, some command lines of Docker 29 list none.
remove_untagged() {
  _ids=$(docker image ls --all --quiet --no-trunc --filter dangling=true --filter "label=$1") || return 1
  for _id in $_ids; do
    _users=$(docker ps --all --quiet --filter "ancestor=$_id") && [ -z "$_users" ] || continue
    docker image rm "$_id" || :
  done
}

# keep LABEL POLICY: give the container with the label its restart policy; fail when it no longer
# runs, as it may after a wait for other hosts.
keep() {
  _ids=$(by_label "$1") || return 1
  [ -n "$_ids" ] || {
    echo 'the new container is gone' >&2
    return 1
  }
  still_runs "$_ids" || return
  # It may end just now, and docker updates no container that has ended.
  docker update --restart "$2" "$_ids" || { still_runs "$_ids" && return 1; }
}

# restart_policy LABEL POLICY: give the container with the label a restart policy, if it is there.
restart_policy() {
  _ids=$(by_label "$1") || return 1
  [ -z "$_ids" ] || docker update --restart "$2" $_ids
}

# kept [LABEL POLICY]…: succeed when the containers with these labels have these restart policies.
# shellcheck disable=SC2046 # the words are counted on
kept() {
  while [ $# -gt 0 ]; do
    [ "$(docker inspect --format '{{.HostConfig.RestartPolicy.Name}}' $(by_label "$1") 2>/dev/null)" = "$2" ] || return 1
    shift 2
  done
}

# expect_containers IDS FILTER…: fail when the containers that the filters find are others.
expect_containers() {
  _expected=$1
  shift
  _found=$(docker ps --all --quiet --no-trunc "$@" | sort | tr '\n' ' ')
  [ "${_found% }" = "$_expected" ] || {
    echo "the containers of this app have changed meanwhile" >&2
    return "$status_drifted"
  }
}

# labelled IMAGE LABEL VALUE FORMAT: print the image in the format; fail when it does not have the
# label.
labelled() {
  _image=$(docker image inspect --format "{{index .Config.Labels \"$2\"}}
$4" "$1") || return 1
  printf '%s\n' "$_image" | sed 1d
  [ "$(printf '%s\n' "$_image" | sed -n 1p)" = "$3" ] || {
    echo "the image $1 has no label $2=$3; build it with mrsk, or with --label $2=$3" >&2
    return 1
  }
}

# asset_volumes VOLUME LABELS…: make the volume, and two for what each of the images has.
asset_volumes() {
  _volume=$1
  shift
  for _v in "$_volume" "$_volume-new" "$_volume-old"; do docker volume create "$@" "$_v" >/dev/null || return 1; done
}

# bridge_assets VOLUME PATH HELPER IMAGE [OLD_IMAGE OLD_ALIAS]: fill the volume that asset_volumes made
# with what the two images have below PATH, the new one first, and add to the volume of the old
# container what the new image has and it has not. HELPER is an image with a shell.
bridge_assets() {
  _volume=$1 _path=$2 _was=${5-}
  # Of what two versions have under one name, each container keeps its own.
  _merge_assets='
    [ -n "$(ls -A /new)" ] || { echo "the image has no files in $1" >&2; exit 1; }
    cp -a /old/. /all; cp -a /new/. /all || exit 1
    [ -d /before ] && cd /new || exit 0
    find . -type d -exec mkdir -p "/before/{}" \; ; find . ! -type d | while IFS= read -r f; do
      [ -e "/before/$f" ] || [ -L "/before/$f" ] || cp -a "$f" "/before/$f"
    done'
  _before=$([ -z "${6-}" ] || docker volume ls --quiet --filter "label=mrsk.alias=$6" --filter name=mrsk-assets-) || return 1
  assets_of "$4" "$_volume-new" && { [ -z "$_was" ] || assets_of "$_was" "$_volume-old" || :; } &&
    docker run --rm --network none --volume "$_volume-new:/new" --volume "$_volume-old:/old" --volume "$_volume:/all" ${_before:+--volume "$_before:/before"} \
      --entrypoint sh "$3" -c "$_merge_assets" mrsk "$_path"
  set -- $?
  docker volume rm "$_volume-new" "$_volume-old" >/dev/null
  return "$1"
}

# assets_of IMAGE VOLUME: docker fills an empty volume with what an image has in its place, when a
# container is made of it. The container need not run.
assets_of() {
  docker create --name "$2" --volume "$2:$_path" "$1" - >/dev/null && docker rm "$2" >/dev/null
}

# listening CONTAINER: the ports on which a running container listens, one per line, those on its
# loopback with the address. Docker's own DNS, on 127.0.0.11, is not the app's.
listening() {
  _pid=$(docker inspect --format '{{.State.Pid}}' "$1") && [ "$_pid" -gt 0 ] || return 0
  cat "/proc/$_pid/net/tcp" "/proc/$_pid/net/tcp6" 2>/dev/null | while read -r _ _at _ _state _; do
    [ "$_state" = 0A ] || continue
    case $_at in
      0B00007F:*) ;;
      0100007F:* | 00000000000000000000000001000000:*) printf '127.0.0.1:%d\n' "0x${_at##*:}" ;;
      *) printf '%d\n' "0x${_at##*:}" ;;
    esac
  done | sort -u
}

# ports_taken PORT…: docker could not start a container: say which containers have its ports, and fail.
ports_taken() {
  for _port; do
    publishers "$_port" | sed "s/.*/port $_port of the host is taken by &: stop it, or choose another port/" >&2
  done
  return 1
}

# publishers PORT: the running containers that publish a TCP port of the host, each as "container NAME".
publishers() { docker ps --filter "publish=$1" --format 'container {{.Names}}'; }

# misdirected CONTAINER PORT: say on which ports a container listens, if that is not PORT.
misdirected() {
  _ports=$(listening "$1" | tr '\n' ' ')
  case " $_ports" in
    ' ') ;;
    *" $2 "*) ;;
    *" 127.0.0.1:$2 "*) printf '\nit listens on port %s of its loopback alone: let it listen on 0.0.0.0\n' "$2" ;;
    *) printf '\nit listens on port %s, not on %s: set proxy.app_port\n' "${_ports% }" "$2" ;;
  esac
}

# pull_from ADDRESS AUTH REPOSITORY@DIGEST NAME: pull an image from the registry at the address and
# give it a name. The login, user and password in base64, is in a folder of its own and gone
# afterwards; the engine is that of the user's own configuration.
pull_from() {
  _own=${DOCKER_CONFIG:-$HOME/.docker} _config=$(mktemp -d) || return 1
  printf '{"auths":{"%s":{"auth":"%s"}}}\n' "$1" "$2" >"$_config/config.json" &&
    ln -s "$_own/contexts" "$_config/contexts" && (
    _context=$(sed -n 's/.*"currentContext"[^"]*"\([^"]*\)".*/\1/p' "$_own/config.json" 2>/dev/null)
    [ -n "${DOCKER_CONTEXT-}" ] || [ -z "$_context" ] || export DOCKER_CONTEXT="$_context"
    export DOCKER_CONFIG="$_config"
    docker pull --quiet "$1/$3"
  )
  set -- "$1/$3" "$4" $?
  rm -rf "$_config"
  [ "$3" -eq 0 ] && docker tag "$1" "$2" && docker image rm "$1" >/dev/null
}

# open_beyond_loopback PORT: print the addresses other than loopback on which a TCP port is open, in
# the hexadecimal form of /proc/net.
open_beyond_loopback() {
  _port=$(printf %04X "$1")
  cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | while read -r _ _local _ _state _; do
    case $_local:$_state in
      0100007F:* | 7F000001:* | 00000000000000000000000001000000:* | 00000000000000000000000000000001:*) ;;
      *":$_port:0A") echo "${_local%:*}" ;;
    esac
  done
}
