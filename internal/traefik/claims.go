package traefik

import (
	"regexp"
	"slices"
	"strings"

	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/yamltree"
)

// commonFile is the route file of the proxy's own.
const commonFile = "mrsk.yml"

// Clash returns the file of another route on the host that claims some of the same requests, ""
// without any. Files that the run itself is about to write or to remove do not count.
func (r Route) Clash(h facts.Host, changing ...string) string {
	for _, other := range h.Routes {
		own := other.File == r.File() || other.File == commonFile || slices.Contains(changing, other.File)
		if !own && len(r.common(other)) > 0 {
			return other.File
		}
	}
	return ""
}

// Common returns in words what the route and a file on the host both claim.
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

// claimsIn are the claims of a route file, whoever wrote it. It is read as YAML, so that fields of
// another version of mrsk, or of Traefik's that mrsk does not use, hide none.
func claimsIn(r facts.Route) []config.Claim {
	root, err := yamltree.Parse(r.File, []byte(r.Content))
	if err != nil {
		return nil
	}
	own := strings.TrimSuffix(r.File, ".yml") + separator
	var all []config.Claim
	if routers := root.Get("http").Get("routers"); routers != nil {
		for _, e := range routers.Entries {
			// Who writes a priority by hand has decided which of two routes wins.
			if strings.HasPrefix(e.Key, own) || e.Value.Get("priority") == nil {
				all = append(all, routerClaims(e.Value)...)
			}
		}
	}
	return all
}

// routerClaims are those of a router; without entry points it has all that clients reach.
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

// The matchers of a rule with what they match, and what is left of a rule that has no others: one
// that asks for more than a name and a path does not match equally.
var (
	matcher   = regexp.MustCompile("\\b(Host|HostRegexp|Path|PathPrefix)\\(([`\"][^`\"]*[`\"](?:,[`\"][^`\"]*[`\"])*)\\)")
	matched   = regexp.MustCompile("[`\"]([^`\"]*)[`\"]")
	onlyJoins = regexp.MustCompile(`^[()|&]*$`)
	oneLabel  = regexp.MustCompile(`^\^\[\^\.\]\+\\\.(.+)\$$`)
)

// ruleClaims are the names and prefixes of a rule of the form (hosts) && (paths).
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
		return nil // exact paths alone
	}
	return (&config.Proxy{Hosts: hosts, PathPrefixes: prefixes}).Claims()
}

// wildcardOf is the name that a rule of hostRule's is for; another expression is taken as it is,
// and equals no name.
func wildcardOf(expression string) string {
	if m := oneLabel.FindStringSubmatch(expression); m != nil {
		return "*." + strings.ReplaceAll(m[1], `\`, "")
	}
	return expression
}
