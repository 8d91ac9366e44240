# lock_places: set $_locks, the directory that the directory of the locks is in, and $_socket, Docker's
# socket. Unlike homes, no two hosts share /run/lock or /tmp.
lock_places() {
  _locks=/tmp
  [ ! -k /run/lock ] || _locks=/run/lock
  case ${DOCKER_HOST-} in unix://*) _socket=${DOCKER_HOST#unix://} ;; *) _socket=/var/run/docker.sock ;; esac
}

# lock_dir: find or make $_lock_dir, the directory of the locks. Those who may use Docker share it, and
# nobody else can read or write there: another user of the host could else put links and pipes in
# place of the locks, or hold them. Where Docker is the user's alone, so is the directory.
lock_dir() {
  lock_places
  _group=$(stat -L -c %g "$_socket" 2>/dev/null)
  if [ -n "$_group" ] && { [ "$(id -u)" -eq 0 ] || id -G | tr ' ' '\n' | grep -qx "$_group"; }; then
    _lock_dir=$_locks/mrsk _right="directory $_group 2770"
  else
    _lock_dir=$_locks/mrsk-$(id -u) _right="directory $(id -g) 700 $(id -u)" _group=''
  fi
  if [ ! -e "$_lock_dir" ] && [ ! -L "$_lock_dir" ] && mkdir -m 700 "$_lock_dir" 2>/dev/null && [ -n "$_group" ]; then
    chgrp "$_group" "$_lock_dir" && chmod 2770 "$_lock_dir" || return 1
  fi
  _is_right || {
    nap
    _is_right
  } || { # somebody else may just be making it
    echo "cannot use $_lock_dir for locks: it must be a directory that only users of Docker can write to, and is: $(stat -c '%F of %U:%G with mode %a' "$_lock_dir" 2>&1); look who made it, and remove it" >&2
    _lock_dir=''
    return 1
  }
}

_is_right() {
  case "$(stat -c '%F %g %a %u' "$_lock_dir" 2>/dev/null)" in "$_right" | "$_right "*) ;; *) return 1 ;; esac
}

# lock_file NAME: find or make the lock $_lock. Locks are never removed.
lock_file() {
  [ -n "${_lock_dir-}" ] || lock_dir || return 1
  _lock=$_lock_dir/$1
  [ -e "$_lock" ] || (
    umask 007
    : >>"$_lock"
  )
}

# patiently DESCRIPTOR SECONDS WHAT: take the lock on the descriptor, and say so when it takes long.
patiently() {
  flock -n "$1" && return 0
  echo "waiting for $3 on this host to end"
  timeout "$2" flock "$1" || {
    echo "$3 still goes on after $2 seconds" >&2
    return 1
  }
}

# host_lock: from here to the end of the step nobody else changes what the apps of a host share.
host_lock() {
  lock_file host && exec 7<"$_lock" && patiently 7 120 'work of another app'
}

# audit TEXT…: add a line to the audit log of the app, with the run that $_run names and how long it has
# worked here. Nobody else may read it: commands that people run stand in it.
audit() (
  umask 077
  _log=$HOME/.mrsk/$_app-audit.log
  mkdir -p "$HOME/.mrsk" && : >>"$_log" && chmod 600 "$_log" &&
    printf '[%s] [%s] %s%s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$_performer" "$*" "${_run:+ ($_run, $(($(date +%s) - _began)) s)}" >>"$_log"
)

# docker_disk: the line of df about the file system with Docker's data.
docker_disk() { _root=$(docker info --format '{{.DockerRootDir}}' 2>/dev/null) && df -Pk "$_root" 2>/dev/null | tail -n 1; }
