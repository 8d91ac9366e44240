package config

import (
	"strings"
	"testing"
)

func TestURLs_are_where_clients_reach_a_role(t *testing.T) {
	t.Parallel()
	for proxy, want := range map[string]string{
		"{host: a.example.com}":                                     "http://a.example.com",
		"{host: a.example.com, ssl: true}":                          "https://a.example.com",
		"{hosts: [a.example.com, '*.example.com', b.example.com]}":  "http://a.example.com http://b.example.com",
		"{host: a.example.com, path_prefix: /admin/}":               "http://a.example.com/admin",
		"{host: a.example.com, run: {http_port: 8080}}":             "http://a.example.com:8080",
		"{host: a.example.com, ssl: true, run: {https_port: 8443}}": "https://a.example.com:8443",
		"{app_port: 80}": "http://vm1 http://2001:db8::1",
		"{host: a.example.com, path_prefixes: [/one, /two], app_port: 12345}": "http://a.example.com/one http://a.example.com/two",
		"false": "",
	} {
		c, err := Load(LoadOptions{File: "deploy.yml", ReadFile: fakeFiles(map[string]string{"deploy.yml": "service: shop\nimage: shop\nservers: {web: {hosts: [vm1, '2001:db8::1'], cmd: x, proxy: " + proxy + "}}\nregistry: {server: 'localhost:5000'}\n"})})
		if err != nil {
			t.Errorf("%s: %v", proxy, err)
			continue
		}
		got := strings.Join(c.URLs(c.Roles[0]), " ")
		if want = strings.ReplaceAll(want, "2001:db8::1", "[2001:db8::1]"); got != want {
			t.Errorf("%s: got %q, want %q", proxy, got, want)
		}
	}
}
