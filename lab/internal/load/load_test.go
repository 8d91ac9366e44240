package load

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mrsk/lab/internal/app"
)

// site is a server that counts its connections and requests.
type site struct {
	*httptest.Server
	requests, connections atomic.Int64
}

func newSite(t *testing.T, handler http.Handler, changes ...func(*http.Server)) *site {
	t.Helper()
	s := &site{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.requests.Add(1)
		handler.ServeHTTP(w, r)
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.connections.Add(1)
		}
	}
	for _, change := range changes {
		change(s.Config)
	}
	s.Start()
	t.Cleanup(s.Close)
	return s
}

func sample() http.Handler {
	return app.New(app.Settings{Version: "v1"}, io.Discard).Handler()
}

func send(t *testing.T, o Options) Report {
	t.Helper()
	if o.For == 0 {
		o.For = 300 * time.Millisecond
	}
	r, err := Run(t.Context(), o, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRun_sends_at_the_rate_half_kept_half_new(t *testing.T) {
	t.Parallel()
	s := newSite(t, sample())
	r := send(t, Options{URLs: []string{s.URL + "/version"}, Rate: 100, Kept: 2, New: 2})
	if r.Total < 25 || r.Total > 35 || r.OK != r.Total || r.Lost != 0 {
		t.Errorf("total %d, ok %d, lost %d: want about 30, all of them ok", r.Total, r.OK, r.Lost)
	}
	kept, fresh := r.Kinds[kindKept], r.Kinds[kindNew]
	if kept.Total-fresh.Total > 2 || fresh.Total-kept.Total > 2 {
		t.Errorf("%d kept, %d new: want as many", kept.Total, fresh.Total)
	}
	if n := int(s.connections.Load()); n < fresh.Total+1 || n >= r.Total {
		t.Errorf("%d connections for %d new requests of %d", n, fresh.Total, r.Total)
	}
	if seen := r.Versions["v1"]; seen.Count != r.OK || seen.First.After(seen.Last) {
		t.Errorf("versions %+v", r.Versions)
	}
}

func TestRun_counts_what_is_not_200_as_lost(t *testing.T) {
	t.Parallel()
	s := newSite(t, sample())
	r := send(t, Options{URLs: []string{s.URL + "/status?code=503", s.URL + "/version"}, Rate: 20})
	bad, good := r.URLs[s.URL+"/status?code=503"], r.URLs[s.URL+"/version"]
	if bad.OK != 0 || bad.Lost != bad.Total || good.Lost != 0 || r.Lost != bad.Total {
		t.Errorf("bad %+v, good %+v, lost %d", bad, good, r.Lost)
	}
	if r.Status[503] != bad.Total || !strings.Contains(r.Failures[0].Error, "status 503") {
		t.Errorf("status %v, failures %v", r.Status, r.Failures)
	}
}

func TestRun_sends_nothing_twice_when_a_kept_connection_breaks(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	s := newSite(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1)%2 == 0 {
			panic(http.ErrAbortHandler)
		}
	}))
	r := send(t, Options{URLs: []string{s.URL}, Rate: 20, Kept: 1})
	if int(s.requests.Load()) != r.Total || r.Lost != r.Total/2 {
		t.Errorf("%d requests arrived of %d, %d lost: want half of them lost", s.requests.Load(), r.Total, r.Lost)
	}
}

func TestRun_replaces_connections_closed_while_idle(t *testing.T) {
	t.Parallel()
	s := newSite(t, sample(), func(server *http.Server) { server.IdleTimeout = time.Millisecond })
	r := send(t, Options{URLs: []string{s.URL + "/version"}, Rate: 10, Kept: 1})
	if r.Lost != 0 || r.Reconnects == 0 {
		t.Errorf("lost %d, reconnects %d: want none and some", r.Lost, r.Reconnects)
	}
}

