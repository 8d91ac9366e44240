package traefik

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/redact"
)

// Certificate is a certificate that a proxy obtained by ACME.
type Certificate struct {
	Names   []string // host names, may be wildcards
	Expires time.Time
	PEM     string        // the certificate and its chain, and nothing else
	Key     redact.String // private key in PEM form; "" if it was not read
	leaf    *x509.Certificate
}

func parse(text string, key redact.String) (Certificate, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil || block.Type != "CERTIFICATE" {
		return Certificate{}, errors.New("the certificate is not in PEM form")
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return Certificate{}, err
	}
	if strings.HasPrefix(key.Reveal(), bar) {
		return Certificate{}, errors.New("the private key is not in PEM form") // one host must not break the route files of others
	}
	return Certificate{Names: leaf.DNSNames, Expires: leaf.NotAfter, PEM: chain(text), Key: key, leaf: leaf}, nil
}

// chain returns the certificates of a text in PEM form. What is between them is left out: it goes to other
// hosts.
func chain(text string) string {
	var out strings.Builder
	for rest := []byte(text); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return out.String()
		}
		if block.Type == "CERTIFICATE" {
			_ = pem.Encode(&out, &pem.Block{Type: block.Type, Bytes: block.Bytes}) // a Builder takes everything
		}
	}
}

func (c Certificate) same(other Certificate) bool { return c.PEM == other.PEM }

// covers reports whether the certificate is valid for a host name, which may be a wildcard.
func (c Certificate) covers(host string) bool { return c.leaf.VerifyHostname(host) == nil }

// Covering picks for each host name the certificate that expires last, in the order of the names.
// missing are the names without a certificate.
func Covering(all []Certificate, hosts []string) (picked []Certificate, missing []string) {
	for _, host := range hosts {
		var best *Certificate
		for i, c := range all {
			if c.covers(host) && (best == nil || c.Expires.After(best.Expires)) {
				best = &all[i]
			}
		}
		switch {
		case best == nil:
			missing = append(missing, host)
		case !slices.ContainsFunc(picked, best.same):
			picked = append(picked, *best)
		}
	}
	return picked, missing
}

// SeeIssued returns the step that prints the proxy's ACME certificates, for ReadIssued. It includes the
// private keys only if keys is set.
func SeeIssued(a config.ACME, keys bool) plan.Step {
	show := insideIssued
	if keys {
		show = insideACME
	}
	return plan.Step{
		Name: seeIssued, Run: inside(inProxy, show, Storage(a)),
		Captured: true, VerboseOnly: true,
	}
}

// ReadIssued parses the output of SeeIssued's step.
func ReadIssued(text []byte) ([]Certificate, error) {
	if strings.HasPrefix(strings.TrimSpace(string(text)), "{") {
		return readStorage(text)
	}
	var all []Certificate
	for line := range strings.Lines(string(text)) {
		chain, err := base64.StdEncoding.DecodeString(strings.Trim(line, "\", \n"))
		if err != nil {
			return nil, fmt.Errorf("read a certificate: %w", err)
		}
		c, err := parse(string(chain), redact.String{})
		if err != nil {
			return nil, fmt.Errorf("read a certificate: %w", err)
		}
		all = append(all, c)
	}
	return all, nil
}

// readStorage parses Traefik's ACME storage, which has certificates and keys.
func readStorage(text []byte) ([]Certificate, error) {
	var resolvers map[string]struct {
		Certificates []struct{ Certificate, Key []byte }
	}
	if err := json.Unmarshal(text, &resolvers); err != nil {
		return nil, fmt.Errorf("read the proxy's certificates: %w", err)
	}
	var all []Certificate
	for _, k := range resolvers[config.ACMEResolver].Certificates {
		c, err := parse(string(k.Certificate), redact.New(string(k.Key)))
		if err != nil {
			return nil, fmt.Errorf("read the proxy's certificates: %w", err)
		}
		all = append(all, c)
	}
	return all, nil
}

// Received returns the certificates that a host has received from another for the owner's route. It
// ignores those that cannot be read; the next copy replaces them.
func (o Owner) Received(h facts.Host) []Certificate {
	content, _ := sharedOn(h, o.object(received))
	var all []Certificate
	for line := range strings.Lines(content) {
		value, found := strings.CutPrefix(strings.TrimSpace(line), `"certFile": `)
		var text string
		if !found || json.Unmarshal([]byte(strings.TrimSuffix(value, ",")), &text) != nil {
			continue
		}
		if k, err := parse(text, redact.String{}); err == nil {
			all = append(all, k)
		}
	}
	return all
}
