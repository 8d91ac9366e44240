package balance

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func host(t *testing.T, name string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %s", name, r.Host)
	}))
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

func gone(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(nil)
	s.Close()
	return strings.TrimPrefix(s.URL, "http://")
}

func ask(t *testing.T, handler http.Handler) (int, string) {
	t.Helper()
	front := httptest.NewServer(handler)
	defer front.Close()
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, front.URL, nil)
	request.Host = "app.example.com"
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(body)
}

func TestBalance_goes_round_and_keeps_the_host_header(t *testing.T) {
	t.Parallel()
	b := New([]string{host(t, "one"), host(t, "two")})
	for _, want := range []string{"one", "two", "one"} {
		if code, body := ask(t, b); code != 200 || body != want+" app.example.com" {
			t.Errorf("got %d %q, want %s", code, body, want)
		}
	}
}

func TestBalance_leaves_out_a_host_that_refuses(t *testing.T) {
	t.Parallel()
	b := New([]string{gone(t), host(t, "two")})
	for range 4 {
		if code, body := ask(t, b); code != 200 || body != "two app.example.com" {
			t.Errorf("got %d %q", code, body)
		}
	}
}

func TestBalance_says_502_when_no_host_answers(t *testing.T) {
	t.Parallel()
	if code, body := ask(t, New([]string{gone(t), gone(t)})); code != 502 {
		t.Errorf("got %d %q", code, body)
	}
	if code, _ := ask(t, New(nil)); code != 502 {
		t.Errorf("without hosts: got %d", code)
	}
}
