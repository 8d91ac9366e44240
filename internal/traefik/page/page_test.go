package page

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// own is the file of a page of the app's own.
func own(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestPage(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		page, message string
		want          string
	}{
		"the app's own":           {"<p>gone fishing: {{ .Message }}</p>", "till noon", "<p>gone fishing: till noon</p>"},
		"without a message":       {"<p>gone fishing{{ if .Message }}: {{ .Message }}{{ end }}</p>", "", "<p>gone fishing</p>"},
		"the message is escaped":  {"<p>{{ .Message }}</p>", "<script>&", "<p>&lt;script&gt;&amp;</p>"},
		"none of its own":         {"", "", ""},
		"its own is no template":  {"<p>{{ .Message </p>", "till noon", "<p>till noon</p>"},
		"it asks for what is not": {"<p>{{ .Message.Nonsense }}</p>", "till noon", "<p>till noon</p>"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := CreateConfig()
			config.File, config.Message = own(t, tt.page), tt.message
			answer := ask(t, config, http.MethodPost)
			if answer.Code != http.StatusServiceUnavailable || !strings.Contains(answer.Body.String(), tt.want) {
				t.Errorf("got %d %s", answer.Code, answer.Body)
			}
			if tt.page == "" && answer.Body.Len() != 0 {
				t.Errorf("an empty page is a page: got %s", answer.Body)
			}
		})
	}
}

func TestPage_without_one_of_the_app_is_a_plain_one(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]string{"": "<p>We will be back soon.</p>", "a > b": "<p>a &gt; b</p>"} {
		config := CreateConfig()
		config.Message = message
		if answer := ask(t, config, http.MethodGet); answer.Code != 503 || !strings.Contains(answer.Body.String(), want) {
			t.Errorf("%q: got %d %s", message, answer.Code, answer.Body)
		}
	}
}

func TestPage_is_for_no_cache(t *testing.T) {
	t.Parallel()
	head := ask(t, &Config{Status: 503}, http.MethodHead).Header()
	if head.Get("Cache-Control") != "no-store" || head.Get("Content-Type") != "text/html; charset=utf-8" || head.Get("Content-Length") == "0" {
		t.Errorf("headers %v", head)
	}
}

// A load balancer in front that asks for the health check keeps the host.
func TestPage_leaves_the_health_check_alone(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		method string
		paths  []string
		want   int
	}{
		{http.MethodGet, []string{"/up", "/any/path"}, 200},
		{http.MethodHead, []string{"/any/path"}, 200},
		{http.MethodPost, []string{"/any/path"}, 503},
		{http.MethodGet, []string{"/any"}, 503},
		{http.MethodGet, []string{"/any/path/"}, 503},
		{http.MethodGet, nil, 503},
	} {
		if answer := ask(t, &Config{Status: 503, Health: tt.paths}, tt.method); answer.Code != tt.want || tt.want == 200 && answer.Body.Len() > 0 {
			t.Errorf("%s with %v: %d %s", tt.method, tt.paths, answer.Code, answer.Body)
		}
	}
}

func ask(t *testing.T, config *Config, method string) *httptest.ResponseRecorder {
	t.Helper()
	next := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the app was asked") })
	handler, err := New(t.Context(), next, config, "shop.web.page@file")
	if err != nil {
		t.Fatal(err)
	}
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), method, "/any/path", strings.NewReader("upload")))
	return answer
}
