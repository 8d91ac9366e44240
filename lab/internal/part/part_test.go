package part

import (
	"encoding/json"
	"flag"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"mrsk/lab/internal/app"
	"mrsk/lab/internal/load"
	"mrsk/lab/internal/relay"
)

func TestTraffic_writes_its_report_and_ends_when_a_file_appears(t *testing.T) {
	t.Parallel()
	site := httptest.NewServer(app.New(app.Settings{Version: "v1"}, io.Discard).Handler())
	defer site.Close()
	dir := t.TempDir()
	until, out := filepath.Join(dir, "until"), filepath.Join(dir, "report.json")
	time.AfterFunc(200*time.Millisecond, func() { os.WriteFile(until, nil, 0o600) })
	err := sendTraffic(t.Context(), []string{
		"--url", site.URL + "/version", "--url", site.URL + "/up", "--rate", "50",
		"--for", "1h", "--until", until, "--out", out,
	})
	if err != nil {
		t.Fatal(err)
	}
	var report load.Report
	content, _ := os.ReadFile(out)
	if err := json.Unmarshal(content, &report); err != nil || report.OK == 0 || report.Lost != 0 || len(report.URLs) != 2 {
		t.Errorf("%v: %s", err, content)
	}
}

func TestFollowFile_reads_the_round_trip_time(t *testing.T) {
	t.Parallel()
	echo, front := listen(t), listen(t)
	go func() {
		conn, err := echo.Accept()
		if err == nil {
			io.Copy(conn, conn)
			conn.Close()
		}
	}()
	file := filepath.Join(t.TempDir(), "rtt")
	os.WriteFile(file, []byte("40ms\n"), 0o600)
	r := relay.New(echo.Addr().String(), 0)
	defer followFile(r, file)()
	go r.Serve(t.Context(), front)
	start := time.Now()
	conn, err := net.Dial("tcp", front.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.Write([]byte{1})
	conn.Read(make([]byte, 1))
	if took := time.Since(start); took < 80*time.Millisecond {
		t.Errorf("answer after %s, want two round trips of 40ms at least", took)
	}
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func TestCode_tells_usage_from_failure(t *testing.T) {
	t.Parallel()
	flags := flag.NewFlagSet("x", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	for _, c := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{Parse(flags, []string{"--help"}), 0},
		{Parse(flags, []string{"--bogus"}), 2},
		{app.ErrCrashed, 1},
	} {
		if got := Code(c.err); got != c.want {
			t.Errorf("%v: got %d, want %d", c.err, got, c.want)
		}
	}
}

func TestCommands_refuse_unknown_flags(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"app", "traffic", "balance", "relay"} {
		if err := Commands()[name](t.Context(), []string{"--bogus"}); Code(err) != 2 {
			t.Errorf("%s: %v", name, err)
		}
	}
}
