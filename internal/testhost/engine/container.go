package engine

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Container is what docker inspect tells of a container, as far as mrsk asks.
type Container struct {
	ID              string `json:"Id"`
	Name            string // with a slash before it
	Created         string
	Path            string
	Args            []string
	State           State
	Image           string // its id
	RestartCount    int    // by the engine, since it was started
	Config          Config
	HostConfig      HostConfig
	NetworkSettings NetworkSettings

	logs   []string
	probes int               // requests to its health check so far
	busy   int               // looks at the proxy's connections that still find some
	routes map[string]string // router to service, of a proxy: what it last took up
	never  bool              // it has never run
}

// State is the State of a container.
type State struct {
	Status                string
	Running               bool
	Pid                   int // 0 if it does not run
	ExitCode              int // of the last run
	StartedAt, FinishedAt string
	Health                *Health
}

// Health is what a health check says.
type Health struct {
	Status string
	Log    []struct {
		ExitCode int
		Output   string
	}
}

// Config is the Config of a container or an image.
type Config struct {
	Image    string
	Hostname string
	Labels   map[string]string
	Env      []string // NAME=value, sorted
}

// HostConfig is the HostConfig of a container.
type HostConfig struct {
	NetworkMode   string
	Binds         []string
	PortBindings  map[string][]PortBinding
	RestartPolicy struct {
		Name              string
		MaximumRetryCount int
	}
	AutoRemove bool `json:",omitempty"`
}

// PortBinding is a port of the host.
type PortBinding struct{ HostIp, HostPort string }

// NetworkSettings is the NetworkSettings of a container.
type NetworkSettings struct{ Networks map[string]*Endpoint }

// Endpoint is a container's place on a network.
type Endpoint struct {
	EndpointID, IPAddress, GlobalIPv6Address string
	Aliases                                  []string
}

const zeroTime = "0001-01-01T00:00:00Z"

func (c *Container) name() string { return strings.TrimPrefix(c.Name, "/") }

// find returns the container of that name or id, or of an id that begins so.
func (e *Engine) find(ref string) *Container {
	for _, c := range e.containers {
		if c.name() == strings.TrimPrefix(ref, "/") || c.ID == ref {
			return c
		}
	}
	for _, c := range e.containers {
		if len(ref) >= 4 && strings.HasPrefix(c.ID, ref) {
			return c
		}
	}
	return nil
}

// each calls do for every container that the call names. As docker does, it goes on after one that
// fails, and prints what it was told for those that succeed.
func (e *Engine) each(x *exchange, do func(*Container) error) error {
	if err := x.need(1, 100); err != nil {
		return err
	}
	var failed error
	for _, ref := range x.args {
		c := e.find(ref)
		err := daemonError("No such container: %s", ref)
		if c != nil {
			err = do(c)
		}
		if err != nil {
			failed = join(failed, err)
			continue
		}
		x.print("%s", ref)
	}
	return failed
}

// join keeps the status of the first failure and the text of both.
func join(a, b error) error {
	var first, second *Failure
	if !errors.As(a, &first) || !errors.As(b, &second) {
		return cmp.Or(a, b)
	}
	return &Failure{first.Status, first.Text + second.Text}
}

func (e *Engine) runContainer(x *exchange) error {
	c, err := e.make(x)
	if err != nil {
		return err
	}
	if !x.has("detach") {
		return e.runOnce(x, c)
	}
	if err := e.launch(c); err != nil {
		return &Failure{125, "docker: " + err.Error() + ".\n"}
	}
	x.print("%s", c.ID)
	return nil
}

func (e *Engine) createContainer(x *exchange) error {
	c, err := e.make(x)
	if err != nil {
		return err
	}
	x.print("%s", c.ID)
	return nil
}

// make makes a container out of the options of docker run or create.
func (e *Engine) make(x *exchange) (*Container, error) {
	if err := x.need(1, 1000); err != nil {
		return nil, err
	}
	image := e.image(x.args[0])
	if image == nil {
		if err := e.fetch(x.args[0]); err != nil {
			return nil, &Failure{125, "Unable to find image locally\ndocker: " + err.Error() + ".\n"}
		}
		image = e.image(x.args[0])
	}
	c := &Container{ID: e.id(), Created: e.now(), Image: image.ID, never: true, routes: map[string]string{}}
	c.Name = "/" + cmp.Or(x.get("name"), "random_"+c.ID[:6])
	if e.find(c.name()) != nil {
		return nil, &Failure{125, fmt.Sprintf("docker: Error response from daemon: Conflict. The container name %q is already in use by container %q.\n", c.Name, e.find(c.name()).ID)}
	}
	if err := e.configure(x, c, image); err != nil {
		return nil, err
	}
	e.containers = append(e.containers, c)
	return c, nil
}

