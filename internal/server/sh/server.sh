# A host's locks lie in a directory that all users share and that no two hosts do; homes may be
# shared by both.
_locks=/tmp
[ ! -k /run/lock ] || _locks=/run/lock

# as_root COMMAND…: run it as root, never asking for a password.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo -n "$@"
  else doas -n "$@"
  fi
}

# lock_file NAME: its path; it is made if it is not there, and never removed. It is only ever
# opened for reading: Linux may refuse to open a file of somebody else in such a directory with
# the intent to create it (fs.protected_regular).
lock_file() {
  [ -e "$_locks/mrsk-$1" ] || (umask 0; : >"$_locks/mrsk-$1") 2>/dev/null
  [ -r "$_locks/mrsk-$1" ] || { echo "cannot read the lock $_locks/mrsk-$1" >&2; return 1; }
  printf '%s' "$_locks/mrsk-$1"
}

# patiently DESCRIPTOR SECONDS WHAT: take the lock on the descriptor, and say so when it takes long.
patiently() {
  flock -n "$1" && return 0
  echo "waiting for $3 on this host to end"
  timeout "$2" flock "$1" || { echo "$3 still goes on after $2 seconds" >&2; return 1; }
}

# host_lock: from here to the end of the step nobody else changes what the apps of a host share.
host_lock() {
  _file=$(lock_file host) && exec 7<"$_file" && patiently 7 120 'work of another app'
}

# audit TEXT…: add a line to the audit log of the app.
audit() {
  mkdir -p "$HOME/.mrsk" &&
    printf '[%s] [%s] %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$_performer" "$*" >>"$HOME/.mrsk/$_app-audit.log"
}
