package image

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"mrsk/internal/config"
)

// builder is the buildx builder that a build uses.
type builder struct {
	name   string // "" is the engine's own
	driver string
	pack   string // image of the buildpacks' builder, "" with a Dockerfile
	local  string // URL of the engine in place of this machine's, "" without one
	remote string // URL of another machine's engine, "" without one
	here   []string
	there  []string // what the remote engine builds for
	engine bool     // the remote engine builds itself, without a builder of buildx
	keeps  bool     // the image stays with the engine, where the next build needs it
}

// UnsupportedError is a way to build that there is not.
type UnsupportedError struct{ What string }

func (e *UnsupportedError) Error() string { return e.What + " is not supported" }

const cloudDriver = "cloud"

// builderFor chooses the builder of s. engine is the architecture of the local engine; it only
// matters where needsEngine says so.
func (s Spec) builderFor(engine string) (builder, error) {
	b := s.Builder
	switch {
	case b.Remote != "":
		return s.remoteBuilder(engine)
	case b.Pack != nil:
		return builder{pack: b.Pack.Builder}, nil
	case strings.HasPrefix(b.Driver, cloudDriver):
		return builder{name: strings.NewReplacer(" ", "-", "/", "-").Replace(b.Driver), driver: b.Driver}, nil
	case b.Driver == "docker":
		return builder{driver: b.Driver}, nil
	}
	driver := driverOf(b)
	return builder{name: "mrsk-local-" + driver, driver: driver}, nil
}

func driverOf(b config.Builder) string {
	if b.Driver == "" {
		return "docker-container"
	}
	return b.Driver
}

// needsEngine reports whether the architecture of the local engine decides where s is built.
func (s Spec) needsEngine() bool {
	return s.Builder.Remote != "" && s.Builder.Local && s.Builder.LocalArch == ""
}

func (s Spec) remoteBuilder(engine string) (builder, error) {
	engine = cmp.Or(s.Builder.LocalArch, engine)
	out := builder{driver: driverOf(s.Builder), remote: s.Builder.Remote}
	for _, arch := range s.Arch {
		if s.Builder.Local && arch == engine {
			out.here = append(out.here, arch)
		} else {
			out.there = append(out.there, arch)
		}
	}
	switch {
	case len(s.Arch) > 0 && len(out.there) == 0:
		local := s
		local.Builder.Remote = ""
		return local.builderFor(engine)
	case len(out.here) > 0:
		if out.driver == "docker" {
			return builder{}, &UnsupportedError{"builder.driver docker for architectures on two machines"}
		}
		out.local = s.Builder.LocalHost
		out.name = fmt.Sprintf("mrsk-hybrid-%s-%s", out.driver, dashed(out.remote))
	default:
		out.name = "mrsk-remote-" + dashed(out.remote)
		out.engine = out.driver == "docker"
	}
	return out, nil
}

var notInNames = regexp.MustCompile(`[^a-z0-9_-]`)

func dashed(url string) string { return notInNames.ReplaceAllString(url, "-") }

// kind is what people call the builder.
func (b builder) kind() string {
	switch {
	case b.remote != "" && len(b.here) > 0:
		return "hybrid"
	case b.remote != "":
		return "remote"
	case b.pack != "":
		return "pack"
	case strings.HasPrefix(b.driver, cloudDriver):
		return "cloud"
	}
	return "local"
}

// stores reports whether the builder has a store of its own, and no engine gets the image.
func (b builder) stores() bool { return b.name != "" && !b.engine }

// endpoint is a docker context through which buildx reaches an engine.
type endpoint struct{ name, host string }

// endpoints are those of the engines that are not this machine's own.
func (b builder) endpoints() []endpoint {
	var all []endpoint
	if b.local != "" {
		all = append(all, endpoint{b.name + "-local-context", b.local})
	}
	if b.remote != "" {
		all = append(all, endpoint{b.name + "-context", b.remote})
	}
	return all
}

func (e endpoint) inspect() command {
	return docker("context", "inspect", e.name, "--format", "{{.Endpoints.docker.Host}}")
}

func (e endpoint) create() command {
	return docker("context", "create", e.name, "--docker", "host="+e.host)
}

func (b builder) inspect() command { return docker("buildx", "inspect", b.name) }

// instance is the builder's name for buildx, which knows each context as a builder, too.
func (b builder) instance() string {
	if b.engine {
		return b.name + "-context"
	}
	return b.name
}

// fits reports whether the text of inspect is about such a builder: it has the engines, and each
// architecture is given to one of them.
func (b builder) fits(inspected string) bool {
	for _, e := range b.endpoints() {
		if !strings.Contains(inspected, e.name) {
			return false
		}
	}
	if len(b.here) == 0 {
		return true
	}
	for _, arch := range slices.Concat(b.here, b.there) {
		if !strings.Contains(inspected, "linux/"+arch+"*") {
			return false
		}
	}
	return true
}

// create returns the commands that make the builder.
func (b builder) create() []command {
	switch {
	case b.name == "":
		return nil
	case b.remote == "" && strings.HasPrefix(b.driver, cloudDriver):
		return []command{docker("buildx", "create", "--driver").with(strings.Fields(b.driver)...)}
	case b.remote == "":
		return []command{b.createLocal()}
	}
	var commands []command
	for _, e := range b.endpoints() {
		commands = append(commands, e.create())
	}
	if b.engine {
		return commands
	}
	if len(b.here) > 0 {
		commands = append(commands, b.createLocal())
	}
	return append(commands, b.createRemote())
}

func (b builder) createLocal() command {
	c := docker("buildx", "create").option("--platform", platforms(b.here)).with("--name", b.name, "--driver="+b.driver)
	if b.local != "" {
		c = c.with(b.endpoints()[0].name)
	}
	return c
}

func (b builder) createRemote() command {
	c := docker("buildx", "create")
	if len(b.here) > 0 {
		c = c.option("--platform", platforms(b.there)).with("--append")
	}
	return c.with("--name", b.name, b.name+"-context")
}

// remove returns the commands that remove the builder; each may fail for want of what it
// removes.
func (b builder) remove() []command {
	if b.name == "" {
		return nil
	}
	var commands []command
	if !b.engine {
		commands = append(commands, docker("buildx", "rm", b.name))
	}
	for _, e := range b.endpoints() {
		commands = append(commands, docker("context", "rm", e.name))
	}
	return commands
}

// plainReason says why s cannot be built without buildx; "" when it can.
func (s Spec) plainReason() string {
	b := s.Builder
	switch {
	case b.Remote != "":
		return "builder.remote"
	case !slices.Contains([]string{"", "docker", "docker-container"}, b.Driver):
		return "builder.driver " + b.Driver
	case len(s.Arch) > 1:
		return "an image for several architectures"
	case len(b.Secrets) > 0:
		return "builder.secrets"
	case b.Cache != nil:
		return "builder.cache"
	case b.SSH != "":
		return "builder.ssh"
	case b.Provenance != "" && b.Provenance != "false":
		return "builder.provenance"
	case b.SBOM != "" && b.SBOM != "false":
		return "builder.sbom"
	case s.output() != "registry" && s.output() != "docker":
		return "the output " + s.output()
	}
	return ""
}
