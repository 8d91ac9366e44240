in_proxy() { _within "${_probe_limit:-600}" exec "$_proxy" sh -c "$_inside" mrsk "$@"; }
# beside_proxy IMAGE WORD…: in_proxy and into_proxy while the proxy does not run: its files are at rest then.
# Without its container, one of the image does it, where the proxy's volume is.
# shellcheck disable=SC2086 # the option and its value are two words
beside_proxy() {
  if _its_image=$(docker inspect --type container --format '{{.Image}}' "$_proxy" 2>/dev/null); then
    _its_files="--volumes-from $_proxy"
  else
    docker volume inspect --format '{{.Name}}' "$_proxy" >/dev/null && docker image inspect --format '{{.ID}}' "$1" >/dev/null || return 1
    _its_image=$1 _its_files="--volume $_proxy:/mrsk"
  fi
  shift
  docker run --rm --interactive --network none $_its_files --entrypoint sh "$_its_image" -c "$_inside" mrsk "$@"
}
into_proxy() { _within 600 exec -i "$_proxy" sh -c "$_inside" mrsk "$@"; }

# await_proxy: wait until the proxy answers on its own API.
await_proxy() {
  _until=$(($(date +%s) + 20))
  until in_proxy confirm mrsk-catchall.http mrsk-unavailable >/dev/null 2>&1; do
    [ "$(docker inspect --format '{{.State.Status}}' "$_proxy")" = running ] && [ "$(date +%s)" -lt "$_until" ] || {
      echo 'the proxy does not come up; its log ends with:' >&2
      docker logs --tail 20 "$_proxy" >&2
      return 1
    }
    nap
  done
}

# resume_proxy: start the container of the proxy that is there, and see that it is on its network:
# docker may start one without whose earlier start failed.
resume_proxy() {
  case $(docker inspect --type container --format '{{.State.Status}}' "$_proxy" 2>/dev/null) in
    '' | created) return 1 ;;
    paused) docker unpause "$_proxy" >/dev/null || return 1 ;;
    *) docker start "$_proxy" >/dev/null || return 1 ;;
  esac
  attached
}

# attached: succeed when the proxy runs on its network, or shares another stack.
attached() {
  case $(docker inspect --type container --format '{{.State.Running}} {{.HostConfig.NetworkMode}} {{with index .NetworkSettings.Networks "mrsk"}}{{.EndpointID}}{{end}}' "$_proxy" 2>/dev/null) in
    'true host '* | 'true none '* | 'true container:'* | 'true '*' '?*) return 0 ;;
  esac
  return 1
}

# serves ROUTER SERVICE: succeed when the proxy runs on its network and leads to the service.
serves() { attached && in_proxy leads "$1" "$2" 2>/dev/null; }

# recover_proxy: start a proxy that has ended meanwhile, and tell that it had.
recover_proxy() {
  attached && return
  resume_proxy && await_proxy && report recovered && return
  echo 'the proxy no longer serves, and the container cannot be started again: run mrsk proxy boot' >&2
  return 1
}

# replaceable PORT…: make room for a new container of the proxy. One that has run before stays while
# something else has its ports: it comes back with the next start of docker.
replaceable() {
  case $(docker inspect --type container --format '{{.State.Status}}' "$_proxy" 2>/dev/null) in
    '') return 0 ;;
    exited) ! holders "$@" >/dev/null || return 1 ;;
  esac
  docker rm --force "$_proxy" >/dev/null
}

# not_started PORT…: the proxy could not be started: say who has its ports. A container that never ran
# is not kept, as docker may start it later without its network.
not_started() {
  case $(docker inspect --type container --format '{{.State.Status}}' "$_proxy" 2>/dev/null) in
    created) docker rm --force "$_proxy" >/dev/null ;;
  esac
  holders "$@" >&2
  return 1
}

