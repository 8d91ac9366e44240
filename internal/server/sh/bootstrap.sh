# cannot_install WHY: report that Docker is missing and cannot be installed. It fails.
cannot_install() {
  echo "Docker is missing, $1; see https://docs.docker.com/engine/install for how to install it by hand" >&2
  return 1
}

may() { as_root true 2>/dev/null; }

# has_docker: the shell function of that name, which limits docker's commands, is no docker.
has_docker() { (
  unset -f docker
  command -v docker >/dev/null
); }

# install PACKAGE…: from Debian's archive or that of a descendant.
install() {
  as_root apt-get update -q && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends "$@"
}

# fetcher: make sure that there is a program to fetch with; a minimal Debian has none.
fetcher() {
  command -v curl >/dev/null || command -v wget >/dev/null && return
  command -v apt-get >/dev/null || {
    cannot_install 'and so are curl and wget, with which it could be fetched'
    return
  }
  install ca-certificates curl
}

# fetched: print Docker's installation script.
fetched() {
  if command -v curl >/dev/null; then
    curl -fsSL https://get.docker.com
  else
    wget -qO - https://get.docker.com
  fi
}

# install_docker: the script is fetched as a whole before any of it runs. It knows no Alpine, which
# has a package instead. So has Debian, for hosts that reach no more than a mirror of its archive.
install_docker() {
  may || {
    cannot_install 'and this user is neither root nor may use sudo or doas without a password'
    return
  }
  if command -v apk >/dev/null; then
    as_root apk add docker || return 1
  elif fetcher && _script=$(fetched) && [ -n "$_script" ]; then
    printf '%s\n' "$_script" | as_root sh || return 1
  elif command -v apt-get >/dev/null; then
    echo 'https://get.docker.com does not answer; installing docker.io of the distribution in its place'
    install docker.io || return 1
    # From Debian 13 on the client is a package of its own.
    has_docker || install docker-cli || return 1
  else
    return 1
  fi
  start_docker && echo installed
}

# start_docker: now and at each boot; some packages leave that to the machine's owner. The engine
# takes a moment until it answers.
start_docker() {
  _tries=0
  until as_root docker version >/dev/null 2>&1; do
    [ "$_tries" -ne 0 ] || start_service || return 1
    _tries=$((_tries + 1))
    [ "$_tries" -le 30 ] || {
      as_root docker version
      return 1
    }
    sleep 1
  done
}

start_service() {
  if command -v systemctl >/dev/null; then
    as_root systemctl enable --now docker
  elif command -v rc-service >/dev/null; then
    as_root rc-update add docker default && as_root rc-service docker start
  else
    as_root service docker start
  fi
}

# join_docker: let the user use Docker from the next login on. BusyBox has no usermod.
join_docker() {
  may || {
    echo 'this user may not use Docker, and may not use sudo or doas without a password to change that' >&2
    return 1
  }
  if command -v usermod >/dev/null; then
    as_root usermod -aG docker "$(id -un)"
  else
    as_root addgroup "$(id -un)" docker
  fi && report joined
}

bootstrap() {
  has_docker || install_docker || return 1
  docker version >/dev/null 2>&1 && return 0
  if [ "$(id -u)" -ne 0 ] && ! id -nG | tr ' ' '\n' | grep -qx docker; then
    join_docker
    return
  fi
  docker version >/dev/null
}
