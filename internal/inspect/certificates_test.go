package inspect

import (
	"strings"
	"testing"
	"time"

	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/golden"
	"mrsk/internal/traefik"
)

func certified(t *testing.T) *config.Scope {
	t.Helper()
	const text = `
service: shop
image: acme/shop
servers:
  web: [vm1, vm2]
  admin: {hosts: [vm1], proxy: {host: admin.example.com}}
  workers: {hosts: [vm1], proxy: {host: w.example.com, ssl: false}}
proxy: {hosts: [b.example.com, a.example.com], ssl: true}
registry: {server: "localhost:5000"}
`
	c, err := config.Load(config.LoadOptions{File: "deploy.yml", ReadFile: func(string) ([]byte, error) { return []byte(text), nil }})
	if err != nil {
		t.Fatal(err)
	}
	return c.All()
}

func TestCertificates_of_roles_and_where_they_come_from(t *testing.T) {
	t.Parallel()
	c := certified(t)
	var all []Certificate
	for _, host := range []string{"vm1", "vm2"} {
		all = append(all, Certificates(c, facts.Host{Name: host}, []traefik.Certificate{})...)
	}
	expires := noon.Add(36 * time.Hour)
	all = append(all, Certificate{Host: "vm3", Role: "web", Names: []string{"b.example.com", "a.example.com"}, Expires: &expires, From: "vm1"})
	text := CertificatesText(all, noon)
	golden.Equal(t, "testdata/certificates.golden", text+"\n"+CertificatesText(all[len(all)-1:], expires.Add(time.Hour)))
	if strings.Contains(text, "workers") {
		t.Error("a role without ssl has a certificate")
	}
	if got := CertificatesText(nil, noon); got != "no role has certificates by ACME\n" {
		t.Errorf("of none: %q", got)
	}
}