# holders PORT…: print what has ports of the host, other than this proxy; fail when nothing has.
holders() {
  _held=1
  for _port; do
    _holder=$(publishers "$_port" | grep -vxF "container $_proxy" | sed 1q)
    _holder=${_holder:-$(listener "$_port")}
    [ -n "$_holder" ] || continue
    echo "port $_port of the host is taken by $_holder: stop it, or give the proxy another port with proxy/run"
    _held=0
  done
  return "$_held"
}

# listener PORT: the program that listens on a port of the host. Only root sees whose socket it is.
listener() {
  _inode=$(sed -n "s/^ *[0-9]*: [0-9A-F]*:$(printf '%04X' "$1") [0-9A-F]*:[0-9A-F]* 0A [^ ]* [^ ]* [^ ]* *[0-9]* *[0-9]* \([0-9]*\).*/\1/p" /proc/net/tcp /proc/net/tcp6 2>/dev/null | sed 1q)
  [ -n "$_inode" ] || return 0
  _owner=$(as_root ls -l /proc/[0-9]*/fd 2>/dev/null | while IFS= read -r _line; do
    case $_line in
      /proc/*:) _pid=${_line%/fd:} ;;
      *"socket:[$_inode]")
        printf '%s (process %s)' "$(cat "$_pid/comm")" "${_pid##*/}"
        break
        ;;
    esac
  done)
  printf '%s' "${_owner:-another program}"
}

# hindered CONTAINER…: the proxy did not start; name proxies of other tools that may have its ports.
hindered() {
  for _other; do
    [ "$(docker inspect --type container --format '{{.State.Running}}' "$_other" 2>/dev/null)" != true ] ||
      echo "$_other runs on this host and may have the ports: mrsk upgrade takes over from it" >&2
  done
  return 1
}

# check_routes WHY: see whether the proxy still takes changes up, with a route to nowhere.
check_routes() {
  _content='{"http":{"routers":{"mrsk-check.http":{"entryPoints":["http"],"rule":"Host(`mrsk-check.invalid`)","priority":1,"service":"mrsk-check"}},"services":{"mrsk-check":{"loadBalancer":{"servers":[{"url":"http://127.0.0.1:9"}]}}}}}'
  set_route mrsk-check.yml mrsk-check.http mrsk-check "$_content" 2>/dev/null && {
    unset_route mrsk-check.yml mrsk-check.http
    return
  }
  _within 60 exec "$_proxy" rm -f /mrsk/routes/mrsk-check.yml
  echo "the proxy takes no new routes, because this route file is broken: $1" >&2
  return 1
}

# limit_probe ENDPOINT…: let in_proxy wait for as long as 20 tries of probe or steady may take, and a minute.
limit_probe() { _probe_limit=$((60 + 20 * ($5 + 2))); }

