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

// Certificate is one that a proxy got by ACME.
type Certificate struct {
	Names   []string // that it is for
	Expires time.Time
	PEM     string        // with its chain
	Key     redact.String // "" where only the certificate was looked at
	leaf    *x509.Certificate
}

func parse(text string, key redact.String) (Certificate, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return Certificate{}, errors.New("a certificate is no PEM")
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return Certificate{}, err
	}
	return Certificate{Names: leaf.DNSNames, Expires: leaf.NotAfter, PEM: text, Key: key, leaf: leaf}, nil
}

func (c Certificate) same(other Certificate) bool { return c.PEM == other.PEM }

// covers reports whether the certificate is for a host name, which may be a wildcard.
func (c Certificate) covers(host string) bool { return c.leaf.VerifyHostname(host) == nil }

// Covering picks those of all certificates that host names need: for each name the one that lasts
// longest, in the order of the names. missing are the names without any.
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

// SeeIssued prints what the proxy has got by ACME, for ReadIssued; keys come along only where they
// are asked for.
func SeeIssued(a config.ACME, keys bool) plan.Step {
	show := insideIssued
	if keys {
		show = insideACME
	}
	return plan.Step{
		Name: "look at the certificates", Run: inside(inProxy, show, Storage(a)),
		Captured: true, VerboseOnly: true,
	}
}

// ReadIssued reads what SeeIssued printed.
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

// readStorage reads the file that the proxy keeps certificates and their keys in.
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

// Received are the certificates that a host has received for the owner's route. What cannot be read is as if
// it were not there: the next one takes its place.
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
