# A session obeys orders from the live channel (descriptor 3). An order is a line that names the
# stage to go to, or "u" for undo. It is repeated as a heartbeat: a lost order does no harm, and
# silence means that the operator is gone.
# Signals are caught, not ignored: children would inherit the latter, timeout(1) among them.
trap : PIPE HUP TERM INT
_order=0 _silent=0 _gone='' _done=''

# _listen SECONDS: wait that long for an order. A child reads it under timeout(1), because dash
# has no read -t; sh reads a pipe byte by byte, so nothing behind the line is lost. When the time
# is over in the middle of a line, its beginning is: what is left of it is no order. The shell of busybox
# would say Terminated when that happens.
_listen() {
  [ -z "$_gone" ] || return 0
  _line=$(
    exec 2>/dev/null
    timeout "$1" sh -c 'IFS= read -r l && printf %s "$l"' <&3 8<&- 9<&-
    exit $?
  )
  case $? in
    0)
      _silent=0
      case $_line in u | [0-9] | [0-9][0-9]) _order=$_line ;; esac
      ;;
    1) _gone=lost ;;
    *)
      _silent=$((_silent + $1))
      [ "$_silent" -lt "$_silence_timeout" ] || _gone=silent
      ;;
  esac
}

_wanted() { [ -z "$_gone" ] && [ "$_order" != u ]; }

# pause SECONDS: wait inside a step; it fails when the step should be given up. Steps that do
# give up return $status_gave_up.
pause() {
  _listen "$1"
  _wanted
}

# _obey STAGE: wait for the order to go to STAGE or further; fails when there will be none.
_obey() {
  while _wanted; do
    [ "$_order" -lt "$1" ] || return 0
    _listen 8 # longer than between two heartbeats, so that the two do not meet
  done
  return 1
}

_sub() {
  _done="$1 $_done"
  _both B "$1"
  ("_do$1") 8<&- 9<&- </dev/null
  _ended "$1" $?
}

# _firm STEP: _sub, for a step that must not fail because the connection that carries its output is
# gone. Two readers between the step and the connection read its output to the end.
_firm() {
  _done="$1 $_done"
  _both B "$1"
  { _rc=$({ { {
    ("_do$1") 8<&- 9<&- </dev/null
    echo $? >&6
  } 2>&1 >&7 | _drain >&2; } 7>&1 | _drain >&5; } 6>&1); } 5>&1
  _ended "$1" "$_rc"
}
_drain() {
  cat 2>/dev/null
  cat >/dev/null
}

# _reason: why there is something to undo. What a step that gave up has heard is lost with
# its subshell, but the end of the channel can be heard again.
_reason() {
  [ "$_status" != "$status_gave_up" ] || _listen 1
  if [ -n "$_gone" ]; then
    echo "$_gone"
  elif [ "$_order" = u ] || [ "$_status" = "$status_gave_up" ]; then
    echo ordered
  else
    echo failed
  fi
}

# _undoing: an undo cannot be cancelled, so pause only waits in it.
_undoing() { pause() { sleep "$1"; }; }

# _back: undo what was done, last first, once what that needs is ready, or will not be. Output is caught, because a program that writes to a
# connection that is gone would be killed by it.
_back() {
  _end=undone _why=$(_reason)
  (_ready) >/dev/null 2>&1 3<&- 8<&- 9<&- </dev/null
  for _i in $_done; do
    _frame UB "$_i"
    _out=$( (
      _undoing
      "_undo$_i"
    ) 2>&1 3<&- 8<&- 9<&- </dev/null)
    _rc=$?
    printf '%s' "$_out"
    _frame UE "$_i" "$_rc"
    [ "$_rc" -eq 0 ] || _end=broken
  done
  (_report "$_end" "$_why") >/dev/null 2>&1 3<&- 8<&- 9<&-
  _both Z "$_end"
}
