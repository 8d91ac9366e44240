# privileged COMMAND…: run it as root.
privileged() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

may() { [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null; }

# fetched: print Docker's installation script.
fetched() {
  if command -v curl >/dev/null; then curl -fsSL https://get.docker.com
  elif command -v wget >/dev/null; then wget -qO - https://get.docker.com
  else echo 'Docker is missing, and so are curl and wget, with which it could be fetched' >&2; return 1
  fi
}

# install: the script is fetched as a whole before any of it runs.
install_docker() {
  may || { echo 'Docker is missing, and this user is neither root nor may use sudo without a password' >&2; return 1; }
  _script=$(fetched) && [ -n "$_script" ] && printf '%s\n' "$_script" | privileged sh || return 1
  echo installed
}

# join: let the user use Docker from the next login on.
join_docker() {
  may || { echo 'this user may not use Docker, and may not use sudo without a password to change that' >&2; return 1; }
  privileged usermod -aG docker "$(id -un)" && echo joined
}

bootstrap() {
  command -v docker >/dev/null || install_docker || return 1
  docker version >/dev/null 2>&1 && return 0
  if [ "$(id -u)" -ne 0 ] && ! id -nG | tr ' ' '\n' | grep -qx docker; then
    join_docker
    return
  fi
  docker version >/dev/null
}
