# as_root COMMAND…: run it as root, never asking for a password.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo -n "$@"
  else
    doas -n "$@"
  fi
}
