package traefik

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"mrsk/internal/config"
)

const challengePath = "/.well-known/acme-challenge/"

// challengeRouter routes HTTP challenges of an ACME server to Traefik itself, before all apps. It
// replaces Traefik's own router for them. That one has the highest possible priority, so a host could
// not pass challenges on to another host.
const challengeRouter = `
"mrsk-challenge.http": {"entryPoints": ["http"], "rule": "PathPrefix(` + "`" + challengePath + "`" + `)", "priority": 100000, "service": "acme-http@internal"},`

// The CA certificate of a private ACME server is passed to the container in the variable authorityEnv.
// The prepare script writes it to authorityFile, where Traefik reads it.
const (
	authorityEnv  = "MRSK_ACME_CA"
	authorityFile = "acme-ca.pem"
)

// acmeOptions returns Traefik's options of the certificate resolver, of which there is one.
func acmeOptions(a config.ACME) []string {
	var args []string
	set := func(key, value string) {
		if value != "" {
			args = append(args, "--certificatesresolvers."+config.ACMEResolver+".acme."+key+"="+value)
		}
	}
	set("storage", "/mrsk/"+Storage(a))
	set("email", a.Email)
	set("caserver", a.Server)
	if a.CA.Key != "" {
		set("cacertificates", "/mrsk/"+authorityFile)
	}
	switch a.Challenge {
	case config.TLSChallenge:
		set("tlschallenge", "true")
	case config.DNSChallenge:
		set("dnschallenge.provider", a.Provider)
	default:
		set("httpchallenge.entrypoint", "http")
		args = append(args, "--entrypoints.http.allowacmebypass=true")
	}
	return args
}

// Storage returns the name of the file in the proxy's volume that keeps the certificates of an ACME
// server. Each server has its own file. Otherwise Traefik would keep using certificates of a staging
// server after a change to the production server.
func Storage(a config.ACME) string {
	if a.Server == "" {
		return "acme.json"
	}
	sum := sha256.Sum256([]byte(a.Server))
	return "acme-" + hex.EncodeToString(sum[:6]) + ".json"
}

// acmeEnv returns the environment of the proxy's container.
func acmeEnv(a config.ACME) config.Env {
	env := a.Env
	if a.CA.Key != "" {
		env.Secret = append(slices.Clip(env.Secret), config.Secret{Name: authorityEnv, Key: a.CA.Key, Pos: a.CA.Pos})
	}
	return env
}