# await_answer INTERVAL TIMEOUT CONTAINER ENDPOINT…: wait until the container answers its health check
# with 2xx. ENDPOINT… is what probe in inside.sh takes: ALIAS PORT PATH HOST SECONDS [HEADER].
await_answer() {
  _interval=$1 _timeout=$2 _container=$3 _until=$(($(date +%s) + $2)) _told=''
  shift 3
  limit_probe "$@"
  until _last=$(in_proxy probe "$@" 2>&1); do
    _found=$(state_of "$_container") || return 1 # docker has said why
    told_probe "$_timeout" "GET $3 on $2: ${_last#HTTP/1.? }"
    _last="last probe of $3: $_last" _exit=${_found#* * }
    [ "${_found%% *}" = running ] || {
      unwell "$_container" "ended with exit status ${_exit% *}" "$_last"
      return
    }
    [ "$(date +%s)" -lt "$_until" ] || {
      unwell "$_container" "did not become healthy within $_timeout seconds" "$_last$(misdirected "$_container" "$2")"
      return
    }
    pause "$_interval" || return "$status_gave_up"
  done
}

proxy_runs() {
  [ "$(docker inspect --type container --format '{{.State.Running}}' "$_proxy" 2>/dev/null)" = true ] || {
    echo 'the proxy does not run' >&2
    return 1
  }
}

# confirm_answer ROUNDS TIMES CONTAINER ENDPOINT…: fail unless a container that was healthy runs, has
# never been restarted, and answers its health check so often in a row. One round that fails is
# forgiven; slow answers end it early.
confirm_answer() {
  _rounds=$1 _times=$2 _container=$3 _forgiven='' _until=$(($(date +%s) + 3))
  shift 3
  limit_probe "$@"
  while [ "$_rounds" -gt 0 ]; do
    still_runs "$_container" || return
    if _last=$(in_proxy steady "$_times" "$@" 2>&1); then
      _rounds=$((_rounds - 1))
      [ "$(date +%s)" -lt "$_until" ] || _rounds=0
    elif [ -z "$_forgiven" ]; then
      proxy_runs && _forgiven=1 || return 1
    else
      unwell "$_container" 'no longer answers its health check' "last probe of $3: $_last"
      return
    fi
  done
  still_runs "$_container"
}

# watch_answer SECONDS CONTAINER ENDPOINT…: confirm_answer once a second, with three questions in a row, so
# that an app that fails every other request is noticed.
watch_answer() {
  _watched=$(($(date +%s) + $1))
  shift
  while [ "$(date +%s)" -lt "$_watched" ]; do
    pause 1 || return "$status_gave_up"
    confirm_answer 1 3 "$@" || return
  done
}

# set_route FILE ROUTER SERVICE CONTENT
set_route() {
  printf '%s\n' "$4" | into_proxy lead "routes/$1" "$2" "$3"
}

# restore_route FILE ROUTER SERVICE IMAGE CONTENT: set_route for an undo: the next start of a proxy that does
# not run takes the file up.
restore_route() {
  if printf '%s\n' "$5" | into_proxy store "routes/$1" 2>/dev/null; then
    in_proxy confirm "$2" "$3"
  else
    printf '%s\n' "$5" | beside_proxy "$4" store "routes/$1"
  fi
}

# put_route FILE IMAGE CONTENT: restore_route for content of which nothing is known.
put_route() {
  printf '%s\n' "$3" | into_proxy store "routes/$1" 2>/dev/null || printf '%s\n' "$3" | beside_proxy "$2" store "routes/$1"
}

# unrouted ROUTER SERVICE CONTAINER: fail as long as the proxy sends requests to the container.
unrouted() {
  in_proxy leads "$1" "$2" 2>/dev/null || return 0
  echo "$3 stays, because the proxy still sends it requests" >&2
  return 1
}

# unset_route FILE ROUTER [IMAGE]
unset_route() {
  if in_proxy drop "routes/$1" 2>/dev/null; then in_proxy confirm_gone "$2"; else beside_proxy "${3-}" drop "routes/$1"; fi
}

# drop_files IMAGE PATTERN…: remove files of the proxy, which may be stopped.
drop_files() {
  _spare=$1
  shift
  in_proxy drop "$@" 2>/dev/null || beside_proxy "$_spare" drop "$@"
}

# behind: the names of all containers that have a name by which the proxy finds them. One that
# another tool made has no label for it.
behind() {
  docker ps --all --filter label=mrsk.alias --format '{{.Names}}' && _on=$(docker ps --all --quiet --filter network=mrsk) || return 1
  [ -z "$_on" ] || docker inspect --format '{{$k := .}}{{with index .NetworkSettings.Networks "mrsk"}}{{range .Aliases}}{{if eq . (printf "m-%.12s" $k.ID)}}{{println (slice $k.Name 1)}}{{end}}{{end}}{{end}}' $_on | sed '/^$/d'
}

# hex_of ADDRESS: the address as /proc/net/tcp has it, in words with the lowest byte first.
# shellcheck disable=SC2046,SC2183 # the words are counted on
hex_of() {
  case $1 in
    *:*) _words=$(words_of "$1") ;;
    *) _words=$(printf '%02X%02X%02X%02X' $(echo "$1" | tr . ' ')) ;;
  esac
  printf %s "$_words" | sed 's/\(..\)\(..\)\(..\)\(..\)/\4\3\2\1/g'
}

