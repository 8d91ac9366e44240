_manual='see https://docs.docker.com/engine/install for how to install it by hand'

# privileged COMMAND…: run it as root, never asking for a password.
privileged() {
  if [ "$(id -u)" -eq 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo -n "$@"
  else doas -n "$@"
  fi
}

may() { privileged true 2>/dev/null; }

# fetcher: make sure that there is a program to fetch with; a minimal Debian has none.
fetcher() {
  command -v curl >/dev/null || command -v wget >/dev/null && return
  command -v apt-get >/dev/null || { echo "Docker is missing, and so are curl and wget, with which it could be fetched; $_manual" >&2; return 1; }
  privileged apt-get update -q && privileged env DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends ca-certificates curl
}

# fetched: print Docker's installation script.
fetched() {
  if command -v curl >/dev/null; then curl -fsSL https://get.docker.com
  else wget -qO - https://get.docker.com
  fi
}

# install_docker: the script is fetched as a whole before any of it runs. It knows no Alpine, which
# has a package instead.
install_docker() {
  may || { echo "Docker is missing, and this user is neither root nor may use sudo or doas without a password; $_manual" >&2; return 1; }
  if command -v apk >/dev/null; then privileged apk add docker || return 1
  else
    fetcher && _script=$(fetched) && [ -n "$_script" ] && printf '%s\n' "$_script" | privileged sh || return 1
  fi
  start_docker && echo installed
}

# start_docker: now and at each boot; some packages leave that to the machine's owner. The engine
# takes a moment until it answers.
start_docker() {
  _tries=0
  until privileged docker version >/dev/null 2>&1; do
    [ "$_tries" -ne 0 ] || start_service || return 1
    _tries=$((_tries + 1))
    [ "$_tries" -le 30 ] || { privileged docker version; return 1; }
    sleep 1
  done
}

start_service() {
  if command -v systemctl >/dev/null; then privileged systemctl enable --now docker
  elif command -v rc-service >/dev/null; then privileged rc-update add docker default && privileged rc-service docker start
  else privileged service docker start
  fi
}

# join_docker: let the user use Docker from the next login on. BusyBox has no usermod.
join_docker() {
  may || { echo 'this user may not use Docker, and may not use sudo or doas without a password to change that' >&2; return 1; }
  if command -v usermod >/dev/null; then privileged usermod -aG docker "$(id -un)"
  else privileged addgroup "$(id -un)" docker
  fi && echo joined
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
