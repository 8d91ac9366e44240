// Package diagnose finds the cause of a failure in what docker and the shell printed, and what to do
// about it. It knows the messages of Docker 20.10 to 29 and of the registries they quote.
package diagnose

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Finding is what a failed program's output means. The zero value is nothing known.
type Finding struct {
	Cause string // the headline
	Hint  string // what to do, "" without advice
}

// rule recognises one cause. $1 and the like in cause and hint stand for what the pattern found, ${quoted1} for the
// same as one word of a shell, and $$ for a dollar sign. What is found may come from a host, so it goes into no command
// without quotes.
type rule struct {
	pattern     *regexp.Regexp
	cause, hint string
}

// DockerDenied is the cause if the user may not use Docker's socket.
const DockerDenied = "this user may not use Docker"

const daemon = `Error response from daemon: .*`

func one(pattern, cause, hint string) rule {
	return rule{regexp.MustCompile(`(?m)` + pattern), cause, hint}
}

var foreign = one(`exec format error`,
	"the image is built for another architecture", "set builder.arch to the architectures of all hosts, such as [amd64, arm64]")

// building are the causes that only a build has.
var building = []rule{
	one(`process "(?:/bin/sh -c )?(.+)" did not complete successfully: exit code: (\d+)|The command '(?:/bin/sh -c )?(.+)' returned a non-zero code: (\d+)`,
		"RUN $1$3 failed with exit status $2$4", "mrsk build dev builds the working tree without a deploy, to find out why"),
	one(`[Dd]ockerfile parse error (?:on )?line (\d+): (.*)`,
		"the Dockerfile has an error on line $1: $2", "correct the line, and commit it"),
	one(`failed to calculate checksum of ref .*: "([^"\n]+)": not found|(?:COPY|ADD) failed: file not found in build context .*stat ([^:\s]+):`,
		"the build context has no $1$2, which the Dockerfile copies", "commit the file, and see that .dockerignore does not leave it out"),
	one(`failed to solve: (\S+): (?:failed to resolve source metadata for \S+: )?pull access denied`,
		"the registry has no base image $1, or does not let this user pull it", "check the FROM lines of the Dockerfile; docker login logs in to its registry"),
	one(`failed to solve: (\S+): (?:failed to resolve source metadata for \S+: )?\S+: not found$`,
		"the registry has no base image $1", "check the FROM lines of the Dockerfile"),
}

