# The watcher ends the script, and all that it started, when the operator hangs up.
# It holds none of the output streams, so that they end with the script.
_watch() {
  exec <&3 3<&- >/dev/null 2>&1
  while IFS= read -r _; do :; done
  kill -TERM 0
}
_sub() {
  _both B "$1"
  ("_do$1") 3<&- 8<&- 9<&- </dev/null
  _ended "$1" $?
}

# pause SECONDS: wait inside a step; it fails when the step should be given up.
pause() { sleep "$1"; }
