# The last lines of each test that failed, from the output of go test -v. Of a command that ended with 0
# only its own line is shown.
/^=== / { test = $3; next }
/^ *--- FAIL: / { failed[++n] = $3 }
/^ *[a-z_]+\.go:[0-9]+: |^ *---/ { quiet = /: \$ .*\(exit 0/; if (quiet) { keep(); next } }
!quiet { keep() }
function keep() { line[test, ++count[test]] = $0 }
END {
  for (i = 1; i <= n; i++) {
    test = failed[i]
    if (!(test in count)) continue
    print "the end of " test ":"
    for (j = count[test] > 100 ? count[test] - 99 : 1; j <= count[test]; j++) print line[test, j]
  }
}