// rules are tried in order: one that is more exact stands before one that is less so.
var rules = []rule{
	// Both the proxy's start and a container's start say who has the port. Only docker says that this is why.
	one(`(?s:already (?:in use|allocated).*\n)(port \d+ of the host is taken by .+?): (stop it, or (?:choose another port|give the proxy another port with proxy/run))$`, "$1", "$2"),
	one(daemon+`(?:failed to bind (?:host )?port(?: for)? |Bind for |listen (?:tcp|udp)\S* ?|exposing port TCP )\[?[0-9a-f.:*]*\]?:(\d+)\b.*(?:already|in use)`,
		"port $1 of the host is taken", "see by what: ss -ltnp 'sport = :$1'; stop that, or choose another port"),
	one(`error getting credentials.*exec: "(docker-credential-[^"\n]+)": executable file not found`,
		"docker's credential helper $1 is not installed", "install it, or remove credsStore and credHelpers from ~/.docker/config.json"),
	one(`error mounting "([^"\n]{1,200})" to rootfs at "([^"\n]{1,200})"`,
		"$1 of the host cannot be mounted at $2", "check its rights, and that it is a folder where the image has one: ls -ld ${quoted1}"),
	one(`exec: "([^"\n]+)": permission denied`,
		"$1 of the image is not executable", "make it executable and commit that: chmod +x, git update-index --chmod=+x"),
	one(`toomanyrequests|reached your (?:unauthenticated )?pull rate limit`,
		"the registry allows no more pulls for now", "log in to the registry (registry.username, registry.password), or wait"),
	one(`server gave HTTP response to HTTPS client`,
		"the registry speaks HTTP where HTTPS is expected", "give the registry a certificate, or name it in insecure-registries of /etc/docker/daemon.json"),
	one(`x509: .*|certificate signed by unknown authority`,
		"the certificate of the registry is not trusted", "put its authority into /etc/docker/certs.d, or fix the certificate"),
	one(`dial tcp \S+?:(\d+): connect: (connection refused|no route to host|network is unreachable)`,
		"the registry does not answer: $2 on port $1", "check registry.server, that the registry runs, and what firewalls let through"),
	one(`(?:Get|Head|Post|request) .*"?https?://([^/"\s]+)/v2/[^\n]*(?:i/o timeout|context deadline exceeded|Client\.Timeout|request canceled)`,
		"the registry $1 does not answer", "check registry.server, and what firewalls let through"),
	one(`pull access denied for ([^\s,]+)|failed to resolve reference "?([^"\s]+?)"?: pull access denied`,
		"the registry has no image $1$2, or does not let this user pull it", "check image, registry.username and registry.password"),
	one(`no matching manifest for ([^\s]+(?:/[^\s]+)*) in the manifest list|no match for platform in manifest|does not provide the specified platform|does not match the (?:specified|detected host) platform`,
		"the image is not built for the architecture of the host", "set builder.arch to the architectures of all hosts, such as [amd64, arm64]"),
	one(`manifest for (\S+) not found|manifest unknown|failed to resolve reference "?(\S+?)"?: .*not found`,
		"the registry has no such image: $1$2", "mrsk build push builds and pushes it; check --version and image"),
	one(`(?:^|: )(?:unauthorized|denied)(?:: |$)|requested access to the resource is denied|incorrect username or password|401 Unauthorized|no basic auth credentials|[Aa]uthentication required`,
		"the registry refuses the login", "check registry.username and registry.password"),
	one(`exec: "([^"\n]+)": (?:executable file not found|stat )|exec: \\?"?([^"\\\n]+)\\?"?: no such file`,
		"the image has no program $1$2 that can be run", "check cmd and the Dockerfile's ENTRYPOINT and CMD"),
	foreign,
	one(`invalid reference format`,
		"docker takes the name of the image for no name", "check image and --version: lower case, no colon in image"),
	one(`No such container: mrsk-proxy\b`,
		"the host has no proxy", "mrsk proxy boot starts it"),
	one(`No such container: (\S+)`,
		"the host has no container $1", "mrsk status shows what runs there; mrsk accessory boot and mrsk app boot start what is missing"),
	one(`No such image: (\S+)|unable to find image '([^'\n]+)'`,
		"the host has no image $1$2", "mrsk app images lists those that it has"),
}

// The patterns of causes that have other advice on a host than on the operator's machine.
const (
	notInstalled = `docker: (command )?not found|failed to run command ['‘]docker['’]|can't execute 'docker'`
	unreachable  = `[Cc]annot connect to the Docker daemon|failed to connect to the docker API at `
	notAllowed   = `permission denied while trying to connect to the [Dd]ocker`
	diskFull     = `no space left on device`
	notFound     = `lookup ([^\s:]+)(?: on \S+)?: (?:no such host|server misbehaving|Temporary failure in name resolution)`
)

// ofHosts are the causes in what docker printed on a host.
var ofHosts = slices.Concat(building, []rule{
	one(notInstalled,
		"Docker is not installed", "mrsk server bootstrap installs it; so does mrsk setup"),
	one(unreachable,
		"the Docker daemon does not run", "start it: systemctl start docker; why it stopped: journalctl -u docker"),
	one(notAllowed,
		DockerDenied, "mrsk server bootstrap adds the user to the group docker; or log in as another one (ssh.user)"),
	one(diskFull,
		"the disk is full", "see what takes the space: docker system df; mrsk prune all removes what old versions left"),
	one(notFound,
		"the registry is not found: there is no host $1", "check registry.server and the host's DNS"),
}, rules)

// noise are lines that docker prints whether or not something fails.
var noise = regexp.MustCompile(`^(WARNING! Your (?:password|credentials) .*|(?:Configure a credential helper|https://docs\.docker\.com/).*|` +
	`Login (?:Succeeded|did not succeed).*|Unable to find image '[^'\n]*' locally|(?:See|Run) 'docker [^']*--help'.*|` +
	`View build details: .*|Learn more at .*|\S+: Pulling from \S+|[0-9a-f]{12}: .*|Digest: sha256:.*|Status: .*|.*Using --password via the CLI is insecure.*)$`)

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
	return find(ofHosts, strings.Join(kept, ""))
}

// saidByDocker matches lines that docker prints if it cannot run a program. Other lines are the program's.
var saidByDocker = regexp.MustCompile(`^docker: |docker: (?:command )?not found|Error response from daemon|OCI runtime|^error getting credentials`)

