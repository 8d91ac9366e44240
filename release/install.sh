#!/bin/sh
# Installs mrsk: downloads the program for this machine, compares its checksum, and puts it into a folder.
#
#   MRSK_DIR      the folder; ~/.local/bin by default, /usr/local/bin for root
#   MRSK_URL      where the release is
set -eu

url=${MRSK_URL:-@URL@}
if [ "$(id -u)" = 0 ]; then folder=${MRSK_DIR:-/usr/local/bin}; else folder=${MRSK_DIR:-$HOME/.local/bin}; fi

fail() {
  echo "mrsk is not installed: $1" >&2
  exit 1
}

# The checksums come from the same server as the program: neither may come over a connection that others can change.
redirects="=http,https"
case $url in https://*) redirects="=https" ;; esac

fetch() {
  if command -v curl >/dev/null; then
    curl -fsSL --proto-redir "$redirects" -o "$2" "$1" || fail "$1 cannot be downloaded"
  elif command -v wget >/dev/null; then
    wget -q -O "$2" "$1" || fail "$1 cannot be downloaded"
  else
    fail "it needs curl or wget"
  fi
}

sum() {
  if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

case $(uname -s) in
  Linux) system=linux ;;
  Darwin) system=darwin ;;
  *) fail "there is no program for $(uname -s); on Windows use WSL" ;;
esac
case $(uname -m) in
  x86_64 | amd64) arch=amd64 ;;
  aarch64 | arm64) arch=arm64 ;;
  *) fail "there is no program for $(uname -m)" ;;
esac
name=mrsk_${system}_$arch

# Only main, which the last line calls, changes something: an installer that was downloaded in part installs nothing.
main() {
  command -v sha256sum >/dev/null || command -v shasum >/dev/null || fail "it needs sha256sum or shasum"
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  fetch "$url/checksums.txt" "$work/checksums.txt"
  fetch "$url/$name" "$work/mrsk"
  want=$(grep "  $name\$" "$work/checksums.txt" | cut -d ' ' -f 1)
  [ -n "$want" ] || fail "checksums.txt does not name $name"
  [ "$(sum "$work/mrsk")" = "$want" ] || fail "the checksum of $name is not that of checksums.txt"
  mkdir -p "$folder" || fail "$folder cannot be made; name another one in MRSK_DIR"
  chmod 755 "$work/mrsk"
  mv "$work/mrsk" "$folder/.mrsk.new" || fail "$folder cannot be written; name another one in MRSK_DIR"
  mv "$folder/.mrsk.new" "$folder/mrsk" # in one step: the old program may be running
  echo "installed $folder/mrsk: $("$folder/mrsk" version)"
  case ":$PATH:" in
    *":$folder:"*) ;;
    *) echo "add $folder to your PATH" ;;
  esac
  echo "next: mrsk completion install; then mrsk init in the folder of your app"
}

main
