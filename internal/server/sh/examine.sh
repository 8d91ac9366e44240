# examine REPOSITORY: print what is worth a check, a name and a value in each line. It never fails: what a
# host cannot tell is left out.
examine() {
  echo "user $(id -un)"
  echo "clock $(date +%s)"
  for _p in $_programs; do command -v "$_p" >/dev/null || echo "missing $_p"; done
  { sshd -T || /usr/sbin/sshd -T; } 2>/dev/null | sed -n 's/^maxsessions /sessions /p' | head -n 1
  cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | while read -r _ _at _ _state _; do
    [ "$_state" != 0A ] || printf 'listens %d\n' "0x${_at##*:}"
  done | sort -u
  _version=$(docker version --format '{{.Server.Version}} {{.Server.Arch}}' 2>&1) || {
    echo "denied $(printf '%s' "$_version" | tail -n 1)"
    return 0
  }
  echo "docker $_version"
  echo "disk $(docker_disk)"
  docker image ls --quiet --no-trunc "$1" 2>/dev/null | head -n 5 | while read -r _id; do
    docker image inspect --format 'image {{.Size}}' "$_id" 2>/dev/null
  done
  docker ps --format 'published {{.Names}} {{.Ports}}' 2>/dev/null
  return 0
}
