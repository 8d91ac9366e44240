package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"mrsk/internal/redact"
	"mrsk/internal/yamltree"
)

// Lookup returns the value of a secret. An error that has a method MissingSecret means that
// there is no such secret, and its Hint, if any, says where it was looked for; one that has a
// method EmptySecret means that it has no value, and says why; any other means that the secrets
// cannot be read at all.
type Lookup func(key string) (redact.String, error)

// Resolve returns a copy of s with the values of all secrets filled in. Missing secrets are
// told all at once, as Problems at the places that ask for them; when the secrets cannot be
// read, that error comes alone. Those of accessories are left out: a deploy does not touch them,
// and must not need what only they need; see ResolveAccessories.
func (s *Scope) Resolve(lookup func(key string) (redact.String, error)) (*Scope, error) {
	return s.resolve(lookup, false)
}

func (s *Scope) resolve(lookup Lookup, accessories bool) (*Scope, error) {
	r := resolver{lookup: lookup}
	full, project := *s, *s.Project
	full.Project = &project
	if accessories {
		full.Accessories = r.accessories(s.Accessories)
	}
	project.Registry.Username = r.ref("registry/username", project.Registry.Username)
	project.Registry.Password = r.ref("registry/password", project.Registry.Password)
	project.Builder.Secrets = r.secrets("builder/secrets", project.Builder.Secrets)
	project.SSH.KeyData = r.refs("ssh/key_data", project.SSH.KeyData)
	full.Roles = slices.Clone(s.Roles)
	for i := range full.Roles {
		r.role(&full.Roles[i])
	}
	project.proxySecrets = r.proxies(s)
	return &full, r.err()
}

// ResolveLogin is Resolve for the keys with which to log in on the hosts.
func (s *Scope) ResolveLogin(lookup func(key string) (redact.String, error)) (*Scope, error) {
	r := resolver{lookup: lookup}
	full, project := *s, *s.Project
	full.Project, project.SSH.KeyData = &project, r.refs("ssh/key_data", project.SSH.KeyData)
	return &full, r.err()
}

type resolver struct {
	lookup   Lookup
	problems yamltree.Problems
	broken   error
}

func (r *resolver) err() error {
	if r.broken != nil {
		return r.broken
	}
	return r.problems.Err()
}

func (r *resolver) role(role *Role) {
	role.Env.Secret = r.env(role.Env.Secret)
	role.Hosts = slices.Clone(role.Hosts)
	for i := range role.Hosts {
		role.Hosts[i].Env.Secret = r.env(role.Hosts[i].Env.Secret)
	}
	role.Proxy = r.proxy(role.Proxy)
}

func (r *resolver) proxy(p *Proxy) *Proxy {
	if p == nil {
		return nil
	}
	full := *p
	full.SSL.Certificate = r.ref("proxy/ssl/certificate_pem", p.SSL.Certificate)
	full.SSL.PrivateKey = r.ref("proxy/ssl/private_key_pem", p.SSL.PrivateKey)
	return &full
}

// env fills in variables, and refuses values that no program can be given.
func (r *resolver) env(all []Secret) []Secret {
	all = r.secrets("env/secret", all)
	for _, s := range all {
		switch {
		case strings.ContainsRune(s.Value.Reveal(), 0):
			r.add(s.Pos, "env/secret", fmt.Sprintf("the value of %s holds a NUL byte", s.Key), "")
		case !fitsArgument(s.Name, s.Value.Reveal()):
			r.add(s.Pos, "env/secret", fmt.Sprintf("the value of %s is larger than the %d bytes that a program can be given", s.Key, maxArgument), "")
		}
	}
	return all
}

func (r *resolver) secrets(path string, all []Secret) []Secret {
	filled := slices.Clone(all)
	for i, s := range filled {
		filled[i].Value, _ = r.value(path, s.Key, s.Pos)
	}
	return filled
}

func (r *resolver) refs(path string, all []SecretRef) []SecretRef {
	filled := slices.Clone(all)
	for i, ref := range filled {
		filled[i] = r.ref(path, ref)
	}
	return filled
}

// ref fills in a value that something cannot do without: a login, a certificate.
func (r *resolver) ref(path string, ref SecretRef) SecretRef {
	if ref.Key == "" {
		return ref
	}
	var empty error
	if ref.Value, empty = r.value(path, ref.Key, ref.Pos); empty != nil {
		r.add(ref.Pos, path, empty.Error(), "")
	}
	return ref
}

// value looks a secret up. That it is empty is returned, and is a problem for some alone.
func (r *resolver) value(path, key string, at yamltree.Pos) (v redact.String, empty error) {
	if r.broken != nil {
		return redact.String{}, nil
	}
	v, err := r.lookup(key)
	var missing interface{ MissingSecret() string }
	var none interface{ EmptySecret() string }
	switch {
	case errors.As(err, &missing):
		r.add(at, path, fmt.Sprintf("there is no secret %s", key), hintOf(err))
	case errors.As(err, &none):
		return v, err
	case err != nil:
		r.broken = err
	}
	return v, nil
}

func hintOf(err error) string {
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) {
		return hinted.Hint()
	}
	return ""
}

// add tells a problem once: roles share what they inherit.
func (r *resolver) add(at yamltree.Pos, path, text, advice string) {
	p := yamltree.Problem{Pos: at, Path: path, Text: text, Advice: advice}
	if !slices.Contains(r.problems, p) {
		r.problems = append(r.problems, p)
	}
}
