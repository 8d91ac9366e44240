package remote_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"mrsk/internal/testhost"
)

func TestForward_leads_from_the_host_to_here(t *testing.T) {
	t.Parallel()
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(w, io.MultiReader(strings.NewReader("echo "), r.Body))
	}))
	t.Cleanup(web.Close)
	srv := testhost.New(t)
	client := srv.Dial(srv.Options())
	there, err := client.Forward(t.Context(), "127.0.0.1:0", func(ctx context.Context) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", web.Listener.Addr().String())
	})
	if err != nil {
		t.Fatal(err)
	}
	body := strings.Repeat("x", 1<<20)
	answer, err := http.Post("http://"+there.Addr().String(), "text/plain", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	got, err := io.ReadAll(answer.Body)
	if err != nil || string(got) != "echo "+body {
		t.Fatalf("%d bytes, %v", len(got), err)
	}

	_ = there.Close()
	<-there.Done()
	eventually(t, "the host has stopped listening", func() bool {
		c, err := net.Dial("tcp", there.Addr().String())
		if err == nil {
			_ = c.Close()
		}
		return err != nil
	})
}

func TestForward_closes_what_is_too_many(t *testing.T) {
	t.Parallel()
	srv := testhost.New(t)
	there, err := srv.Dial(srv.Options()).Forward(t.Context(), "127.0.0.1:0", func(context.Context) (net.Conn, error) {
		here, other := net.Pipe()
		t.Cleanup(func() { _ = other.Close() })
		return here, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{}, 200)
	for range 200 {
		c, err := net.Dial("tcp", there.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		go func() {
			_, _ = c.Read(make([]byte, 1))
			ended <- struct{}{}
		}()
	}
	for range 200 - 128 {
		<-ended
	}
	if len(ended) > 0 {
		t.Errorf("%d of 128 have ended, too", len(ended))
	}
	_ = there.Close()
	<-there.Done()
}

func TestForward_ends_with_the_connection(t *testing.T) {
	t.Parallel()
	srv := testhost.New(t)
	there, err := srv.Dial(srv.Options()).Forward(t.Context(), "127.0.0.1:0", nil)
	if err != nil {
		t.Fatal(err)
	}
	srv.Drop()
	<-there.Done()
}

func TestForward_tells_that_the_port_is_taken(t *testing.T) {
	t.Parallel()
	srv := testhost.New(t)
	_, err := srv.Dial(srv.Options()).Forward(t.Context(), srv.Addr(), nil)
	if err == nil || !strings.HasPrefix(err.Error(), fmt.Sprintf("listen on %s: ", srv.Addr())) {
		t.Errorf("err = %v", err)
	}
}