// foreignAlone is all that a container prints whose program the kernel could not run.
var foreignAlone = regexp.MustCompile(`^\s*exec \S+: exec format error\s*$`)

// Program finds the cause in what a program in a container printed, and docker before it could run the program.
func Program(text string) Finding {
	if foreignAlone.MatchString(text) {
		return Finding{foreign.cause, foreign.hint}
	}
	var kept []string
	for line := range strings.Lines(text) {
		if saidByDocker.MatchString(line) {
			kept = append(kept, line)
		}
	}
	return find(ofHosts, strings.Join(kept, ""))
}

// find returns the finding of the first rule that matches.
func find(rules []rule, text string) Finding {
	for _, r := range rules {
		if at := r.pattern.FindStringSubmatch(text); at != nil {
			return Finding{expand(r.cause, at), expand(r.hint, at)}
		}
	}
	return Finding{}
}

// expand fills in what a pattern found into a template of a rule.
func expand(template string, found []string) string {
	text := os.Expand(template, func(name string) string {
		number, quoted := strings.CutPrefix(name, "quoted")
		switch n, err := strconv.Atoi(number); {
		case err != nil || n >= len(found):
			return name
		case quoted:
			return quote(found[n])
		default:
			return clip(found[n])
		}
	})
	return strings.TrimRight(text, ": ")
}

// longest is the maximum length in characters of what a finding quotes.
const longest = 200

func clip(text string) string {
	if chars := []rune(text); len(chars) > longest {
		return string(chars[:longest]) + "…"
	}
	return text
}

// quote returns text as one word of a POSIX shell.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// unwell are the reasons why a container did not become healthy. The shell functions await_answer and misdirected
// print what they match.
var unwell = []rule{
	one(`^it listens on port 127\.0\.0\.1:(\d+), not on (\d+): .*`,
		"the app listens on port $1 of its loopback only, and not on $2", "let it listen on 0.0.0.0, in the app's own settings, and set proxy.app_port: $1"),
	one(`^it listens on port (\d+) of its loopback alone: .*`,
		"the app listens on port $1 of its loopback only", "let it listen on 0.0.0.0, in the app's own settings"),
	one(`^it listens on port (\d+), not on (\d+): .*`,
		"the app listens on port $1, not on $2", "set proxy.app_port: $1"),
	one(`^it listens on port (\d+(?: \S+)+), not on (\d+): .*`,
		"the app listens on the ports $1, not on $2", "set proxy.app_port to the one that serves requests"),
	one(`^last probe of (\S+): HTTP/\S+ (3\d\d)\b`,
		"GET $1 answers $2, which leads elsewhere", "let the app answer $1 itself, over HTTP too; or set proxy.healthcheck.path to another path"),
	one(`^last probe of (\S+): HTTP/\S+ (401|403)\b`,
		"GET $1 answers $2", "let the app answer $1 without a login and for any host name; or set proxy.healthcheck.path to another path"),
	one(`^last probe of (\S+): HTTP/\S+ 404\b`,
		"GET $1 answers 404", "set proxy.healthcheck.path to a path that the app has"),
	one(`^last probe of (\S+): HTTP/\S+ (\d+)\b`,
		"GET $1 answers $2", "the log of the container may tell why"),
	one(`^last probe of (\S+): no answer on port \d+ within (\d+) seconds`,
		"GET $1 takes longer than $2 seconds", "raise proxy.healthcheck.timeout, or let the app answer sooner"),
	one(`^last probe of (\S+): no answer on port (\d+)`,
		"nothing answers on port $2", "if the app starts slowly, raise deploy_timeout; if it listens elsewhere, set proxy.app_port"),
}

// neverRan is the whole log of a container whose program the kernel could not run: what starts programs in
// containers says so in its place.
var neverRan = regexp.MustCompile(`:\n  \| exec \S+: exec format error\s*$`)

// tooLate matches what is told of a container that has never been healthy. The last probe of one that ended, or that
// was healthy before, says nothing about its port and its health path.
var tooLate = regexp.MustCompile(`(?m)^container \S+ did not become healthy `)

// Unwell finds the cause in what was told of a container that did not come up, the end of its log included.
func Unwell(text string) Finding {
	if neverRan.MatchString(text) {
		return Finding{foreign.cause, foreign.hint}
	}
	if !tooLate.MatchString(text) {
		return Finding{}
	}
	return find(unwell, text)
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
