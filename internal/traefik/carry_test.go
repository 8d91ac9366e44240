package traefik

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/facts"
)

// pair is what a proxy got by ACME for a name: a key, and a certificate with its chain.
type pair struct{ key, chain string }

func got(t *testing.T, serial int64, expires time.Time, names ...string) pair {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), DNSNames: names, NotAfter: expires}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	return pair{block("EC PRIVATE KEY", secret), block("CERTIFICATE", der) + certified(t, someday, "an authority")}
}

// volumes is a docker that copies out of folders and runs what works in a volume.
const volumes = `case $1 in
cp) from=${*#* }; from=${from#--follow-link }; from=$DIR/$(echo "${from% -}" | sed 's/:/\//'); [ -e "$from" ] && tar -C "${from%/*}" -cf - "${from##*/}" ;;
inspect) cat "$DIR/args" ;;
run) while [ "$1" != -c ]; do shift; done; exec sh "$@" ;;
esac`

const cache = "kamal-proxy/home/kamal-proxy/.config/kamal-proxy/certs/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855/"

// formers is a host with what two proxies got.
func formers(t *testing.T) (c inner, a, b, both pair) {
	t.Helper()
	c = newInner(t, map[string]string{"docker": volumes})
	a, b = got(t, 77, someday, "a.example.com"), got(t, 78, someday, "b.example.com", "www.b.example.com")
	late, other := got(t, 79, someday.AddDate(-9, 0, 0), "late.example.com"), got(t, 80, someday, "other.example.com")
	for _, folder := range []string{cache, "traefik/data"} {
		if err := os.MkdirAll(filepath.Join(c.dir, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	c.put(cache+"a.example.com", a.key+a.chain)
	c.put(cache+"late.example.com", late.key+late.chain)
	c.put(cache+"other.example.com", other.key+other.chain)
	c.put(cache+"acme_account+key", a.key)
	c.put("args", "--providers.docker\n--certificatesResolvers.le.acme.storage=/data/acme.json\n")
	type entry struct {
		Domain      map[string]string `json:"domain"`
		Certificate []byte            `json:"certificate"`
		Key         []byte            `json:"key"`
		Store       string
	}
	text, err := json.MarshalIndent(map[string]any{"le": map[string]any{"Certificates": []entry{{nil, []byte(b.chain), []byte(b.key), "default"}}}}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	c.put("traefik/data/acme.json", string(text))
	return c, a, b, late
}

func (c inner) onHost(text string) (out string, ok bool) {
	return c.sh("", strings.ReplaceAll(prelude(), "/mrsk/", c.dir+"/")+"\n"+docker.Functions.Text()+"\n"+text)
}

// seen are the proxies of that host as an upgrade sees them.
func (c inner) seen(names ...string) []facts.Former {
	c.t.Helper()
	out, ok := c.onHost(observeLeft(names)[0].Run.Wire().Reveal())
	if !ok || strings.Contains(out, "KEY") {
		c.t.Fatalf("ok %t, said %s", ok, out)
	}
	all := []facts.Former{{Name: formerProxy}, {Name: formerTraefik}}
	readLeft([]byte(out), all)
	return all
}

// automatic is a route of a role with certificates of ACME.
func automatic(issuer string, names ...string) Route {
	role := config.Role{Name: "web", Proxy: &config.Proxy{Hosts: names, SSL: config.SSL{Enabled: true}}}
	r := ForRole(&config.Project{Service: "shop"}, role, "")
	r.Issuer = issuer
	return r
}

func TestCarry(t *testing.T) {
	t.Parallel()
	c, a, b, _ := formers(t)
	names := []string{"a.example.com", "www.b.example.com", "late.example.com", "new.example.com", "*.example.com"}
	left := Left(c.seen(names...), config.ProxyRun{}, someday.AddDate(-1, 0, 0))
	if len(left) != 2 {
		t.Fatalf("%d certificates are left", len(left))
	}
	for name, tt := range map[string]struct {
		issuer string
		before string // what there was
		file   string
		kept   bool // it stays
	}{
		"the proxy gets them":            {file: "acme.json"},
		"it has an account":              {file: "acme.json", before: `{"mrsk": {"Account": {}}}`},
		"it has certificates":            {file: "acme.json", before: `{"mrsk": {"Certificates": [{"certificate": "x"}]}}`, kept: true},
		"they come from another host":    {issuer: "vm2", file: "routes/shop.web.received.yaml"},
		"one has come from another host": {issuer: "vm2", file: "routes/shop.web.received.yaml", before: `{"tls": {"certificates": [{"certFile": "x"}]}}`, kept: true},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.before != "" {
				c.put(tt.file, tt.before)
			}
			step := Carry(facts.Host{}, config.ProxyRun{Image: "traefik"}, []Route{automatic(tt.issuer, names...)}, left)[0]
			if said, ok := c.onHost(step.Run.Wire().Reveal()); !ok || said != "" {
				t.Fatalf("ok %t, said %s", ok, said)
			}
			text, err := os.ReadFile(filepath.Join(c.dir, tt.file))
			if err != nil {
				t.Fatal(err)
			}
			if tt.kept {
				if string(text) != tt.before {
					t.Errorf("it is now %s", text)
				}
			} else {
				if got := carried(t, string(text)); !slices.Equal(got, []pair{a, b}) {
					t.Errorf("carried are %v, want %v and %v", got, a, b)
				}
			}
			if said, ok := c.onHost(step.Undo.Wire().Reveal()); !ok {
				t.Fatal(said)
			}
			text, _ = os.ReadFile(filepath.Join(c.dir, tt.file))
			if string(text) != tt.before {
				t.Errorf("after the undo it is %s", text)
			}
			os.Remove(filepath.Join(c.dir, tt.file))
			if more, _ := filepath.Glob(filepath.Join(c.dir, "*", "*before")); more != nil {
				t.Errorf("left behind: %v", more)
			}
		})
	}
}

// carried reads a file as the proxy does.
func carried(t *testing.T, text string) []pair {
	t.Helper()
	var own struct {
		MRSK struct {
			Certificates []struct {
				Domain           struct{ Main string }
				Certificate, Key []byte
			}
		}
		TLS tlsSection
	}
	if err := json.Unmarshal([]byte(text), &own); err != nil {
		t.Fatal(err)
	}
	var all []pair
	for _, k := range own.MRSK.Certificates {
		if !strings.HasSuffix(k.Domain.Main, ".example.com") {
			t.Errorf("a certificate for %s", k.Domain.Main)
		}
		all = append(all, pair{string(k.Key), string(k.Certificate)})
	}
	for _, k := range own.TLS.Certificates {
		all = append(all, pair{k.KeyFile, k.CertFile})
	}
	return all
}

func TestLeft_is_what_the_same_server_gave(t *testing.T) {
	t.Parallel()
	const staging = "https://staging.example.com/directory"
	k := got(t, 1, someday, "a.example.com")
	arg := config.ProxyRun{Args: []config.Pair{{Name: "certificatesResolvers.mrsk.acme.caServer", Value: staging}}}
	for name, tt := range map[string]struct {
		option string
		run    config.ProxyRun
		want   int
	}{
		"both ask Let's Encrypt": {"", config.ProxyRun{}, 1},
		"one says so":            {"--certificatesresolvers.le.acme.caserver=" + letsEncrypt, config.ProxyRun{}, 1},
		"the other says so":      {"", config.ProxyRun{ACME: config.ACME{Server: letsEncrypt}}, 1},
		"the former tried":       {"--certificatesResolvers.le.acme.caServer=" + staging, config.ProxyRun{}, 0},
		"the new one tries":      {"", config.ProxyRun{ACME: config.ACME{Server: staging}}, 0},
		"both try":               {"--certificatesresolvers.le.acme.caserver=" + staging, arg, 1},
	} {
		f := facts.Former{Servers: servers([]string{"--a=b", tt.option}), Certificates: k.chain[:strings.Index(k.chain, "END")] + "END CERTIFICATE-----\n"}
		if left := Left([]facts.Former{f}, tt.run, someday.AddDate(-1, 0, 0)); len(left) != tt.want {
			t.Errorf("%s: %d are left", name, len(left))
		}
	}
}
