package traefik

import (
	"testing"

	"mrsk/internal/config"
	"mrsk/internal/facts"
)

// What a host says of its proxies becomes facts, or an error; routes that somebody else wrote, too.
func FuzzRead(f *testing.F) {
	f.Add("nc \x1eshop-web.json\x1f{\"http\":{\"routers\":{},\"services\":{\"shop-web@x\":{}}}}\x1eown.yaml\x1ftls:\n  certificates: []\n")
	f.Add(`{"id":"1","name":"/kamal-proxy","state":"running","restart":"always","args":["run"],"ports":{"80/tcp":[{"HostPort":"80"},{"HostPort":"x"}]}}`)
	f.Add(`{"id":"1","name":"/traefik","args":["--certificatesResolvers.a.acme.caServer","--=="],"ports":null,"labels":{"traefik.enable":"1"}}` + "\nnull\n")
	f.Add(`[{"active_targets":["1:80",":"],"active_target":""}]`)
	f.Add("\x1e\x1f\x1e\x1f\x1e")
	run := config.ProxyRun{HTTPPort: 80, HTTPSPort: 443, Publish: true}
	f.Fuzz(func(t *testing.T, text string) {
		output := func(string) []byte { return []byte(text) }
		var h facts.Host
		if err := Read(output, &h); err != nil {
			t.Fatalf("a proxy with strange files stops every command: %v", err)
		}
		_ = Troubles(h)
		for _, r := range h.Routes {
			_ = Serving(h, r.File, "shop-web")
		}
		if ReadFormer(output, &h) == nil {
			_ = Behind(h, Formers(h, run))
		}
	})
}

// The storage of certificates is a file of the host, and what a former proxy kept is, too.
func FuzzReadIssued(f *testing.F) {
	f.Add(`{"mrsk":{"Certificates":[{"certificate":"LS0tLS1CRUdJTg==","key":""}]}}`)
	f.Add("\"LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1BPT0KLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo=\",\n")
	f.Add("{")
	f.Add("\n\n,\n")
	f.Fuzz(func(t *testing.T, text string) {
		all, err := ReadIssued([]byte(text))
		if err != nil {
			return
		}
		for _, c := range all {
			if c.leaf == nil || c.PEM == "" {
				t.Error("a certificate of nothing")
			}
		}
	})
}