func TestRun_does_not_slow_down_with_the_server(t *testing.T) {
	t.Parallel()
	s := newSite(t, sample())
	r := send(t, Options{URLs: []string{s.URL + "/slow?ms=400"}, Rate: 50, Kept: 1, New: 1})
	if r.Total < 13 || r.Lost != 0 {
		t.Errorf("%d requests, %d lost: want 15, the rate of an open loop", r.Total, r.Lost)
	}
	if r.Gap < 350*time.Millisecond {
		t.Errorf("gap %s: the first answer took 400ms", r.Gap)
	}
}

func TestRun_keeps_slow_requests_and_uploads_in_flight(t *testing.T) {
	t.Parallel()
	s := newSite(t, sample())
	r := send(t, Options{
		URLs: []string{s.URL + "/version"}, For: 100 * time.Millisecond,
		Slow: 2, SlowFor: 150 * time.Millisecond, Upload: 3, SlowBody: 200 * time.Millisecond,
	})
	if r.Kinds[kindSlow].OK != 2 || r.Kinds[kindUpload].OK != 3 || r.Total != 5 {
		t.Errorf("kinds %+v: want 2 slow requests and 3 uploads, waited for", r.Kinds)
	}
}

func TestRun_counts_an_upload_that_arrives_short_as_lost(t *testing.T) {
	t.Parallel()
	s := newSite(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		fmt.Fprintln(w, "12 abc")
	}))
	r := send(t, Options{URLs: []string{s.URL}, For: time.Millisecond, Upload: 1, SlowBody: time.Millisecond})
	if r.Lost == 0 || !strings.Contains(r.Failures[0].Error, "arrived changed") {
		t.Errorf("lost %d: %v", r.Lost, r.Failures)
	}
}

func TestRun_tells_who_refuses(t *testing.T) {
	t.Parallel()
	s := newSite(t, sample())
	s.Close()
	r := send(t, Options{URLs: []string{s.URL}, Rate: 400, For: 250 * time.Millisecond})
	if r.OK != 0 || r.Lost != r.Total || len(r.Failures) != failureLimit {
		t.Errorf("ok %d, lost %d of %d, %d failures told", r.OK, r.Lost, r.Total, len(r.Failures))
	}
}

func TestRun_ends_early_when_told_to(t *testing.T) {
	t.Parallel()
	s := newSite(t, sample())
	ctx, cancel := context.WithCancel(t.Context())
	r, err := Run(ctx, Options{URLs: []string{s.URL}, Rate: 10, For: time.Hour}, cancel)
	if err != nil || r.Ended.Sub(r.Started) > 10*time.Second {
		t.Errorf("ended after %s: %v", r.Ended.Sub(r.Started), err)
	}
}

func TestRun_sends_the_host_header(t *testing.T) {
	t.Parallel()
	s := newSite(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != "app.example.com" {
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	r := send(t, Options{URLs: []string{s.URL}, Host: "app.example.com", Rate: 20})
	if r.Lost != 0 {
		t.Errorf("%d lost: %v", r.Lost, r.Failures)
	}
}

func TestRun_refuses_what_it_cannot_send(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]Options{
		"no URL":        {},
		"no http":       {URLs: []string{"ftp://vm1/"}},
		"negative rate": {URLs: []string{"http://vm1/"}, Rate: -1},
	} {
		if _, err := Run(t.Context(), o, nil); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestRun_counts_apart_what_it_does_not_send(t *testing.T) {
	t.Parallel()
	held := make(chan struct{})
	s := newSite(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-held }))
	o, err := Options{URLs: []string{s.URL}}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	targets, err := newTargets(o)
	if err != nil {
		t.Fatal(err)
	}
	g := &generator{options: o, book: newBook(o.URLs), slots: make(chan struct{}, 2)}
	for range 5 {
		g.fire(targets[0], false)
	}
	close(held)
	g.inFlight.Wait()
	r := g.book.close()
	if r.Unsent != 3 || r.Lost != 0 || r.OK != 2 || r.Total != 2 || !strings.Contains(r.String(), "3 not sent with 1000 in flight") {
		t.Errorf("%d not sent, %d lost, %d ok of %d: want 3, 0 and 2 of 2; said:\n%s", r.Unsent, r.Lost, r.OK, r.Total, r)
	}
}
