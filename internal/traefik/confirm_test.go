package traefik

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mrsk/internal/docker"
)

// confirmed runs confirm_answer with a container whose state docker tells with the program state, and
// a proxy in which nc is the program nc. It returns what was said and the number of requests.
func confirmed(t *testing.T, state, nc, rounds string) (out string, ok bool, asked int) {
	t.Helper()
	c := newInner(t, map[string]string{
		"docker": `case $* in
			"exec "*) shift 2; exec "$@" ;;
			*State.Running*) [ ! -e "$DIR/dead" ] && echo true ;;
			*State.Status*) ` + state + ` ;;
			logs*) echo 'panic: no relation' ;;
			esac`,
		"nc":    `echo >>"$DIR/asked"; n=$(wc -l <"$DIR/asked"); ` + nc,
		"sleep": nosleep,
		"date":  "echo 1000", // on a busy machine it would ask less often, as its time is bounded
	})
	inside := strings.ReplaceAll(prelude(), "/mrsk/", c.dir+"/")
	out, ok = c.sh("", "status_unwell=73\n"+docker.Functions.Text()+inside+"\nconfirm_answer "+rounds+" 5 shop-web-v2 m-2 80 /up shop.example.com 5 ''")
	text, _ := os.ReadFile(filepath.Join(c.dir, "asked"))
	return out, ok, len(text)
}

func TestConfirm_tells_a_steady_container_from_one_that_is_not(t *testing.T) {
	t.Parallel()
	const (
		fine  = `printf 'HTTP/1.1 200 OK\r\n\r\n'`
		sick  = `printf 'HTTP/1.1 500 Oh\r\n\r\n'`
		well  = `echo running - 0 0`
		after = `[ "$(wc -l <"$DIR/asked" 2>/dev/null || echo 0)" -gt 3 ] && `
	)
	for name, tt := range map[string]struct {
		state, nc string
		ok        bool
		says      string
		asked     int
	}{
		"steady":                {well, fine, true, "", 10},
		"one bad answer":        {well, `[ "$n" = 2 ] && ` + sick + ` || ` + fine, true, "", 12},
		"every other answer":    {well, `[ $((n % 2)) = 0 ] && ` + sick + ` || ` + fine, false, "container shop-web-v2 no longer answers its health check\nlast probe of /up: HTTP/1.1 500 Oh", 4},
		"none at all":           {well, "exit 1", false, "last probe of /up: no answer on port 80", 2},
		"it has ended":          {`echo exited - 137 0`, fine, false, "container shop-web-v2 ended with exit status 137 after it had been up", 0},
		"it ends meanwhile":     {after + `echo exited - 2 0 || echo running - 0 0`, fine, false, "ended with exit status 2 after it had been up", 5},
		"it was restarted":      {`echo running - 0 2`, fine, false, "ended after it had been up; docker has restarted it, count 2", 0},
		"it is being restarted": {`echo restarting - 1 3`, fine, false, "docker has restarted it, count 3", 0},
		"its own health check":  {`echo running unhealthy 0 0`, fine, true, "", 10},
		"docker is down":        {`echo 'Cannot connect to the Docker daemon' >&2; exit 1`, fine, false, "Cannot connect to the Docker daemon", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, ok, asked := confirmed(t, tt.state, tt.nc, "2")
			if ok != tt.ok || asked != tt.asked || !strings.Contains(out, tt.says) || ok && out != "" {
				t.Errorf("ok %t after %d requests, said\n%s", ok, asked, out)
			}
			if blamed := strings.Contains(out, "panic: no relation"); blamed == ok && name != "docker is down" {
				t.Errorf("log of the container: %t", blamed)
			}
		})
	}
}

func TestConfirm_does_not_blame_the_container_for_a_proxy_that_is_down(t *testing.T) {
	t.Parallel()
	out, ok, _ := confirmed(t, "echo running - 0 0", `: >"$DIR/dead"; exit 1`, "1")
	if ok || !strings.Contains(out, "the proxy does not run") || strings.Contains(out, "panic") {
		t.Errorf("ok %t, said\n%s", ok, out)
	}
}