# words_of ADDRESS: the 32 hexadecimal digits of an IPv6 address.
# shellcheck disable=SC2046 # the words are counted on
words_of() {
  _address=$1 _zeros=''
  set -- $(printf %s "$1" | tr : ' ')
  while [ $# -lt 8 ]; do
    _zeros="$_zeros 0"
    set -- "$@" 0
  done
  printf '%4s' $(printf %s "$_address" | sed "s/::/$_zeros /; s/:/ /g") | tr ' a-f' '0A-F'
}

# sockets: the proxy's sockets, TCP and UDP.
sockets() {
  _tables='net/tcp net/tcp6 net/udp net/udp6'
  if [ -r "/proc/$_proxy_pid/net/tcp" ]; then
    (cd "/proc/$_proxy_pid" && cat $_tables)
  else
    _within 60 exec "$_proxy" sh -c "cd /proc && cat $_tables"
  fi 2>/dev/null
}

# connections PATTERN: how many connections the proxy has, or is about to have, to those addresses.
connections() { sockets | grep -cE " [0-9A-F]*($1):[0-9A-F]{4} 0[12] "; }

# pending [held]: the sockets of requests that may still dial: questions to Docker's DNS server, which
# come before each connection to a container; with held also the connections of clients, on the
# proxy's ports 80 and 443.
pending() {
  _kind='[0-9A-F]{4} [0-9A-F]+:0035'
  [ -z "${1-}" ] || _kind="$_kind|(0050|01BB) [0-9A-F]+:[0-9A-F]{4}"
  sockets | grep -oE " [0-9A-F]+:($_kind) 01 "
}

# standing SOCKETS: how many of those pending ones are still open.
standing() { if [ -n "$1" ]; then pending held | grep -cxF "$1"; else echo 0; fi; }

# drain ALIAS SECONDS [held]: wait until the proxy has no connection to the container with that
# alias any more. Two looks in a row must find none: the first may fall between the choice of the
# container and the dial. Lookups that are open at the beginning must have ended, as each may be
# followed by a dial. A proxy that holds requests back dials when it has the whole of one: then every
# client that is connected now is waited for, too.
drain() {
  _hex='' _proxy_pid='' _ids=$(by_label "mrsk.alias=$1")
  # A container that another tool made has no label; its alias is made of its id.
  for _word in $(docker inspect --format '{{if eq .Name "/'"$_proxy"'"}}{{.State.Pid}}{{else}}{{with index .NetworkSettings.Networks "mrsk"}}{{.IPAddress}} {{.GlobalIPv6Address}}{{end}}{{end}}' "$_proxy" ${_ids:-"${1#m-}"} 2>/dev/null); do
    # Docker may say "invalid IP" for one that is not there.
    case $_word in *[.:]*) _hex="$_hex${_hex:+|}$(hex_of "$_word")" ;; *[!0-9]*) ;; *) _proxy_pid=$_word ;; esac
  done
  [ -n "$_hex" ] || return 0 # it has ended, and with it its connections
  [ -n "$_proxy_pid" ] || {
    _proxies=$(docker ps --all --quiet --filter "name=^$_proxy$") && [ -z "$_proxies" ] && return # nor has it connections
    echo 'docker does not tell of the proxy' >&2
    return 1
  }
  _until=$(($(date +%s) + $2)) _clear=0 _held=$(pending "${3-}")
  while :; do
    _open=$(connections "$_hex") _standing=$(standing "$_held")
    if [ $((${_open:-0} + ${_standing:-0})) -eq 0 ]; then
      _clear=$((_clear + 1))
      [ "$_clear" -lt 2 ] || return 0
    else
      _clear=0
      [ "$(date +%s)" -lt "$_until" ] || break
    fi
    nap
  done
  [ "${_open:-0}" -eq 0 ] || report cut "$_open"
}

