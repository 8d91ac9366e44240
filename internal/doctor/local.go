package doctor

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"mrsk/internal/config"
	"mrsk/internal/fleet"
	"mrsk/internal/git"
	"mrsk/internal/hook"
	"mrsk/internal/hostname"
	"mrsk/internal/image"
	"mrsk/internal/local"
	"mrsk/internal/yamltree"
)

// Checkout checks the project's folder: git, Dockerfile and hooks.
func Checkout(ctx context.Context, c *config.Project, dir string, folders hook.Folders) []Finding {
	var out []Finding
	fromClone := c.Builder.Context == ""
	if _, err := git.Describe(ctx, local.Git, git.Options{Dir: dir, FromClone: true}); err != nil {
		out = append(out, found(GitUnusable, nil, "git init; git add -A; git commit, or pass --version", "%v", err))
	} else if changes, err := git.Changes(ctx, local.Git, dir); err == nil && changes != "" && fromClone {
		out = append(out, found(GitUncommitted, nil, "git commit -a, or set builder: {context: .}", "there are uncommitted changes"))
	}
	if err := image.CheckDockerfile(c.Builder, dir, false); err != nil {
		out = append(out, found(DockerfileGone, nil, "write it, or name another one under builder/dockerfile", "%v", err))
	}
	return append(out, hooks(folders)...)
}

func hooks(folders hook.Folders) []Finding {
	var out []Finding
	for _, name := range hook.Names() {
		path := folders.Find(name)
		if path == "" {
			continue
		}
		if why, next := broken(path); why != "" {
			out = append(out, found(HookBroken, nil, next, "hook %s %s", name, why))
		}
	}
	return out
}

// broken says why a hook cannot run and what to do, "" if it can.
func broken(path string) (why, next string) {
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm()&0o111 == 0 {
		return "is not executable", "chmod +x " + path
	}
	words, script := interpreter(path)
	switch {
	case !script:
		return "", ""
	case len(words) == 0:
		return "has no #! line", "begin " + path + " with #!/bin/sh"
	case strings.HasSuffix(words[len(words)-1], "\r"):
		return "has the line ends of Windows", "dos2unix " + path
	}
	program := programOf(words)
	if _, err := local.FindProgram(program); err != nil {
		return "needs " + program + ", which is not installed", "install it, or change the first line of " + path
	}
	return "", ""
}

// programOf returns the program that the words of a #! line run. env has options and variables before it.
func programOf(words []string) string {
	if filepath.Base(words[0]) != "env" {
		return words[0]
	}
	for i, word := range words[1:] {
		argument := words[i] == "-u" || words[i] == "-C"
		if !argument && !strings.HasPrefix(word, "-") && !strings.Contains(word, "=") {
			return word
		}
	}
	return words[0]
}

// interpreter returns the words of the #! line. A program in machine code is no script.
func interpreter(path string) (words []string, script bool) {
	f, err := os.Open(path)
	if err != nil {
		return nil, true
	}
	defer f.Close()
	line, _ := bufio.NewReader(io.LimitReader(f, 256)).ReadString('\n')
	if strings.HasPrefix(line, "\x7fELF") || strings.ContainsRune(line, 0) {
		return nil, false
	}
	after, found := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "#!")
	if !found {
		return nil, true
	}
	return strings.FieldsFunc(after, func(r rune) bool { return r == ' ' || r == '\t' }), true
}

// Builder checks the Docker of this machine, where images are built with it; err is why it did not answer.
func Builder(c *config.Project, err error) []Finding {
	if err == nil || c.Builder.Remote != "" && !c.Builder.Local {
		return nil
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	return []Finding{found(LocalDocker, nil, "start Docker here, or name another machine under builder/remote", "%s", first)}
}

// Secrets makes findings of an error of config.Scope.ResolveAll, and of warnings about empty secrets.
func Secrets(err error, empty []string) []Finding {
	var out []Finding
	missing := []error{err}
	if problems := (yamltree.Problems{}); errors.As(err, &problems) {
		missing = problems.Unwrap()
	}
	for _, err := range missing {
		if err != nil {
			out = append(out, found(SecretMissing, nil, "add it to .mrsk/secrets; mrsk secrets print shows what is there", "%v", err))
		}
	}
	for _, text := range empty {
		out = append(out, found(SecretMissing, nil, "give it a value; mrsk secrets print shows what is there", "%s", text))
	}
	return out
}

// Unreachable makes findings of hosts that could not be logged in on.
func Unreachable(err error) []Finding {
	var failed *fleet.Error
	if !errors.As(err, &failed) {
		return nil
	}
	var out []Finding
	for _, h := range failed.Hosts {
		first, _, _ := strings.Cut(h.Err.Error(), "\n")
		next := "ssh " + h.Host + " true"
		var hinted interface{ Hint() string }
		if errors.As(h.Err, &hinted) && hinted.Hint() != "" {
			next = hinted.Hint()
		}
		out = append(out, found(HostUnreachable, []string{h.Host}, next, "%s", first))
	}
	return out
}

// What the sample configuration of older versions, and examples in docs, say of an app that does not exist.
const (
	sampleService = "my-app"
	sampleDomain  = "app.example.com"
)

// Samples finds values of examples that were left in the configuration.
func Samples(c *config.Project) []Finding {
	var out []Finding
	sample := func(key, value string) {
		out = append(out, found(SampleValue, nil, "edit "+c.File, "%s is still %s", key, value))
	}
	if c.Service == sampleService {
		sample("service", c.Service)
	}
	for _, host := range c.Hosts() {
		if hostname.IsExample(host) {
			sample("a server", host)
		}
	}
	for _, role := range c.Roles {
		if role.Proxy != nil && slices.Contains(role.Proxy.Hosts, sampleDomain) {
			sample(fmt.Sprintf("proxy/host of role %s", role.Name), sampleDomain)
		}
	}
	return out
}

// Names returns the host names of the app that DNS should know, those of roles and accessories.
func Names(c *config.Scope) []string {
	var all []string
	add := func(p *config.Proxy) {
		if p == nil {
			return
		}
		for _, name := range p.Hosts {
			if !strings.HasPrefix(name, "*") && !slices.Contains(all, name) {
				all = append(all, name)
			}
		}
	}
	for _, r := range c.Roles {
		add(r.Proxy)
	}
	for _, a := range c.Accessories {
		add(a.Proxy)
	}
	return all
}

// DNS compares the addresses of the app's names, from the resolver, with those of its hosts.
func DNS(c *config.Scope, addresses map[string][]netip.Addr) []Finding {
	var hosts []netip.Addr
	for _, h := range c.ProxyHosts() {
		hosts = append(hosts, addresses[h]...)
	}
	var out []Finding
	for _, name := range Names(c) {
		at := addresses[name]
		if len(at) == 0 {
			out = append(out, found(DNSMissing, nil, "add A and AAAA records for "+name+" at your DNS provider", "%s has no address", name))
		}
		for _, ip := range at {
			if !slices.Contains(hosts, ip) && len(hosts) > 0 {
				out = append(out, found(DNSElsewhere, nil, "point "+name+" to the hosts, or ignore this if "+ip.String()+" is your CDN", "%s leads to %s, which is none of the hosts", name, ip))
			}
		}
	}
	return out
}
