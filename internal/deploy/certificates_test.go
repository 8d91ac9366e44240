package deploy

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"

	"mrsk/internal/facts"
	"mrsk/internal/golden"
	"mrsk/internal/traefik"
)

// certifiedShop is the shop with certificates of ACME.
var certifiedShop = strings.Replace(shop, "{host: shop.example.com}", "{host: shop.example.com, ssl: true}", 1)

// issued are certificates as the proxy of a host got them.
func issued(t *testing.T, names ...string) []traefik.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: names, NotAfter: at(0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	entry := map[string][]byte{"certificate": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), "key": []byte("the key")}
	text, err := json.Marshal(map[string]any{"mrsk": map[string]any{"Certificates": []any{entry}}})
	if err != nil {
		t.Fatal(err)
	}
	all, err := traefik.ReadIssued(text)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// vm2 passes challenges on before anything is switched, in whatever batch it is. vm1, which once
// received a certificate itself, forgets that when the new version serves.
func TestRollout_of_a_role_whose_certificate_one_host_gets(t *testing.T) {
	for name, more := range map[string]string{"certificate": "", "certificate-in-batches": "boot: {limit: 1}\n"} {
		r := rolledOut(t, "")
		r.Scope = load(t, certifiedShop+more)
		h := r.Facts["vm1"]
		h.Shared = []facts.Route{{File: "shop.web.received.yaml"}}
		r.Facts["vm1"] = h
		p, err := Rollout(r)
		if err != nil {
			t.Fatal(err)
		}
		golden.Equal(t, "testdata/rollout/"+name+".golden", p.String())
	}
}

func TestShareCertificates_brings_them_to_hosts_that_lack_them(t *testing.T) {
	s := running(t)
	s.Scope = load(t, certifiedShop)
	certificates := map[string][]traefik.Certificate{"web": issued(t, "shop.example.com")}
	p := ShareCertificates(s, certificates)
	golden.Equal(t, "testdata/manage/share-certificates.golden", p.String())
	if strings.Contains(p.Commands(), "the key") {
		t.Error("the key is shown")
	}
	down := s.Facts["vm2"]
	down.Proxy.State = "exited"
	s.Facts["vm2"] = down
	for name, p := range map[string]bool{
		"no proxy":       ShareCertificates(s, certificates).Empty(),
		"no certificate": ShareCertificates(running(t), certificates).Empty(),
	} {
		if !p {
			t.Errorf("%s: there is something to do", name)
		}
	}
}

func TestShares_are_the_hosts_of_the_run_that_receive(t *testing.T) {
	c := load(t, certifiedShop)
	if all := Shares(c); len(all) != 1 || all[0].Issuer != "vm1" || strings.Join(all[0].Hosts, " ") != "vm2" {
		t.Errorf("got %+v", all)
	}
	if all := Shares(load(t, shop)); all != nil {
		t.Errorf("without ssl: %+v", all)
	}
}
