package diagnose

import (
	"regexp"
	"slices"
	"strings"
)

// local returns the causes in what docker printed on the operator's machine, which asked the engine of m. Other
// advice helps there than on a host.
func local(m Machine) []rule {
	return slices.Concat(building, []rule{
		one(notInstalled,
			"Docker is not installed on "+m.String(), "install it there: https://docs.docker.com/engine/install"),
		one(unreachable,
			"the Docker daemon of "+m.String()+" does not run", m.Start()),
		one(notAllowed,
			"this user may not use Docker on "+m.String(), m.join()),
		one(diskFull,
			m.full(), "docker system df shows what takes the space; docker system prune removes what is unused"),
		one(notFound,
			"the registry is not found: there is no host $1", "check registry.server and the DNS of "+m.String()),
	}, rules)
}

var locals = map[Machine][]rule{
	ThisMachine: local(ThisMachine), RemoteBuilder: local(RemoteBuilder), BothBuilders: local(BothBuilders), DockerContext: local(DockerContext),
}

// unbuildable matches the output of a build for another architecture, in which the kernel could not run the shell.
// The step then ends with 255.
var (
	unbuildable = regexp.MustCompile(`(?m)exec \S+: exec format error$`)
	ended255    = regexp.MustCompile(`(?:did not complete successfully: exit|returned a non-zero) code: 255$`)
)

// Local finds the cause in what docker printed on the operator's machine, which asked the engine of a machine. Docker
// prints it in the last line. Earlier lines may come from programs that a build runs.
func Local(text string, engine Machine) Finding {
	text = strings.TrimSpace(Quiet(text))
	last := text[strings.LastIndexByte(text, '\n')+1:]
	if ended255.MatchString(last) && unbuildable.MatchString(text) {
		return Finding{
			"the builder cannot run programs of the architecture of the image",
			"set builder.remote to a machine of that architecture, or install QEMU on the builder",
		}
	}
	return find(locals[engine], last)
}
