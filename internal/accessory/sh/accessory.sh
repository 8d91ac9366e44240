# in_image IMAGE PATH COMMAND…: run a command on a path, which comes behind it, as root in a
# container of the image. The user who logs in may not be allowed to, and an owner may have a name
# that only the image knows.
in_image() {
  _image=$1 _path=$2 _program=$3
  shift 3
  docker run --rm --network none --user 0 --volume "$_path:/mrsk" --entrypoint "$_program" "$_image" "$@" /mrsk
}

# allow PATH MODE OWNER IMAGE: set permissions and owner; '' leaves them as they are.
allow() {
  [ -z "$2" ] || chmod "$2" "$1" 2>/dev/null || in_image "$4" "$1" chmod "$2" || return 1
  [ -z "$3" ] || chown "$3" "$1" 2>/dev/null || in_image "$4" "$1" chown "$3"
}

# close_folder PATH: make it, and let nobody but this user see what is in it. Containers do not pass
# through it: what they mount is opened by docker.
close_folder() {
  (
    umask 077
    mkdir -p "$1"
  ) && { [ ! -O "$1" ] || chmod 700 "$1"; }
}

# make_folder PATH MODE OWNER IMAGE
make_folder() {
  (
    umask 022
    mkdir -p "$1"
  ) && allow "$@"
}

# put_file PATH MODE OWNER IMAGE FILTER: store what the filter makes of the input there, in one
# move. An empty folder in its place gives way: docker makes one for a mount of a missing file.
# The file is made in a folder that containers do not have: in theirs they could put a link in its place, and
# root would write through it.
put_file() {
  (
    umask 022
    mkdir -p "${1%/*}"
  ) || return 1
  [ ! -d "$1" ] || rmdir "$1" || return 1
  _made=$(mktemp -d "$HOME/.mrsk-XXXXXX") || return 1
  $5 >"$_made/file" && allow "$_made/file" "$2" "$3" "$4" && mv -f "$_made/file" "$1"
  set -- $?
  rm -rf "$_made"
  return "$1"
}

# remove_folder PATH IMAGE: remove it, with all that containers have put there as whatever user.
remove_folder() {
  rm -rf "$1" 2>/dev/null && return 0
  docker run --rm --network none --user 0 --volume "$1:/mrsk" --entrypoint sh "$2" -c 'rm -rf /mrsk/* /mrsk/.[!.]* /mrsk/..?*' &&
    rm -rf "$1"
}