func (e *Engine) configure(x *exchange, c *Container, image *Image) (err error) {
	c.Config = Config{Image: x.args[0], Hostname: x.get("hostname"), Labels: maps.Clone(image.Config.Labels)}
	if c.Config.Labels == nil {
		c.Config.Labels = map[string]string{}
	}
	maps.Copy(c.Config.Labels, pairs(x.flags["label"]))
	c.Path, c.Args = cmp.Or(x.get("entrypoint"), image.Program), x.args[1:]
	c.State = State{Status: "created", StartedAt: zeroTime, FinishedAt: zeroTime}
	c.HostConfig.AutoRemove = x.has("rm")
	c.HostConfig.PortBindings = published(x.flags["publish"])
	c.setRestart(cmp.Or(x.get("restart"), "no"))
	if c.Config.Env, err = x.environment(); err != nil {
		return err
	}
	if err := e.mount(x, c, image); err != nil {
		return err
	}
	return e.join(x, c)
}

// join puts the container on its networks.
func (e *Engine) join(x *exchange, c *Container) error {
	c.NetworkSettings.Networks = map[string]*Endpoint{}
	networks := append(x.flags["network"], x.flags["net"]...)
	c.HostConfig.NetworkMode = "bridge"
	if len(networks) > 0 {
		c.HostConfig.NetworkMode = networks[0]
	}
	for _, n := range networks {
		if !slices.Contains(e.networks, n) && !strings.HasPrefix(n, "container:") {
			return &Failure{125, "docker: Error response from daemon: network " + n + " not found.\n"}
		}
		if n != "host" && n != "none" && !strings.HasPrefix(n, "container:") {
			c.NetworkSettings.Networks[n] = &Endpoint{Aliases: slices.Clone(x.flags["network-alias"])}
		}
	}
	return nil
}

// mount makes the volumes that the container names and there are not.
func (e *Engine) mount(x *exchange, c *Container, image *Image) error {
	c.HostConfig.Binds = slices.Clone(x.flags["volume"])
	for _, from := range x.flags["volumes-from"] {
		other := e.find(from)
		if other == nil {
			return &Failure{125, "docker: Error response from daemon: No such container: " + from + ".\n"}
		}
		c.HostConfig.Binds = append(c.HostConfig.Binds, other.HostConfig.Binds...)
	}
	for _, bind := range c.HostConfig.Binds {
		if source, _, _ := strings.Cut(bind, ":"); !strings.HasPrefix(source, "/") {
			e.fill(source, image)
		}
	}
	return nil
}

// fill makes a volume that is not there. As docker does, it copies what the image has in its place into
// one that is empty; here an image has files only for its assets.
func (e *Engine) fill(volume string, image *Image) {
	if e.volumes[volume] == nil {
		e.volumes[volume] = &Volume{Name: volume, Files: map[string]string{}}
	}
	if files := e.volumes[volume].Files; len(files) == 0 {
		maps.Copy(files, image.Files)
	}
}

// environment reads --env and --env-file as docker's own client does, and returns NAME=value, sorted.
func (x *exchange) environment() ([]string, error) {
	env := map[string]string{}
	for _, path := range x.flags["env-file"] {
		text, err := x.Read(path)
		if err != nil {
			return nil, &Failure{125, "docker: open " + path + ": " + err.Error() + "\n"}
		}
		for line := range strings.Lines(string(text)) {
			name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
			env[name] = value
		}
	}
	for _, e := range x.flags["env"] {
		name, value, given := strings.Cut(e, "=")
		if !given {
			value = x.Env(name)
		}
		env[name] = value
	}
	var all []string
	for _, name := range slices.Sorted(maps.Keys(env)) {
		all = append(all, name+"="+env[name])
	}
	return all, nil
}

// published reads [[address:]port:]port.
func published(values []string) map[string][]PortBinding {
	out := map[string][]PortBinding{}
	for _, v := range values {
		i := strings.LastIndex(v, ":")
		host := v[:max(i, 0)]
		j := strings.LastIndex(host, ":")
		inside := v[i+1:] + "/tcp"
		out[inside] = append(out[inside], PortBinding{host[:max(j, 0)], host[j+1:]})
	}
	return out
}

func (c *Container) setRestart(policy string) {
	name, retries, _ := strings.Cut(policy, ":")
	c.HostConfig.RestartPolicy.Name = name
	c.HostConfig.RestartPolicy.MaximumRetryCount, _ = strconv.Atoi(retries)
}

// ports are the host's ports that the container publishes.
func (c *Container) ports() []string {
	var out []string
	for _, bindings := range c.HostConfig.PortBindings {
		for _, b := range bindings {
			if b.HostPort != "" {
				out = append(out, b.HostPort)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
