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

// The client of a daemon that hangs waits forever. A probe has the time that its tries may take.
func TestAwaitAnswer_ends_when_the_daemon_hangs(t *testing.T) {
	t.Parallel()
	c := newInner(t, map[string]string{
		"docker":  `case $* in *State.Status*) echo running - 0 0 ;; esac`,
		"timeout": `case $3 in exec) echo "limit $1"; exit 124 ;; *) shift; exec "$@" ;; esac`,
		"date":    `echo >>"$DIR/asked"; wc -l <"$DIR/asked"`,
	})
	inside := strings.ReplaceAll(prelude(), "/mrsk/", c.dir+"/")
	out, ok := c.sh("", "status_unwell=73\npause() { :; }\n"+docker.Functions.Text()+inside+"\nawait_answer 1 2 shop-web-v2 m-2 80 /up shop.example.com 5 ''")
	if want := "limit 200\ndocker exec: no answer within 200 s; the Docker daemon on this host hangs"; ok || !strings.Contains(out, want) {
		t.Errorf("%v %s", ok, out)
	}
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

func TestWatch_asks_once_a_second_until_the_time_is_over(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		states string // of the container, by the number of the question
		ok     bool
		says   string
	}{
		"it stays healthy": {"echo running - 0 0", true, ""},
		"it ends":          {`[ "$(wc -l <"$DIR/asked" 2>/dev/null || echo 0)" -gt 2 ] && echo exited - 9 0 || echo running - 0 0`, false, "ended with exit status 9"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, ok, asked := watched(t, tt.states, "pause() { clock=$((clock + 1)); }")
			if ok != tt.ok || !strings.Contains(out, tt.says) || ok && asked != 30 {
				t.Errorf("ok %t after %d requests, said\n%s", ok, asked, out)
			}
		})
	}
	if out, ok, asked := watched(t, "echo running - 0 0", "pause() { return 1; }"); ok || asked != 0 {
		t.Errorf("told to give up it asks %d times, %t, %s", asked, ok, out)
	}
}

// watched runs watch_answer for 10 s of a clock that only the function pause moves.
func watched(t *testing.T, state, pause string) (out string, ok bool, asked int) {
	t.Helper()
	c := newInner(t, map[string]string{
		"docker": `case $* in
			"exec "*) shift 2; exec "$@" ;;
			*State.Running*) echo true ;;
			*State.Status*) ` + state + ` ;;
			esac`,
		"nc":    `echo >>"$DIR/asked"; printf 'HTTP/1.1 200 OK\r\n\r\n'`,
		"sleep": nosleep,
	})
	inside := strings.ReplaceAll(prelude(), "/mrsk/", c.dir+"/")
	out, ok = c.sh("", "status_unwell=73 status_gave_up=75 clock=1000\ndate() { echo $clock; }\n"+docker.Functions.Text()+inside+"\n"+pause+
		"\nwatch_answer 10 shop-web-v2 m-2 80 /up shop.example.com 5 ''")
	text, _ := os.ReadFile(filepath.Join(c.dir, "asked"))
	return out, ok, len(text)
}
