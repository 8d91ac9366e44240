package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Claim is what one route alone may have on a host: the requests that come to an entry point of
// the proxy for a host name, below a path prefix. Two routes with the same claim would match
// equally, and the proxy would pick one of them for all requests.
type Claim struct {
	Entry  string // http or https
	Host   string // may begin with *.; "" is every host name
	Prefix string // "/" is every path
}

// String is the claim as a user would write it, without the entry point.
func (c Claim) String() string {
	if c.Host == "" && c.Prefix == "/" {
		return "every host name"
	}
	if c.Host == "" {
		return c.Prefix + " of every host name"
	}
	return c.Host + strings.TrimSuffix(c.Prefix, "/")
}

// Claims returns all that a route with these settings claims.
func (p *Proxy) Claims() []Claim {
	entries, hosts, prefixes := []string{"http"}, p.Hosts, p.PathPrefixes
	if p.SSL.Enabled {
		entries = append(entries, "https")
	}
	if len(hosts) == 0 {
		hosts = []string{""}
	}
	if len(prefixes) == 0 {
		prefixes = []string{"/"}
	}
	var all []Claim
	for _, entry := range entries {
		for _, host := range hosts {
			for _, prefix := range prefixes {
				all = append(all, Claim{entry, NormalHost(host), NormalPrefix(prefix)})
			}
		}
	}
	return all
}

// CommonClaims returns, in words and each once, what both routes claim.
func CommonClaims(a, b []Claim) []string {
	var words []string
	for _, c := range a {
		if slices.Contains(b, c) && !slices.Contains(words, c.String()) {
			words = append(words, c.String())
		}
	}
	return words
}

// Uncovered returns, in words and each once, the public claims whose requests no other claim serves.
func Uncovered(claims, others []Claim) []string {
	var words []string
	for _, c := range claims {
		public := c.Entry == "http" || c.Entry == "https"
		if public && !slices.ContainsFunc(others, c.coveredBy) && !slices.Contains(words, c.String()) {
			words = append(words, c.String())
		}
	}
	return words
}

// coveredBy reports whether a route with the other claim gets the requests too, on whatever entry point.
func (c Claim) coveredBy(other Claim) bool {
	_, domain, _ := strings.Cut(c.Host, ".")
	host := other.Host == "" || other.Host == c.Host || c.Host != "" && other.Host == "*."+domain
	return host && strings.HasPrefix(strings.TrimSuffix(c.Prefix, "/")+"/", strings.TrimSuffix(other.Prefix, "/")+"/")
}

// NormalHost returns the one spelling of a host name: lower case, without the dot at its end.
func NormalHost(host string) string {
	return strings.TrimSuffix(strings.ToLower(host), ".")
}

// NormalPrefix returns the one spelling of a path prefix: /a/b, with nothing encoded that the proxy
// decodes before it compares.
func NormalPrefix(prefix string) string {
	var parts []string
	for part := range strings.SplitSeq(decoded(strings.TrimSpace(prefix)), "/") {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return "/" + strings.Join(parts, "/")
}

// decoded decodes the characters that mean the same encoded or not.
func decoded(path string) string {
	var b strings.Builder
	for path != "" {
		text := encodedText(path)
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case text == "":
			b.WriteByte(path[0])
			path = path[1:]
		case plainInPath(r):
			b.WriteString(text[:size])
			path = path[3*size:]
		default:
			b.WriteString(strings.ToUpper(path[:3])) // as the proxy spells it
			path = path[3:]
		}
	}
	return b.String()
}

// encodedText decodes the percent-encoded bytes that path begins with.
func encodedText(path string) string {
	var text []byte
	for len(path) >= 3 && path[0] == '%' {
		n, err := strconv.ParseUint(path[1:3], 16, 8)
		if err != nil {
			break
		}
		text, path = append(text, byte(n)), path[3:]
	}
	return string(text)
}

// staysEncoded reports whether the proxy matches a character of a path in its encoded form.
func staysEncoded(b byte) bool { return strings.IndexByte(":/?#[]@!$&'()*+,;=%", b) >= 0 }

// neverMatched returns the first encoded character in a prefix that the proxy decodes before it compares, so
// that no request has it.
func neverMatched(prefix string) string {
	for i := range len(prefix) {
		if text := encodedText(prefix[i:]); text != "" && !staysEncoded(text[0]) {
			return prefix[i : i+3]
		}
	}
	return ""
}

// plainInPath reports whether a character needs no encoding in a path.
func plainInPath(r rune) bool {
	switch {
	case r > unicode.MaxASCII:
		return r != utf8.RuneError && unicode.IsPrint(r)
	case strings.ContainsRune("-._~", r):
		return true
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

// claimant is a role or an accessory behind the proxy.
type claimant struct {
	what  string
	hosts []string
	proxy *Proxy
	at    value
}

// shared are the hosts that both are on.
func (c claimant) shared(other claimant) []string {
	return slices.DeleteFunc(slices.Clone(c.hosts), func(h string) bool { return !slices.Contains(other.hosts, h) })
}

// checkRoutes finds routes of the file that would match the same requests on a host.
func (d *draft) checkRoutes() {
	all := d.claimants()
	for i, c := range all {
		for _, earlier := range all[:i] {
			hosts, both := c.shared(earlier), CommonClaims(c.proxy.Claims(), earlier.proxy.Claims())
			if len(hosts) == 0 || len(both) == 0 {
				continue
			}
			c.at.advise("give one of them a host or a path_prefix of its own",
				"%s has the same route as %s on %s: %s", c.what, earlier.what, Few(hosts), Few(both))
			break
		}
	}
}

// claimants are all that are behind the proxy, in the order of the file's sections.
func (d *draft) claimants() []claimant {
	var all []claimant
	for _, r := range d.Roles {
		if r.Proxy != nil {
			all = append(all, claimant{"role " + r.Name, d.HostsOf(r), r.Proxy, d.routeOf(r)})
		}
	}
	for _, a := range d.Accessories {
		if a.Proxy != nil {
			all = append(all, claimant{"accessory " + a.Name, a.Hosts, a.Proxy, d.accessories.at(a.Name).at("proxy")})
		}
	}
	return all
}

// routeOf is where the file says that a role is behind the proxy.
func (d *draft) routeOf(r Role) value {
	for _, file := range d.roleFiles {
		if file.name != r.Name {
			continue
		}
		if !file.proxy.absent() {
			return file.proxy
		}
		return file.at
	}
	return d.servers
}

// Few lists words, the first of them where there are many.
func Few(words []string) string {
	const some = 5
	if len(words) > some {
		return fmt.Sprintf("%s and %d more", strings.Join(words[:some], ", "), len(words)-some)
	}
	return strings.Join(words, ", ")
}
