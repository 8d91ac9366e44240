exec 3<&0 </dev/null
LC_ALL=C
export LC_ALL
umask 077
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin
_frame() { printf '%s %s\n' "$_nonce" "$*"; }
_both() { { _frame "$@" && _frame "$@" >&2; } || _gone=lost; }
# report NAME [VALUE]: report a fact besides the step's output.
report() { _frame R "$@"; }
_main() {
  _both B "$1"
  "_do$1" </dev/null
  _ended "$1" $?
}
_ended() {
  _both E "$1" "$2"
  _status=$2
  return "$2"
}

# nap: the pause between two looks at something that changes soon.
nap() { sleep 0.1 2>/dev/null || sleep 1; }
