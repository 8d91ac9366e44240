# lease_record: print the record of the holder of the lease $_lease. Its file is beside the lock.
lease_record() { head -c 8192 "$_lease.record" 2>/dev/null; }

# take_lease RECORD: hold the lock for as long as this shell lives.
take_lease() {
  lock_file "$_app.lease" && _lease=$_lock && exec 9<"$_lease" || return 1
  # Somebody who only looks holds it for a moment, and so do programs of a run that has just ended.
  _tries=0
  until flock -n 9; do
    [ "$_tries" -eq 0 ] || { [ -z "$(lease_record)" ] && [ "$_tries" -lt 20 ]; } || {
      lease_record
      return "$status_held"
    }
    nap
    _tries=$((_tries + 1))
  done
  not_frozen || return "$status_frozen"
  rm -f "$_lease.record"
  (
    umask 027
    printf '%s\n' "$1" >"$_lease.record"
  ) 2>/dev/null || {
    drop_record
    echo "cannot write the record of the lock, $_lease.record: look at the space there, with df and df -i" >&2
    return 1
  }
}
drop_record() { rm -f "$_lease.record"; }

# not_frozen: fail and print the record of the freeze, if there is one.
not_frozen() {
  _frozen=$(freeze_record)
  [ -z "$_frozen" ] || {
    printf '%s\n' "$_frozen"
    return 1
  }
}
# freeze_volume: the name of the volume that is the freeze, if there is one. To docker's filter a dot
# is any character.
freeze_volume() { docker volume ls --quiet --filter "name=mrsk-freeze.$_app" | grep -Fx "mrsk-freeze.$_app"; }
freeze_record() { freeze_volume | xargs -r docker volume inspect --format '{{index .Labels "mrsk.record"}}'; }

# work HOLDER SECONDS: from here on only this script changes the app's containers. An earlier
# script may still be undoing what it did; and whoever comes after must find the lease still
# held by the run that this script belongs to, if a holder is given.
work() {
  lock_file "$_app.work" && exec 8<"$_lock" || return 1
  patiently 8 "$2" 'an earlier run of this app' || return 1
  [ -n "$1" ] || return 0
  lock_file "$_app.lease" && _lease=$_lock || return 1
  case $(lease_record) in *"\"holder\":\"$1\""*) return 0 ;; esac
  echo 'the lock of this run is gone: another run may have taken over' >&2
  return 1
}

# lock_facts: the record of the lease if it is held, a line, then the record of the freeze.
lock_facts() {
  lock_file "$_app.lease" && _lease=$_lock || return 1
  flock -n -s 6 6<"$_lease" || lease_record | head -n 1
  echo --
  freeze_record
}
