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

// Needs tell which secrets a run needs besides the SSH keys, which every run does.
type Needs struct {
	App         bool // those of the image, of new containers of the roles and their routes, and of the proxies
	Accessories bool // those of new containers of the accessories and their routes, and of their proxies
	Proxies     bool // those of the proxies of all roles and accessories
	AllProxies  bool // those of the proxies on all hosts, also where nothing is behind the proxy
}

// Secrets looks up the secrets that a run on the scope needs, and no others. If some are missing, the error
// is yamltree.Problems with all of them, at the places that ask for them. If the secrets cannot be read, it
// is the error of lookup.
func (s *Scope) Secrets(lookup Lookup, n Needs) (Secrets, error) {
	r := reader{lookup: lookup, values: map[string]redact.String{}, older: s.Project.written != nil && s.Project.written.older}
	for _, key := range s.Project.SSH.KeyData {
		r.ref("ssh/key_data", key)
	}
	if n.App {
		r.app(s)
	}
	accessories := s.accessoriesWithHosts()
	if n.Accessories {
		r.accessories(accessories)
	}
	ofRoot := func(a Accessory) bool { return a.Registry.None }
	if n.App || n.Accessories && slices.ContainsFunc(accessories, ofRoot) {
		r.login("registry", s.Project.Registry)
	}
	for _, host := range s.startedProxies(n) {
		r.acme(s.Project.ProxyRunOn(host).ACME)
	}
	return Secrets{r.values}, r.err()
}

// startedProxies returns the hosts whose proxies the run may start.
func (s *Scope) startedProxies(n Needs) []string {
	switch {
	case n.AllProxies:
		return s.Hosts()
	case n.App || n.Proxies:
		return s.ProxyHosts()
	case n.Accessories:
		return (&Placement{Accessories: s.Accessories}).ProxyHosts()
	}
	return nil
}

// reader looks secrets up and collects what is wrong with them.
type reader struct {
	older    bool // the file is one of MRSK or Kamal 1
	lookup   Lookup
	values   map[string]redact.String
	problems yamltree.Problems
	broken   error
}

func (r *reader) err() error {
	if r.broken != nil {
		return r.broken
	}
	return r.problems.Err()
}

func (r *reader) app(s *Scope) {
	r.variables("builder/secrets", s.Project.Builder.Secrets)
	for _, role := range s.Roles {
		r.env(role.Env)
		for _, h := range role.Hosts {
			r.env(h.Env)
		}
		r.certificate(role.Proxy)
	}
}

func (r *reader) accessories(all []Accessory) {
	for _, a := range all {
		r.env(a.Env)
		r.login("accessories/"+a.Name+"/registry", a.Registry)
		r.certificate(a.Proxy)
	}
}

func (r *reader) login(path string, to Registry) {
	r.ref(path+"/username", to.Username)
	r.ref(path+"/password", to.Password)
}

func (r *reader) certificate(p *Proxy) {
	if p == nil {
		return
	}
	r.ref("proxy/ssl/certificate_pem", p.SSL.Certificate)
	r.ref("proxy/ssl/private_key_pem", p.SSL.PrivateKey)
}

func (r *reader) acme(a ACME) {
	const path = "proxy/run/acme/env/secret"
	for _, s := range a.Env.Secret {
		r.ref(path, SecretRef{Key: s.Key, Pos: s.Pos}) // the proxy logs in to a DNS provider with it
	}
	r.fits(path, a.Env.Secret)
	r.ref("proxy/run/acme/ca_pem", a.CA)
}

func (r *reader) env(e Env) {
	const path = "env/secret"
	r.variables(path, e.Secret)
	r.fits(path, e.Secret)
}

// fits refuses values that no program can be given.
func (r *reader) fits(path string, all []Secret) {
	for _, s := range all {
		switch value := r.values[s.Key].Reveal(); {
		case strings.ContainsRune(value, 0):
			r.add(s.Pos, path, fmt.Sprintf("the value of %s holds a NUL byte", s.Key), "")
		case !fitsArgument(s.Name, value):
			r.add(s.Pos, path, fmt.Sprintf("the value of %s is larger than the %d bytes that a program can be given", s.Key, maxArgument), "")
		}
	}
}

func (r *reader) variables(path string, all []Secret) {
	for _, s := range all {
		_ = r.read(path, s.Key, s.Pos) // a variable may be empty
	}
}

// ref reads a value that something cannot do without: a login, a certificate.
func (r *reader) ref(path string, ref SecretRef) {
	if ref.Key == "" {
		return
	}
	if empty := r.read(path, ref.Key, ref.Pos); empty != nil {
		r.add(ref.Pos, path, empty.Error(), hintOf(empty))
	}
}

// read looks a secret up. It returns the error of one that is empty, which is a problem for some alone.
func (r *reader) read(path, key string, at yamltree.Pos) (empty error) {
	if r.broken != nil {
		return nil
	}
	value, err := r.lookup(key)
	r.values[key] = value
	var missing interface{ MissingSecret() string }
	var none interface{ EmptySecret() string }
	switch {
	case errors.As(err, &missing):
		r.add(at, path, fmt.Sprintf("there is no secret %s", key), r.place(key, hintOf(err)))
	case errors.As(err, &none):
		return err
	case err != nil:
		r.broken = err
	}
	return nil
}

// place returns where to set a secret that is missing. MRSK and Kamal 1 take secrets from .env.
func (r *reader) place(key, hint string) string {
	if !r.older {
		return hint
	}
	return strings.TrimPrefix(hint+"; mrsk does not read .env: move "+key+"=… from there", "; ")
}

func hintOf(err error) string {
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) {
		return hinted.Hint()
	}
	return ""
}

// add adds a problem once: roles share what they inherit.
func (r *reader) add(at yamltree.Pos, path, text, advice string) {
	p := yamltree.Problem{Pos: at, Path: path, Text: text, Advice: advice}
	if !slices.Contains(r.problems, p) {
		r.problems = append(r.problems, p)
	}
}
