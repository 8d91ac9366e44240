package traefik

import (
	"regexp"
	"slices"
	"strings"

	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/yamltree"
)

// commonFile is the name of the route file that the proxy itself needs, see common.
const commonFile = "mrsk.yml"

// Clash returns the file of another route on the host that claims some of the same requests, or "".
// It ignores the files in changing, which the run writes or removes.
func (r Route) Clash(h facts.Host, changing ...string) string {
	for _, other := range h.Routes {
		own := other.File == r.File() || other.File == commonFile || slices.Contains(changing, other.File)
		if !own && len(r.common(other)) > 0 {
			return other.File
		}
	}
	return ""
}

// Common describes the requests that both the route and a file on the host claim.
func (r Route) Common(h facts.Host, file string) []string {
	for _, other := range h.Routes {
		if other.File == file {
			return r.common(other)
		}
	}
	return nil
}

func (r Route) common(other facts.Route) []string {
	return config.CommonClaims(r.Proxy.Claims(), claimsIn(other))
}

// Claims returns what the owner's route on a host claims, nil without a route.
func (o Owner) Claims(h facts.Host) []config.Claim {
	content, _ := h.Route(o.File())
	return claimsIn(facts.Route{File: o.File(), Content: content})
}

// claimsIn returns the claims of a route file, which another tool may have written. It parses YAML and
// ignores unknown fields, so it finds claims beside fields that mrsk does not use.
func claimsIn(r facts.Route) []config.Claim {
	root, err := yamltree.Parse(r.File, []byte(r.Content))
	if err != nil {
		return nil
	}
	own := strings.TrimSuffix(r.File, ".yml") + separator
	var all []config.Claim
	if routers := root.Get("http").Get("routers"); routers != nil {
		for _, e := range routers.Entries {
			// A router of another tool with a priority does not clash: its author decided which route wins.
			if strings.HasPrefix(e.Key, own) || e.Value.Get("priority") == nil {
				all = append(all, routerClaims(e.Value)...)
			}
		}
	}
	return all
}

// routerClaims returns the claims of a router. A router without entry points is on all public ones.
func routerClaims(n *yamltree.Node) []config.Claim {
	entries := []string{"http", "https"}
	if given := n.Get("entryPoints"); given != nil && len(given.Items) > 0 {
		entries = nil
		for _, item := range given.Items {
			entries = append(entries, item.Text)
		}
	}
	rule := n.Get("rule")
	if rule == nil {
		return nil
	}
	var all []config.Claim
	for _, entry := range entries {
		for _, claim := range ruleClaims(rule.Text) {
			claim.Entry = entry
			all = append(all, claim)
		}
	}
	return all
}

// matcher matches the matchers of a rule, and matched their arguments. onlyJoins matches the rest of a
// rule that has no other matchers. oneLabel matches the expression that hostRule writes for a wildcard.
var (
	matcher   = regexp.MustCompile("\\b(Host|HostRegexp|Path|PathPrefix)\\(([`\"][^`\"]*[`\"](?:,[`\"][^`\"]*[`\"])*)\\)")
	matched   = regexp.MustCompile("[`\"]([^`\"]*)[`\"]")
	onlyJoins = regexp.MustCompile(`^[()|&]*$`)
	oneLabel  = regexp.MustCompile(`^\^\[\^\.\]\+\\\.(.+)\$$`)
)

// ruleClaims returns the claims of a rule of the form (hosts) && (paths). A rule with other matchers
// matches fewer requests and has no claims.
func ruleClaims(rule string) []config.Claim {
	rule = strings.ReplaceAll(rule, " ", "")
	if !onlyJoins.MatchString(matcher.ReplaceAllString(rule, "")) {
		return nil
	}
	var hosts, prefixes, paths []string
	for _, m := range matcher.FindAllStringSubmatch(rule, -1) {
		for _, word := range matched.FindAllStringSubmatch(m[2], -1) {
			switch m[1] {
			case "Host":
				hosts = append(hosts, word[1])
			case "HostRegexp":
				hosts = append(hosts, wildcardOf(word[1]))
			case "PathPrefix":
				prefixes = append(prefixes, word[1])
			default:
				paths = append(paths, word[1])
			}
		}
	}
	if len(paths) > 0 && len(prefixes) == 0 {
		return nil // only exact paths
	}
	return (&config.Proxy{Hosts: hosts, PathPrefixes: prefixes}).Claims()
}

// wildcardOf returns the wildcard name of an expression that hostRule wrote. It returns any other
// expression unchanged, which equals no name.
func wildcardOf(expression string) string {
	if m := oneLabel.FindStringSubmatch(expression); m != nil {
		return "*." + strings.ReplaceAll(m[1], `\`, "")
	}
	return expression
}