# lead_ports VERB CONTAINER [ADDRESS:]PORT:INSIDE…: -I leads new connections to ports of the host to a
# container, before docker's own rules; those that there are stay where they are. -D ends that. What
# is led there must be let in before, and for as long: docker drops what it has published no port for.
lead_ports() {
  _verb=$1 PATH=$PATH:/usr/sbin:/sbin
  _to=$(docker inspect --format '{{with index .NetworkSettings.Networks "mrsk"}}{{.IPAddress}}{{end}}' "$2") && [ -n "$_to" ] || return 1
  shift 2
  for _pair; do
    case $_verb in
      -I) let_in && lead_to || return 1 ;;
      *)
        _led=0
        lead_to || _led=1
        let_in || [ "$_led" -eq 0 ] || return 1
        ;;
    esac
  done
} 2>/dev/null
let_in() { as_root iptables -w 5 "$_verb" DOCKER-USER -p tcp -d "$_to" --dport "${_pair##*:}" -m comment --comment mrsk-upgrade -j ACCEPT; }
lead_to() {
  _outside=${_pair%:*}
  case $_outside in *:*) _on="-d ${_outside%:*}" ;; *) _on='-m addrtype --dst-type LOCAL' ;; esac
  as_root iptables -w 5 -t nat "$_verb" PREROUTING -p tcp --dport "${_outside##*:}" $_on \
    -m comment --comment mrsk-upgrade -j DNAT --to-destination "$_to:${_pair##*:}"
}

# unlead_ports CONTAINER [ADDRESS:]PORT:INSIDE…: no connection is led to the container any more. Each port
# for itself, as not all of them may have been led.
unlead_ports() {
  _from=$1
  shift
  for _port; do while lead_ports -D "$_from" "$_port"; do :; done; done
}

# take_over ASIDE PORTS CONTAINER…: stop proxies of other tools and start this one, whose ports
# they had. Meanwhile the one that has stepped aside gets the new connections. When something
# fails it goes on with that, until give_back.
take_over() {
  _aside=$1 _ports=$2
  shift 2
  if [ $# -gt 0 ] && [ -n "$_ports" ]; then
    # What has come to the former proxy just before it must read first: as it stops, it closes
    # connections that it has accepted and not read yet without an answer.
    if lead_ports -I "$_aside" $_ports; then sleep 1; else unlead_ports "$_aside" $_ports; fi
  fi
  [ $# -eq 0 ] || docker stop -t 10 "$@" >/dev/null || return 1
  if docker start "$_proxy" >/dev/null && await_proxy; then
    unlead_ports "$_aside" $_ports
    return 0
  fi
  [ $# -eq 0 ] || echo 'the new proxy does not serve; the former one is started again' >&2
  return 1
}

# give_back ASIDE PORTS CONTAINER…: take_over back. What steps aside is there as long as there is
# something to take back.
give_back() {
  _aside=$1 _ports=$2
  shift 2
  ! is_there "$_aside" || docker stop -t 10 "$_proxy" || :
  [ $# -eq 0 ] || docker start "$@"
  set -- $?
  unlead_ports "$_aside" $_ports
  return "$1"
}

# come_back ASIDE: the container that has stepped aside has the proxy's name again.
come_back() { ! is_there "$1" || { remove_containers "$_proxy" && docker rename "$1" "$_proxy"; }; }

# resume_former FORMER: the new container of the proxy does not serve: the former one runs again. It fails,
# as the proxy is not what it should be.
resume_former() {
  come_back "$1" && docker start "$_proxy" >/dev/null && await_proxy && echo 'the former proxy runs again, with its own options' >&2
  return 1
}

# retired CONTAINER…: succeed when none of them will come back by itself.
retired() {
  for _former; do
    case $(docker inspect --type container --format '{{.HostConfig.RestartPolicy.Name}}' "$_former" 2>/dev/null) in '' | no) ;; *) return 1 ;; esac
  done
}
