package image

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"mrsk/internal/config"
	"mrsk/internal/diagnose"
)

// builder describes what builds the image: usually a buildx builder, made of one or two engines.
type builder struct {
	name        string // of the buildx builder; "" is the default one, which the engine provides
	driver      string // of buildx, such as docker-container
	pack        string // builder image of buildpacks; "" with a Dockerfile
	local       string // URL of the local engine, if it is not docker's default; else ""
	remote      string // URL of the engine on another machine; "" without one
	localArchs  []string
	remoteArchs []string
	engine      bool // the remote engine builds by itself, without a builder container
	keepsImage  bool // the engine keeps the image, because the next build uses its layers
}

// UnsupportedError reports a configuration of the build that mrsk does not support.
type UnsupportedError struct{ What string }

func (e *UnsupportedError) Error() string { return e.What + " is not supported" }

const cloudDriver = "cloud"

// builderFor chooses the builder of s. engine is the architecture of the local engine; it may be empty
// unless needsEngine reports true.
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
			out.localArchs = append(out.localArchs, arch)
		} else {
			out.remoteArchs = append(out.remoteArchs, arch)
		}
	}
	switch {
	case len(s.Arch) > 0 && len(out.remoteArchs) == 0:
		local := s
		local.Builder.Remote = ""
		return local.builderFor(engine)
	case len(out.localArchs) > 0:
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

// kind names the kind of builder for `mrsk build details`.
func (b builder) kind() string {
	switch {
	case b.remote != "" && len(b.localArchs) > 0:
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

// machine is where the builder runs.
func (b builder) machine() diagnose.Machine {
	switch {
	case b.remote == "":
		return diagnose.ThisMachine
	case len(b.localArchs) > 0:
		return diagnose.BothBuilders
	}
	return diagnose.RemoteBuilder
}

// hasStore reports whether the builder keeps images in a store of its own instead of an engine's.
func (b builder) hasStore() bool { return b.name != "" && !b.engine }

// endpoint is a docker context through which buildx reaches an engine.
type endpoint struct{ name, host string }

// endpoints returns the docker contexts of all engines other than this machine's default one.
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

// docker returns a docker command for the engine that keeps the images of the builder.
func (b builder) docker(words ...string) command {
	if b.engine {
		return docker("--context", b.instance()).with(words...).asking(b.machine())
	}
	return docker(words...)
}

func (b builder) inspect() command {
	return docker("buildx", "inspect", b.name).asking(b.machine())
}

// instance returns the name by which buildx knows the builder. For buildx, each docker context is a
// builder, too.
func (b builder) instance() string {
	if b.engine {
		return b.name + "-context"
	}
	return b.name
}

// equals reports whether inspected, the output of `docker buildx inspect`, describes this builder: it
// has the same engines and assigns each architecture to one of them.
func (b builder) equals(inspected string) bool {
	for _, e := range b.endpoints() {
		if !strings.Contains(inspected, e.name) {
			return false
		}
	}
	if len(b.localArchs) == 0 {
		return true
	}
	for _, arch := range slices.Concat(b.localArchs, b.remoteArchs) {
		if !strings.Contains(inspected, "linux/"+arch+"*") {
			return false
		}
	}
	return true
}

// create returns the commands that create the builder.
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
	if len(b.localArchs) > 0 {
		commands = append(commands, b.createLocal())
	}
	return append(commands, b.createRemote())
}

func (b builder) createLocal() command {
	c := docker("buildx", "create").option("--platform", platforms(b.localArchs)).with("--name", b.name, "--driver="+b.driver)
	if b.local != "" {
		c = c.with(b.endpoints()[0].name)
	}
	return c
}

func (b builder) createRemote() command {
	c := docker("buildx", "create")
	if len(b.localArchs) > 0 {
		c = c.option("--platform", platforms(b.remoteArchs)).with("--append")
	}
	return c.with("--name", b.name, b.name+"-context")
}

// remove returns the commands that remove the builder. Each fails if what it removes does not exist.
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

// buildxReason names the first setting of s that needs buildx. It is empty if none does.
func (s Spec) buildxReason() string {
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
