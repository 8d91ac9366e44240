package config

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mrsk/internal/golden"
)

// bomb is a list of lists of lists …, each of them named ten times by the next.
func bomb(levels int) string {
	var b strings.Builder
	b.WriteString("x-0: &a0 [x]\n")
	for i := range levels {
		fmt.Fprintf(&b, "x-%d: &a%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i), 10), ","))
	}
	return b.String()
}

func numbered(n int, line string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, line, i)
	}
	return b.String()
}

func nested(open, end string, depth int) string {
	return "x-deep: " + strings.Repeat(open, depth) + strings.Repeat(end, depth) + "\n"
}

// Files that are no configuration at all: each is refused, or read, and takes no time.
var hostile = []struct{ name, text string }{
	{"nothing", ""},
	{"a space", " "},
	{"a tab", "\t"},
	{"only a marker", "---\n"},
	{"null", "null\n"},
	{"a number", "12\n"},
	{"a program", "\x7fELF\x02\x01\x01\x00\x00"},
	{"latin 1", "service: caf\xe9\n"},
	{"UTF-16", "\xff\xfes\x00e\x00r\x00"},
	{"a byte order mark", "\ufeff" + minimal},
	{"lines of Windows", strings.ReplaceAll(minimal, "\n", "\r\n")},
	{"no line end", strings.TrimSuffix(minimal, "\n")},
	{"tabs", "service: app\nservers:\n\tweb: [h]\n"},
	{"a tab behind a key", "service:\tapp\nservers:\t[h]\n"},
	{"NUL", "service: a\x00b\n"},
	{"a bell", "service: a\x07b\n"},
	{"two documents", minimal + "---\nservice: b\n"},
	{"an end marker", minimal + "...\n"},
	{"deep lists", nested("[", "]", 5000)},
	{"deeper lists", nested("[", "]", 500_000)},
	{"deep hashes", nested("{a: ", "}", 5000)},
	{"a deep block", strings.Join(stairs(2000), "")},
	{"a small bomb", minimal + bomb(3)},
	{"a bomb", minimal + bomb(9)},
	{"a bomb of merges", "x-a: &a {k0: 1}\n" + merges(20) + minimal},
	{"an anchor within itself", "servers: &a [*a]\n"},
	{"a hash within itself", "env: &a {b: *a}\n"},
	{"a merge with itself", "env: &a\n  <<: *a\n"},
	{"no such anchor", "servers: *nowhere\n"},
	{"a merge with a text", "env:\n  <<: text\n"},
	{"a merge with nothing", "env:\n  <<:\n"},
	{"duplicate keys", "service: a\nservice: b\nservers: [h]\nservers: [h]\n"},
	{"duplicate keys in another spelling", "service: a\n'service': b\n"},
	{"a list for a key", "? [a]\n: b\n"},
	{"a hash for a key", "? {a: b}\n: b\n"},
	{"nothing for a key", "~: b\n: c\n"},
	{"numbers and booleans for keys", "1: b\ntrue: c\n1.5: d\n2001-01-01: e\n"},
	{"huge numbers", minimal + "deploy_timeout: 99999999999999999999999\nretain_containers: 1e999\nreadiness_delay: 0x7fffffffffffffff\n"},
	{"numbers of other kinds", minimal + "deploy_timeout: .inf\nretain_containers: .nan\nreadiness_delay: -0\ndrain_timeout: 1:30\n"},
	{"dates", minimal + "deploy_timeout: 2001-01-01\nvolumes: 2001-01-01T00:00:00Z\n"},
	{"an object of Ruby", "service: !ruby/object:Gem {}\n"},
	{"a symbol of Ruby", "servers: [h]\nservice: !ruby/symbol app\n"},
	{"binary", minimal + "labels: {a: !!binary aGVsbG8=}\n"},
	{"a set", minimal + "labels: !!set {a, b}\n"},
	{"a tag that does not fit", minimal + "deploy_timeout: !!int abc\nlabels: !!seq {}\n"},
	{"a version of YAML", "%YAML 1.1\n---\n" + minimal},
	{"an unknown directive", "%FOO bar\n---\n" + minimal},
	{"an open quote", "service: \"app\nservers: [h]\n"},
	{"an open list", "servers: [h\n"},
	{"wrong indentation", "servers:\n  web:\n    - a\n   - b\n"},
	{"a reserved character", "service: @app\n"},
	{"a long line", "service: " + strings.Repeat("a", 300_000) + "!\n"},
	{"many hosts", minimal + "x-hosts: [" + strings.Repeat("h,", 15_000) + "]\n"},
	{"far too many hosts", minimal + "x-hosts: [" + strings.Repeat("h,", 500_000) + "]\n"},
	{"far too many keys", minimal + "env:\n" + numbered(150_000, "  K%d: x\n")},
	{"many roles", "service: a\nservers:\n  web: [h]\n" + numbered(3000, "  r%d: [h]\n")},
	{"hosts without an end to them", "service: a\nservers:\n" + numbered(15_000, "- h%d\n")},
	{"nothing behind keys", "service:\nservers: {web: }\nproxy:\nenv:\n  clear:\nssh:\n# user: app\n"},
	{"a missing colon", "service: a\nservers\n  - h\n"},
	{"a colon too many", "service: a: b\n"},
	{"a long key", strings.Repeat("k", 2000) + ": 1\n"},
}

func stairs(depth int) []string {
	lines := make([]string, depth)
	for i := range lines {
		lines[i] = strings.Repeat(" ", i) + "x-a:\n"
	}
	return lines
}

func merges(levels int) string {
	var b strings.Builder
	for i := range levels {
		fmt.Fprintf(&b, "x-m%d: &m%d\n  <<: [*a, *a]\n  k%d: {<<: *a}\n", i, i, i+1)
	}
	return b.String()
}

func TestLoad_withstands_hostile_files(t *testing.T) {
	t.Parallel()
	var got strings.Builder
	for _, h := range hostile {
		done := make(chan string, 1)
		go func() {
			_, err := Load(LoadOptions{File: "deploy.yml", ReadFile: fakeFiles(map[string]string{"deploy.yml": h.text})})
			if err == nil {
				done <- "accepted\n"
				return
			}
			done <- problemText(t, err)
		}()
		select {
		case text := <-done:
			got.WriteString("=== " + h.name + "\n" + text)
		case <-time.After(time.Minute):
			t.Fatalf("%s: no answer", h.name)
		}
	}
	golden.Equal(t, "testdata/hostile.golden", got.String())
}
