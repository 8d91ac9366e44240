# This runs inside the proxy's container, which has a busybox and little else.
umask 077
crlf=$(printf '\r\n.')
crlf=${crlf%.}

# http HOST PORT SECONDS REQUEST: print the whole answer. The request comes from a pipe that
# stays open: nc would close its sending side at the end of its input, and many servers take
# that for a client that has gone away.
http() {
  mkfifo "/mrsk/.$$" && exec 7<>"/mrsk/.$$" && rm "/mrsk/.$$" || return 1
  printf '%s' "$4" >&7
  nc "$1" "$2" <&7 2>/dev/null &
  await_end $! "$3"
  set -- $?
  exec 7>&-
  return "$1"
}

# await_end PID SECONDS: wait for a child, and end it when the time is up. The timeout of busybox leaves a
# process behind which nothing reaps: the first process of this container is the proxy.
await_end() {
  naps=0
  while kill -0 "$1" 2>/dev/null; do
    [ "$naps" -lt $(($2 * 10 + 9)) ] || kill "$1" 2>/dev/null
    if [ "$naps" -lt 10 ]; then sleep 0.01; else sleep 0.1; fi
    naps=$((naps + 1))
  done
  wait "$1"
}
get() { printf 'GET %s HTTP/1.1%sHost: %s%sUser-Agent: mrsk%sAccept: */*%s%sConnection: close%s%s' "$1" "$crlf" "$2" "$crlf" "$crlf" "$crlf" "$3" "$crlf" "$crlf"; }

# ask ALIAS PORT PATH HOST SECONDS [HEADER]: send one request; the answer is in $answer.
ask() {
  request=$(
    get "$3" "$4" "${6:+$6$crlf}"
    echo .
  ) request=${request%.}
  answer=$(http "$1" "$2" "$5" "$request")
  case $? in 124 | 143) answer=${answer:-"no answer on port $2 within $5 seconds"} ;; esac
}

# probe ALIAS PORT PATH HOST SECONDS [HEADER]: succeed when the answer is 2xx. As long as nobody
# listens it is asked again at once; an answer that is no 2xx is for the caller to wait upon.
probe() {
  tries=1
  ask "$@"
  while [ "$tries" -lt 20 ] && [ -z "$answer" ]; do
    sleep 0.1
    tries=$((tries + 1))
    ask "$@"
  done
  verdict "$2"
}

# steady TIMES ALIAS PORT PATH HOST SECONDS [HEADER]: succeed when so many answers in a row are 2xx.
steady() {
  left=$1
  shift
  while [ "$left" -gt 0 ]; do
    sleep 0.1
    ask "$@"
    verdict "$2" || return 1
    left=$((left - 1))
  done
}

# verdict PORT: succeed when $answer is 2xx; else print it.
verdict() {
  case $answer in
    'HTTP/1.'?' 2'*) return 0 ;;
    '') echo "no answer on port $1" ;;
    *) printf '%s\n' "$answer" | {
      i=0
      while [ "$i" -lt 30 ] && IFS= read -r line; do
        printf '%s\n' "${line%"${crlf%?}"}"
        i=$((i + 1))
      done
    } ;;
  esac
  return 1
}

api() {
  request=$(
    get "$1" 127.0.0.1 ''
    echo .
  )
  http 127.0.0.1 8080 5 "${request%.}"
}

# leads ROUTER SERVICE: succeed when the router leads to the service.
leads() {
  case $(api "/api/http/routers/$1@file") in *"\"service\":\"$2\""*) return 0 ;; esac
  return 1
}

# confirm ROUTER SERVICE: wait until the router leads to the service.
confirm() {
  tries=0
  while [ "$tries" -lt 100 ]; do
    answer=$(api "/api/http/routers/$1@file")
    case $answer in
      *"\"service\":\"$2\""*'"status":"enabled"'* | *'"status":"enabled"'*"\"service\":\"$2\""*) return 0 ;;
      *"\"service\":\"$2\""*)
        echo "the proxy refuses the route: $answer" >&2
        return 1
        ;;
    esac
    sleep 0.05
    tries=$((tries + 1))
  done
  echo "the proxy does not take the route up; a file of another app may be broken, see mrsk proxy logs" >&2
  return 1
}

# confirm_gone ROUTER: wait until the router is no longer there.
confirm_gone() {
  tries=0
  while [ "$tries" -lt 100 ]; do
    case $(api "/api/http/routers/$1@file") in 'HTTP/1.1 404'*) return 0 ;; esac
    sleep 0.05
    tries=$((tries + 1))
  done
  echo "the proxy does not give the route up; a file of another app may be broken, see mrsk proxy logs" >&2
  return 1
}

# store FILE: put the input there in one move, so that the proxy never reads half of it. The
# name it has until then ends in nothing that the proxy reads.
store() { cat >"/mrsk/$1.tmp" && mv "/mrsk/$1.tmp" "/mrsk/$1"; }

# drop PATTERN…: remove files.
# shellcheck disable=SC2048 # names are given as one word
drop() { cd /mrsk/ && rm -f -- $*; }

# sweep PATTERN FILE…: remove all files that match, but these.
sweep() {
  cd /mrsk/ || return 1
  pattern=$1
  shift
  for f in $pattern; do
    case " $* " in *" $f "*) ;; *) rm -f -- "$f" ;; esac
  done
}

# lead FILE ROUTER SERVICE: store a route file, and wait until it holds. Entering the container
# costs more than all that is done in it, so that one visit does both.
lead() { store "$1" && confirm "$2" "$3"; }

# routes: every route file with its name before it, between control characters. Those that end in
# .yaml hold keys of certificates, each in a line of its own.
routes() {
  for f in /mrsk/routes/*.yml /mrsk/routes/*.yaml; do
    [ -e "$f" ] || continue
    printf '\036%s\037' "${f##*/}"
    case $f in *.yaml) keyless <"$f" ;; *) cat "$f" ;; esac
  done
}
keyless() { while IFS= read -r line; do case $line in *'"keyFile":'*) ;; *) printf '%s\n' "$line" ;; esac done }

# issued FILE: the certificates that this proxy got by ACME, without their keys: in base64, each in
# a line of its own.
issued() {
  [ -e "/mrsk/$1" ] || return 0
  while read -r name value; do case $name in '"certificate":') printf '%s\n' "$value" ;; esac done <"/mrsk/$1"
}

# acme FILE: all that this proxy got by ACME.
acme() { [ ! -e "/mrsk/$1" ] || cat "/mrsk/$1"; }

# carry FILE: store the input, unless there are certificates already. uncarry FILE… puts back what was
# there before, which is kept until it is dropped.
carry() {
  cd /mrsk/ && mkdir -p routes || return 1
  case $(acme "$1") in *'"certificate":'* | *'"certFile":'*)
    rm -f "$1.before"
    return
    ;;
  esac
  [ ! -e "$1" ] || mv "$1" "$1.before" || return 1
  [ -e "$1.before" ] || : >"$1.before"
  store "$1"
}
uncarry() {
  cd /mrsk/ || return 1
  for f; do
    [ -e "$f.before" ] || continue
    rm -f "$f"
    if [ -s "$f.before" ]; then mv "$f.before" "$f"; else rm "$f.before"; fi || return 1
  done
}

# needs: the programs of this file that the image lacks.
needs() {
  for p in cat mkfifo mv nc rm sleep; do
    command -v "$p" >/dev/null || printf '%s ' "$p"
  done
}

report() {
  needs
  routes
}

"$@"
