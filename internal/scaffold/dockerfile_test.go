package scaffold

import (
	"fmt"
	"testing"
)

func TestParseDockerfile(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                      `0 ""`,
		"FROM":                                  `0 ""`,
		"FROM a\nEXPOSE 3000":                   `3000 ""`,
		"from a\nexpose 3000/tcp":               `3000 ""`,
		"FROM a\nEXPOSE 53/udp 8080 9090":       `8080 ""`,
		"FROM a\nEXPOSE 99999 0 x":              `0 ""`,
		"FROM a\n# EXPOSE 1\nRUN x":             `0 ""`,
		"ARG P=1\nFROM a\nEXPOSE $P":            `0 ""`,
		"FROM a\nENV PORT=3000\nEXPOSE $PORT":   `3000 ""`,
		"FROM a\nENV PORT 3000\nEXPOSE ${PORT}": `3000 ""`,
		"FROM a\nARG PORT=\"3000\" B=2\nEXPOSE ${PORT:-80}":                                   `3000 ""`,
		"FROM a\nEXPOSE ${PORT:-80}":                                                          `80 ""`,
		"FROM a AS base\nEXPOSE 3000\nFROM golang AS build\nEXPOSE 1\nFROM base\nRUN x":       `3000 ""`,
		"FROM a\nEXPOSE 3000\nFROM --platform=linux/amd64 scratch":                            `0 ""`,
		"FROM a\nHEALTHCHECK --interval=5s CMD curl -f http://localhost:3000/up || exit 1":    `0 "/up"`,
		"FROM a\nHEALTHCHECK CMD [\"curl\", \"http://127.0.0.1/healthz?x=1\"]":                `0 "/healthz"`,
		"FROM a\nENV PORT=3000\nHEALTHCHECK CMD wget -q \\\n  http://localhost:${PORT}/live/": `0 "/live/"`,
		"FROM a\nHEALTHCHECK CMD wget http://localhost:3000":                                  `0 "/"`,
		"FROM a\nHEALTHCHECK CMD pg_isready":                                                  `0 ""`,
		"FROM a\nHEALTHCHECK CMD curl http://other/up":                                        `0 ""`,
		"FROM a AS b\nHEALTHCHECK CMD curl http://localhost/up\nFROM b\nHEALTHCHECK NONE":     `0 ""`,
		"FROM a\nEXPOSE \\": `0 ""`,
	} {
		i := parseDockerfile(text)
		if got := fmt.Sprintf("%d %q", i.port, i.path); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func FuzzParseDockerfile(f *testing.F) {
	f.Add("FROM a AS b\nENV X=$X\nEXPOSE ${X:-1}\nHEALTHCHECK CMD http://localhost:1/a \\\n")
	f.Fuzz(func(t *testing.T, text string) {
		if i := parseDockerfile(text); i.port < 0 || i.port > 65535 || i.path != "" && i.path[0] != '/' {
			t.Errorf("%q: %+v", text, i)
		}
	})
}
