package diagnose

import (
	"regexp"
	"slices"
	"strings"
)

// local are the causes for which other advice helps on the operator's machine than on a host.
var local = slices.Concat(building, []rule{
	one(`[Cc]annot connect to the Docker daemon|failed to connect to the docker API at `,
		"the Docker daemon of this machine does not run", "start Docker Desktop, or run systemctl start docker on this machine"),
	one(`permission denied while trying to connect to the [Dd]ocker`,
		"this user may not use Docker on this machine", "run sudo usermod -aG docker $$USER on this machine, and log in again"),
	one(`no space left on device`,
		"the disk of this machine, or of the builder, is full", "docker system df shows what takes the space; docker system prune removes what is unused"),
	one(`lookup ([^\s:]+)(?: on \S+)?: (?:no such host|server misbehaving|Temporary failure in name resolution)`,
		"the registry is not found: there is no host $1", "check registry.server and the DNS of this machine"),
}, rules)

// unbuildable matches the output of a build for another architecture, in which the kernel could not run the shell.
// The step then ends with 255.
var (
	unbuildable = regexp.MustCompile(`(?m)exec \S+: exec format error$`)
	ended255    = regexp.MustCompile(`(?:did not complete successfully: exit|returned a non-zero) code: 255$`)
)

// Local finds the cause in what docker printed on the operator's machine. Docker prints it in the last line.
// Earlier lines may come from programs that a build runs.
func Local(text string) Finding {
	text = strings.TrimSpace(Quiet(text))
	last := text[strings.LastIndexByte(text, '\n')+1:]
	if ended255.MatchString(last) && unbuildable.MatchString(text) {
		return Finding{
			"the builder cannot run programs of the architecture of the image",
			"set builder.remote to a machine of that architecture, or install QEMU on the builder",
		}
	}
	return find(local, last)
}
