package cli

import (
	"runtime"
	"strings"
	"testing"
)

func TestReadSize(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"20GB": 20e9, "500m": 500e6, "1.5 g": 1.5e9, "1000": 1000, "3kB": 3000, "0": 0} {
		if got, ok := readSize(text); !ok || got != want {
			t.Errorf("%s: %d, %t", text, got, ok)
		}
	}
	for _, text := range []string{"", "much", "-1", "1TBB", "9e9", "99999999999GB"} {
		if got, ok := readSize(text); ok {
			t.Errorf("%s is %d", text, got)
		}
	}
}

func TestImageStore_is_where_the_user_keeps_caches(t *testing.T) {
	t.Parallel()
	var errs strings.Builder
	env := map[string]string{}
	sys := System{Home: "/home/ann", Getenv: func(name string) string { return env[name] }, Err: &errs}
	store := func() (dir string, limit int64) {
		s := newProgram(t.Context(), sys).opener.imageStore()
		return s.Dir, s.Limit
	}
	standard := "/home/ann/.cache/mrsk/images"
	if runtime.GOOS == "darwin" {
		standard = "/home/ann/Library/Caches/mrsk/images"
	}
	if dir, limit := store(); dir != standard || limit != imageLimit {
		t.Errorf("%s, %d", dir, limit)
	}
	env["XDG_CACHE_HOME"], env["MRSK_CACHE_SIZE"] = "/var/cache/ann", "1GB"
	if dir, limit := store(); dir != "/var/cache/ann/mrsk/images" || limit != 1e9 {
		t.Errorf("%s, %d", dir, limit)
	}
	env["XDG_CACHE_HOME"], env["MRSK_CACHE_SIZE"] = "relative", "much"
	if dir, limit := store(); dir != standard || limit != imageLimit || !strings.Contains(errs.String(), "MRSK_CACHE_SIZE=much is not a size such as 20GB") {
		t.Errorf("%s, %d: %s", dir, limit, errs.String())
	}
}
