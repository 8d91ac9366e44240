package docker

import (
	"testing"
	"time"
)

func TestSplitLog_finds_the_time_that_docker_adds(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 3, 4, 5, 123456789, time.UTC)
	for line, want := range map[string]struct {
		at   time.Time
		text string
	}{
		"2026-01-02T03:04:05.123456789Z GET /up 200":      {at, "GET /up 200"},
		"2026-01-02T04:04:05.123456789+01:00 GET /up 200": {at, "GET /up 200"},
		"2026-01-02T03:04:05.123456789Z  indented":        {at, " indented"},
		"2026-01-02T03:04:05.123456789Z ":                 {at, ""},
		"2026-01-02T03:04:05.123456789Z":                  {at, ""},
		"--":                                              {time.Time{}, "--"},
		"":                                                {time.Time{}, ""},
		"7:2026-01-02T03:04:05Z text":                     {time.Time{}, "7:2026-01-02T03:04:05Z text"},
		"Error response from daemon":                      {time.Time{}, "Error response from daemon"},
	} {
		if got, text := SplitLog(line); !got.Equal(want.at) || text != want.text {
			t.Errorf("%q: %v, %q", line, got, text)
		}
	}
}
