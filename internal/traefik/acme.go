package traefik

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"mrsk/internal/config"
)

const challengePath = "/.well-known/acme-challenge/"

// challengeRouter lets the proxy itself answer what an ACME server asks over HTTP. It stands in
// for a router of Traefik's with the highest priority of all, which a host that passes the
// question on to another could not overrule. This one comes before all apps.
const challengeRouter = `
"mrsk-challenge.http": {"entryPoints": ["http"], "rule": "PathPrefix(` + "`" + challengePath + "`" + `)", "priority": 100000, "service": "acme-http@internal"},`

// The certificate of a private ACME server's authority reaches the container as a variable, and
// the proxy as a file.
const (
	authorityEnv  = "MRSK_ACME_CA"
	authorityFile = "acme-ca.pem"
)

// acmeOptions are the options of the one certificate resolver.
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

// Storage is the file, in the proxy's volume, of what was got from an ACME server: one for each
// server, so that whoever has tried things out with one gets certificates of the other at once.
func Storage(a config.ACME) string {
	if a.Server == "" {
		return "acme.json"
	}
	sum := sha256.Sum256([]byte(a.Server))
	return "acme-" + hex.EncodeToString(sum[:6]) + ".json"
}

// acmeEnv is the environment of the proxy's container.
func acmeEnv(a config.ACME) config.Env {
	env := a.Env
	if a.CA.Key != "" {
		env.Secret = append(slices.Clip(env.Secret), config.Secret{Name: authorityEnv, Key: a.CA.Key, Value: a.CA.Value, Pos: a.CA.Pos})
	}
	return env
}

// acmeSecrets are the values that only the container is to know.
func acmeSecrets(a config.ACME) []string {
	var all []string
	for _, s := range acmeEnv(a).Secret {
		all = append(all, s.Name+"="+s.Value.Reveal())
	}
	return all
}
