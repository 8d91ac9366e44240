// Package diagnose finds the cause of a failure in what docker and the shell printed, and what to do
// about it. It knows the messages of Docker 20.10 to 29 and of the registries they quote.
package diagnose

import (
	"regexp"
	"strings"
)

// Finding is what a failed program's output means. The zero value is nothing known.
type Finding struct {
	Cause string // the headline
	Hint  string // what to do, "" without advice
}

// rule recognises one cause. $1 and the like in cause and hint stand for what the pattern found.
type rule struct {
	pattern     *regexp.Regexp
	cause, hint string
}

const daemon = `Error response from daemon: .*`

func one(pattern, cause, hint string) rule {
	return rule{regexp.MustCompile(`(?m)` + pattern), cause, hint}
}

var foreign = one(`exec format error`,
	"the image is built for another architecture", "set builder.arch to the architectures of all hosts, such as [amd64, arm64]")

// rules are tried in order: one that is more exact stands before one that is less so.
var rules = []rule{
	one(`docker: (command )?not found|failed to run command ['‘]docker['’]|can't execute 'docker'`,
		"Docker is not installed", "mrsk server bootstrap installs it; so does mrsk setup"),
	one(`[Cc]annot connect to the Docker daemon|failed to connect to the docker API at `,
		"the Docker daemon does not run", "start it: systemctl start docker; why it stopped: journalctl -u docker"),
	one(`permission denied while trying to connect to the [Dd]ocker`,
		"this user may not use Docker", "mrsk server bootstrap adds the user to the group docker; or log in as another one (ssh.user)"),
	one(`^(port \d+ of the host is taken by .+?): (stop it, .*)$`, "$1", "$2"), // of the proxy's start
	one(daemon+`(?:failed to bind (?:host )?port(?: for)? |Bind for |listen (?:tcp|udp)\S* ?|exposing port TCP )\[?[0-9a-f.:*]*\]?:(\d+)\b.*(?:already|in use)`,
		"port $1 of the host is taken", "see by what: ss -ltnp 'sport = :$1'; stop that, or choose another port"),
	one(`no space left on device`,
		"the disk is full", "see what takes the space: docker system df; mrsk prune all removes what old versions left"),
	one(`toomanyrequests|reached your (?:unauthenticated )?pull rate limit`,
		"the registry allows no more pulls for now", "log in to the registry (registry.username, registry.password), or wait"),
	one(`server gave HTTP response to HTTPS client`,
		"the registry speaks HTTP where HTTPS is expected", "give the registry a certificate, or name it in insecure-registries of /etc/docker/daemon.json"),
	one(`x509: .*|certificate signed by unknown authority`,
		"the certificate of the registry is not trusted", "put its authority into /etc/docker/certs.d, or fix the certificate"),
	one(`(?:dial tcp: )?lookup ([^\s:]+)(?: on \S+)?: (?:no such host|server misbehaving|Temporary failure in name resolution)`,
		"the registry is not found: there is no host $1", "check registry.server and the host's DNS"),
	one(`dial tcp \S+?:(\d+): connect: connection refused`,
		"the registry does not answer: connection refused on port $1", "check registry.server, and that the registry runs"),
	one(`(?:Get|Head|Post|request) .*"?https?://([^/"\s]+)/v2/[^\n]*(?:i/o timeout|context deadline exceeded|Client\.Timeout|request canceled)`,
		"the registry $1 does not answer", "check registry.server, and what firewalls let through"),
	one(`pull access denied for ([^\s,]+)`,
		"the registry has no image $1, or does not let this user pull it", "check image, registry.username and registry.password"),
	one(`no matching manifest for ([^\s]+(?:/[^\s]+)*) in the manifest list|no match for platform in manifest|does not provide the specified platform|does not match the (?:specified|detected host) platform`,
		"the image is not built for the architecture of the host", "set builder.arch to the architectures of all hosts, such as [amd64, arm64]"),
	one(`manifest for (\S+) not found|manifest unknown|failed to resolve reference "?(\S+?)"?: .*not found`,
		"the registry has no such image: $1$2", "mrsk build push builds and pushes it; check --version and image"),
	one(`unauthorized|denied: |incorrect username or password|401 Unauthorized|no basic auth credentials|[Aa]uthentication required`,
		"the registry refuses the login", "check registry.username and registry.password"),
	one(`exec: "([^"]+)": (?:executable file not found|stat |permission denied)|exec: \\?"?([^"\\]+)\\?"?: no such file`,
		"the image has no program $1$2 that can be run", "check cmd and the Dockerfile's ENTRYPOINT and CMD"),
	foreign,
	one(`invalid reference format`,
		"docker takes the name of the image for no name", "check image and --version: lower case, no colon in image"),
	one(`No such image: (\S+)|unable to find image '([^']+)'`,
		"the host has no image $1$2", "mrsk app images lists those that it has"),
}

// noise are lines that docker prints whether or not something fails.
var noise = regexp.MustCompile(`^(WARNING! Your (?:password|credentials) .*|(?:Configure a credential helper|https://docs\.docker\.com/).*|` +
	`Login (?:Succeeded|did not succeed).*|Unable to find image '[^']*' locally|(?:See|Run) 'docker [^']*--help'.*|` +
	`\S+: Pulling from \S+|[0-9a-f]{12}: .*|Digest: sha256:.*|Status: .*|.*Using --password via the CLI is insecure.*)$`)

// quoted begins the lines of a container's log, which say nothing about docker.
const quoted = "  | "

// Output finds the cause in what a failed program of docker's printed; lines of a container's log in it
// are passed over.
func Output(text string) Finding {
	var kept []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, quoted) {
			kept = append(kept, line)
		}
	}
	text = strings.Join(kept, "")
	for _, r := range rules {
		if at := r.pattern.FindStringSubmatchIndex(text); at != nil {
			expand := func(template string) string {
				return strings.TrimRight(string(r.pattern.ExpandString(nil, template, text, at)), ": ")
			}
			return Finding{expand(r.cause), expand(r.hint)}
		}
	}
	return Finding{}
}

// neverRan is the whole log of a container whose program the kernel could not run: what starts programs in
// containers says so in its place.
var neverRan = regexp.MustCompile(`:\n  \| exec \S+: exec format error\s*$`)

// Unwell finds the cause in what was told of a container that did not come up, the end of its log included.
func Unwell(text string) Finding {
	if neverRan.MatchString(text) {
		return Finding{foreign.cause, foreign.hint}
	}
	return Finding{}
}

// Quiet returns text without the lines that docker prints whether or not something fails. All of it
// comes back where nothing else is left.
func Quiet(text string) string {
	var kept []string
	for line := range strings.Lines(text) {
		if trimmed := strings.TrimRight(line, "\r\n"); trimmed != "" && !noise.MatchString(trimmed) {
			kept = append(kept, line)
		}
	}
	if len(kept) == 0 {
		return text
	}
	return strings.Join(kept, "")
}
