package config

import (
	"net"
	"strconv"
	"strings"
)

// URLs returns the addresses at which clients reach a role: one for each of its host names and path
// prefixes. A role without host names has those of its servers. Wildcard names are left out, as nobody
// can open one. It is nil if the role is not behind the proxy.
func (p *Project) URLs(role Role) []string {
	if role.Proxy == nil || len(role.Hosts) == 0 {
		return nil
	}
	names := role.Proxy.Hosts
	if len(names) == 0 {
		for _, h := range role.Hosts {
			names = append(names, h.Name)
		}
	}
	prefixes := role.Proxy.PathPrefixes
	if len(prefixes) == 0 {
		prefixes = []string{""}
	}
	var all []string
	for _, name := range names {
		for _, prefix := range prefixes {
			if !strings.HasPrefix(name, "*") {
				all = append(all, address(role.Proxy.SSL.Enabled, name, p.ProxyRunOn(role.Hosts[0].Name))+strings.TrimSuffix(prefix, "/"))
			}
		}
	}
	return all
}

// FirstURL returns the URL of the first role that has one, "" if none has.
func (s *Scope) FirstURL() string {
	for _, role := range s.Roles {
		if all := s.Project.URLs(role); len(all) > 0 {
			return all[0]
		}
	}
	return ""
}

// address leaves out the port that a browser assumes.
func address(encrypted bool, name string, run ProxyRun) string {
	scheme, port, assumed := "http", run.HTTPPort, 80
	if encrypted {
		scheme, port, assumed = "https", run.HTTPSPort, 443
	}
	if port != assumed {
		return scheme + "://" + net.JoinHostPort(name, strconv.Itoa(port))
	}
	if strings.Contains(name, ":") {
		name = "[" + name + "]"
	}
	return scheme + "://" + name
}
